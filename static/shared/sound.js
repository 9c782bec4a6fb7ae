/** A short sound of two tones, made by the browser itself: nothing to load. */

export function beep(audio) {
  const volume = audio.createGain();
  volume.connect(audio.destination);
  for (const [pitch, after] of [[660, 0], [880, 0.12]]) {
    const tone = audio.createOscillator();
    const start = audio.currentTime + after;
    tone.frequency.value = pitch;
    tone.connect(volume);
    tone.start(start);
    tone.stop(start + 0.16);
  }
  volume.gain.setValueAtTime(0.0001, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.12, audio.currentTime + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.3);
}
