// For a page with figures in frames: each frame gets the height that its figure has.
//
//   <script src="https://example.org/rift/frame.js" defer></script>
addEventListener("message", ({ source, data }) => {
  if (data?.rift !== 1 || data.type !== "height" || !(data.height > 0)) return;
  // Whoever speaks must be a frame of this page; it is the only one that it may change.
  const frame = [...document.querySelectorAll("iframe")].find((it) => it.contentWindow === source);
  if (frame) frame.style.height = `${Math.min(data.height, 4000)}px`;
});
