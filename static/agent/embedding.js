/** What a parent page may set about how the workstation looks in its frame (docs/embedding.md, `configure`). */

let measuring = null;

/** @param {import("./parent.js").Parent} parent @param {{theme?: "auto"|"light"|"dark", autoHeight: boolean}} wishes */
export function configure(parent, {theme, autoHeight}) {
  const root = document.documentElement;
  if (theme) root.dataset.theme = theme;
  if (!autoHeight || measuring) return;
  root.classList.add("auto-height"); // the page is then as high as what it shows, not as its frame
  const page = document.getElementById("desk");
  let told = 0;
  measuring = new ResizeObserver(() => {
    const height = Math.ceil(page.getBoundingClientRect().height);
    if (height !== told) parent.send("resize", {height: (told = height)});
  });
  measuring.observe(page);
}
