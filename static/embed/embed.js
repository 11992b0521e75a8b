// The page in a frame: one figure, set up by the parameters of the address. It tells the page
// around it how high it is and what happens, and does what that page asks. docs/embedding.md lists
// the messages.
import { NOT_OPTIONS, RiftLab } from "./rift.js";

const params = new URLSearchParams(location.search);
const figure = new RiftLab();
const KNOWN = ["lab", "scenario", "theme", "height"];
for (const [name, value] of params) {
  // Nothing that comes with an address may be code.
  const isSafe = KNOWN.includes(name) || (/^[a-z][a-z-]*$/.test(name) && !NOT_OPTIONS.test(name));
  if (name === "script") figure.textContent = value;
  else if (isSafe) figure.setAttribute(name, value);
}

const around = window.parent;
const tell = (message) => {
  if (around !== window) around.postMessage({ rift: 1, ...message }, "*");
};

for (const type of ["ready", "event", "violation", "task", "error"]) {
  figure.addEventListener(`rift:${type}`, ({ detail }) => tell({ type, detail }));
}

// Nothing in here goes by the height of the window, so what is told cannot change itself.
new ResizeObserver(() => {
  const { height } = document.documentElement.getBoundingClientRect();
  tell({ type: "height", height: Math.ceil(height) });
}).observe(document.documentElement);

const CALLS = ["play", "pause", "step", "seek", "command", "load", "state", "link"];
addEventListener("message", async ({ source, data }) => {
  if (source !== around || data?.rift !== 1 || !CALLS.includes(data.call)) return;
  const { id, call, args = [] } = data;
  try {
    if (!Array.isArray(args)) throw new TypeError(`rift-lab: ${call}: args wants a list`);
    tell({ type: "answer", id, value: await figure[call](...args) });
  } catch (error) {
    tell({ type: "answer", id, error: error.message });
  }
});

document.body.append(figure);
