/** Dresses the page in the desk's accent colour, with writing on it that can be read. */

export function dress(accent) {
  const parts = /^#([0-9a-f]{6}|[0-9a-f]{3})$/i.exec(accent ?? "");
  const style = document.documentElement.style;
  if (!parts) {
    style.removeProperty("--accent");
    style.removeProperty("--on-accent");
    return;
  }
  const hex = parts[1].length === 3 ? [...parts[1]].map((each) => each + each).join("") : parts[1];
  const [red, green, blue] = [0, 2, 4].map((at) => linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255));
  const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  style.setProperty("--accent", `#${hex}`);
  // Whichever of the two contrasts more (WCAG 2.2, relative luminance).
  style.setProperty("--on-accent", 1.05 / (light + 0.05) >= (light + 0.05) / 0.0567 ? "#ffffff" : "#12151d");
}

const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
