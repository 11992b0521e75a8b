// Figures of Rift on any page:
//
//   <script type="module" src="https://example.org/rift/rift.js"></script>
//   <rift-lab scenario="split-vote"></rift-lab>
//
// Everything else is beside this file: xtask/src/kit.rs puts its addresses into the table, and the
// looks of figure.css into this script.
// docs/embedding.md says what the attributes are, rift-lab.d.ts what scripts can ask for.

const TABLE = "rift-programs";

const HERE = new URL(".", import.meta.url).href;
// How near a figure comes before its program is loaded: less than a screen.
const NEAR = "400px";
// Said at most so often, in milliseconds.
const TELL_EVERY = 100;
// So much of what happened between two tellings is told.
const STORY_LINES = 32;
// A scenario goes at a speed at which it takes about so many microseconds, what is quiet left out
// of account, but no slower than this.
const TAKES_US = 25e6;
const SLOWEST = 0.01;

const absolute = (address) => new URL(address, HERE).href;
const SANDBOX = absolute("sandbox.html");

// ---- loading ----

// Why something could not be loaded: static/start.js has words for the reasons, and so has this.
class Refusal extends Error {
  constructor(reason, detail) {
    super(detail);
    this.reason = reason;
  }
}

const WORDS = {
  "no-wasm": "This browser has no WebAssembly, or it is switched off.",
  "not-found": "A part of the figure could not be fetched from its server.",
  offline: "The figure could not be fetched: the connection failed.",
  forbidden: "The security policy of this page forbids WebAssembly.",
  "not-a-program": "What the server sent is not the figure’s program.",
  "no-scenario": "There is no such scenario.",
  "no-lab": "There is no such figure.",
  script: "The scenario cannot be played.",
  stopped: "The figure stopped: a fault in its program, not in what it shows. Reload the page.",
  other: "The figure could not be started.",
};

const reasonOf = (error) => {
  if (error.reason) return error.reason;
  // The wording differs between browsers; the name of what forbade it does not.
  if (/Content Security Policy|unsafe-eval|CSP/i.test(error.message)) return "forbidden";
  const broken = [WebAssembly.CompileError, WebAssembly.LinkError];
  return broken.some((kind) => error instanceof kind) ? "not-a-program" : "other";
};

const get = async (address) => {
  let response;
  try {
    response = await fetch(absolute(address));
  } catch (error) {
    throw new Refusal("offline", error.message);
  }
  if (!response.ok) {
    const file = address.split("/").pop();
    throw new Refusal("not-found", `The server answered ${response.status} for ${file}.`);
  }
  return response;
};

// What is made once for all figures; made again if that failed.
const once = (make) => {
  const made = new Map();
  return (key) => {
    if (!made.has(key)) {
      const promise = make(key);
      made.set(key, promise);
      promise.catch(() => made.delete(key));
    }
    return made.get(key);
  };
};

// A module that failed to load may stay failed under its address, so every attempt has another one:
// another fragment makes another instance of the same file.
let attempts = 0;
const glue = (address, again) =>
  import(absolute(address) + (again ? `#${++attempts}` : "")).catch((error) => {
    throw new Refusal("not-found", error.message);
  });

const failed = new Set();

// The program of a lab: one instance for all its figures on this page.
const program = once(async (lab) => {
  if (typeof WebAssembly !== "object") throw new Refusal("no-wasm");
  const { script, wasm } = TABLE.labs[lab];
  try {
    const [module, answer] = await Promise.all([glue(script, failed.has(lab)), get(wasm)]);
    await module.default({ module_or_path: answer });
    return module;
  } catch (error) {
    failed.add(lab);
    throw error;
  }
});

const compiled = once(async (address) => {
  const answer = await get(address);
  // Servers that do not know the type of wasm are forgiven.
  const bytes = await answer.arrayBuffer();
  return WebAssembly.compile(bytes);
});

// The program that looks closer, an instance of its own for each figure: it keeps one run.
const lens = async (lab) => {
  const { script, wasm } = TABLE.labs[lab].lens;
  const [module, code] = await Promise.all([glue(script, true), compiled(wasm)]);
  await module.default({ module_or_path: code });
  return module;
};

// ---- looks ----

// The page's own style sheets, for a shadow root: what they say of the page they say of the figure,
// lengths go by the figure's own size, and widths are those of the figure and not of the window.
// Written by hand or by a minifier, which has ways of its own to say the same.
const forFigure = (css) =>
  css
    .replace(/:root\[data-theme="?(\w+)"?\]/g, ":host([data-theme=$1])")
    .replace(/:root\b/g, ":host")
    .replace(/@media ?\((max|min)-width: ?/g, (_, end) => `@media (width${SIGNS[end]}`)
    .replace(/@media ?\(width ?([<>]=) ?([\d.]+)rem\)/g, "@container (width $1 $2em)")
    .replace(/@media ?\(width ?([<>]=) ?([\d.]+px)\)/g, "@container (width $1 $2)")
    .replace(/(-?[\d.]+)rem\b/g, "calc(var(--rem) * $1)");
const SIGNS = { max: "<=", min: ">=" };

const OWN = "rift-looks";

const sheetOf = (css) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
};
const sheet = once(async (address) => sheetOf(forFigure(await (await get(address)).text())));
let own;
const sheets = async (styles) => {
  const [first, ...others] = await Promise.all([TABLE.style, ...styles].map(sheet));
  return [first, own, ...others];
};

// ---- the element ----

const LABS = Object.keys(TABLE.labs);
// What is passed on as it stands. Any setting of the lab may be an attribute, too.
export const NOT_OPTIONS =
  /^(lab|scenario|theme|height|id|class|style|slot|hidden|title|lang|dir|role|tabindex|part|is|data-.*|aria-.*|on.*)$/;
const SCRIPT = /^\s*rift\s+\d/;
const HEIGHTS = [240, 1200];

const wanted = (name, value, what) => {
  let shown = value instanceof Object || typeof value === "object" ? "an object" : String(value);
  if (value === null) shown = "null";
  if (typeof value === "string") shown = `“${value.trim().slice(0, 40)}”`;
  return new TypeError(`rift-lab: ${name} is ${shown}; it wants ${what}.`);
};

const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting) target.ready.catch(() => {});
    }
  },
  { rootMargin: NEAR },
);

/** See rift-lab.d.ts. */
export class RiftLab extends HTMLElement {
  static observedAttributes = [
    "lab", "scenario", "link", "seed", "servers", "speed",
    "controls", "panels", "theme", "autoplay", "height",
  ];

  static #started = new Set();

  static {
    // A trap leaves a program unusable for all its figures. Any other error is somebody else's.
    const trapped = (error) => {
      if (typeof WebAssembly !== "object" || !(error instanceof WebAssembly.RuntimeError)) return;
      for (const figure of RiftLab.#started) {
        const { script, wasm } = TABLE.labs[figure.#lab];
        const ours = [script, wasm].some((file) => error.stack?.includes(absolute(file)));
        if (ours) figure.#explain(new Refusal("stopped", error.message));
      }
    };
    addEventListener("error", ({ error }) => trapped(error));
    addEventListener("unhandledrejection", ({ reason }) => trapped(reason));
  }

  #poster;
  #root;
  #said;
  #dialogs;
  #program;
  #figure;
  #lab;
  #starting;
  #lens;
  #waiting = [];
  #toldAt = 0;
  #telling;
  #before;

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: "open" });
    this.#poster = make("div", { className: "poster" }, make("slot"));
    this.#root = make("div", { className: "root" });
    this.#said = make("div", { className: "said", role: "status" });
    // Lengths go by the figure's size for what is inside of its parts.
    this.#dialogs = make("div");
    const more = { href: HERE, target: "_blank", rel: "noopener" };
    const guide = make("a", more, "Open in the guide ↗");
    // The run as it is when somebody goes there.
    guide.addEventListener("click", () => (guide.href = this.link() ?? HERE));
    guide.addEventListener("contextmenu", () => (guide.href = this.link() ?? HERE));
    // Likewise, at full window.
    const full = make("a", { ...more, href: SANDBOX }, "Full window ↗");
    for (const type of ["pointerdown", "click", "contextmenu"]) {
      full.addEventListener(type, () => (full.href = this.#fullAddress()));
    }
    // A file from a disk has neither beside it.
    const ways = make("p", { className: "more", hidden: HERE.startsWith("file:") }, guide, full);
    shadow.append(this.#poster, this.#root, this.#said, ways, this.#dialogs);
    shadow.adoptedStyleSheets = [own ??= sheetOf(forFigure(OWN))];
  }

  connectedCallback() {
    this.#dress();
    this.#showPoster();
    near.observe(this);
  }

  disconnectedCallback() {
    near.unobserve(this);
    // A move within the page takes it out and puts it in again.
    queueMicrotask(() => this.isConnected || this.#end());
  }

  attributeChangedCallback(name, before, now) {
    if (before === now || !this.isConnected) return;
    this.#dress();
    if (name === "theme" || name === "height") return;
    this.#end();
    this.#showPoster();
    // Asked anew, it says at once whether the figure is near.
    near.unobserve(this);
    near.observe(this);
  }

  /** Kept when the figure is there and can be played. Asking for it loads it. */
  get ready() {
    this.#starting ??= this.#start().catch((error) => {
      this.#starting = undefined;
      this.#explain(error);
      throw error;
    });
    return this.#starting;
  }

  // -- what scripts ask for --

  play() {
    return this.#do("playing", true);
  }

  pause() {
    return this.#do("playing", false);
  }

  async step(by = "event", back = false) {
    const names = {
      event: ["step", "step-back"],
      change: ["after", "before"],
      task: ["task-after", "task-before"],
    };
    if (typeof by !== "string" || !Object.hasOwn(names, by)) {
      throw wanted("step: by", by, "event, change or task");
    }
    if (typeof back !== "boolean") throw wanted("step: back", back, "true or false");
    return this.#do(names[by][+back]);
  }

  async seek(atUs) {
    if (!Number.isSafeInteger(atUs) || atUs < 0) {
      throw wanted("seek: atUs", atUs, "a whole number of microseconds");
    }
    return this.#do("seek", atUs);
  }

  async command(text) {
    if (typeof text !== "string" || !text.trim()) {
      throw wanted("command: text", text, "a line of a script, such as “crash S1”");
    }
    await this.ready;
    const lens = await this.#ownLens();
    const [link, why] = lens.command(this.link(), text).split("\n");
    if (!link) throw wanted("command: text", text, `a line of a script: ${why}`);
    return this.#do("load", link);
  }

  async load(run) {
    if (typeof run !== "string") throw wanted("load: run", run, "a link or a script");
    await this.ready;
    if (SCRIPT.test(run)) {
      const told = await this.#told(run, "load: run");
      this.#program.unmount(this.#figure);
      return this.#mount(await this.#options(told));
    }
    await this.#do("load", run.trim());
    const { notice } = this.state();
    if (notice.startsWith("This link")) {
      throw wanted("load: run", run, `a link or a script: ${notice}`);
    }
  }

  state() {
    return this.#ask("state") ?? null;
  }

  link() {
    return this.#ask("link") ?? null;
  }

  // -- inside --

  #fullAddress() {
    const run = this.link()?.split("#")[1];
    return run ? `${SANDBOX}#${run}` : `${SANDBOX}?lab=${this.#lab ?? "raft"}`;
  }

  #ask(what, how) {
    return this.#program?.ask(this.#figure, what, how);
  }

  // Has something done, and waits until it is shown: a long way takes several frames.
  async #do(what, how) {
    await this.ready;
    const done = new Promise((resolve) => this.#waiting.push(resolve));
    this.#ask(what, how);
    await done;
    while (this.state()?.arrived === false) {
      await new Promise((resolve) => this.#waiting.push(resolve));
    }
  }

  #dress() {
    const theme = this.getAttribute("theme") ?? "auto";
    if (["light", "dark"].includes(theme)) this.dataset.theme = theme;
    else delete this.dataset.theme;
    // A page that says which colours it has is believed; else the reader's system is.
    const says =
      getComputedStyle(this.parentElement ?? document.body).colorScheme !== "normal" ||
      !!document.querySelector("meta[name=color-scheme]");
    this.toggleAttribute("data-inherits", theme === "auto" && says);
    const height = Number(this.getAttribute("height"));
    const fits = height >= HEIGHTS[0] && height <= HEIGHTS[1];
    this.#root.toggleAttribute("data-height", fits);
    if (fits) this.#root.style.setProperty("--height", `${height}px`);
    const rem = parseFloat(getComputedStyle(this).fontSize) || 16;
    for (const part of this.shadowRoot.children) part.style.setProperty("--rem", `${rem}px`);
  }

  // What is there until the figure is: the author's own picture and words, or the scenario's.
  #showPoster() {
    this.#poster.hidden = false;
    delete this.#poster.dataset.said;
    this.#poster.querySelectorAll(":not(slot)").forEach((part) => part.remove());
    const scenario = this.getAttribute("scenario");
    const given = [...this.children].some((child) => !child.matches("script, pre"));
    this.#poster.toggleAttribute("data-has", given || !!scenario);
    this.#poster.querySelector("slot").hidden = !!this.#inline() && !given;
    const [name, alt] = Object.hasOwn(TABLE.scenarios, scenario)
      ? [scenario, TABLE.scenarios[scenario][1]]
      : [this.#labNamed(), "A figure to play with"];
    if (given || !TABLE.posters || !LABS.includes(TABLE.scenarios[name]?.[0] ?? name)) return;
    const src = absolute(`./posters/${name}.svg`);
    this.#poster.append(make("img", { src, alt, width: 860, height: 456, decoding: "async" }));
  }

  // The lab that the attributes are about, if they say.
  #labNamed() {
    const inline = this.#inline();
    const told = inline
      ? /^\s*lab\s+([\w-]+)/m.exec(inline)?.[1]
      : labOf(this.getAttribute("link"));
    return this.getAttribute("lab") ?? told ?? "raft";
  }

  async #start() {
    const { lab, options, scenario, complaints } = await this.#options();
    this.#complain(complaints);
    const [module, styles] = await Promise.all([program(lab), sheets(TABLE.labs[lab].styles)]);
    if (!this.isConnected) throw new Refusal("other", "The figure was taken out of the page.");
    // With the lens came more of them.
    if (!this.#lens) this.shadowRoot.adoptedStyleSheets = styles;
    this.#root.dataset.lab = lab;
    this.#lab = lab;
    this.#program = module;
    RiftLab.#started.add(this);
    await this.#mount({ options, scenario });
    this.#poster.hidden = true;
    this.#say("rift:ready", { lab });
    // What the program itself left out of the attributes.
    const { notice } = this.state();
    if (notice) this.#say("rift:error", { reason: "attribute", message: notice });
  }

  #mount({ options, scenario }) {
    const host = { page: HERE, scenario, lens: () => this.#ownLens(), tell: () => this.#tell() };
    const shown = new Promise((resolve) => this.#waiting.push(resolve));
    this.#before = undefined;
    this.#root.toggleAttribute("data-few", ["mini", "none"].includes(options.get("controls")));
    this.#figure = this.#program.mount(this.#root, options.toString(), host);
    return shown;
  }

  // `told` is a scenario that takes the place of what the attributes say.
  async #options(told) {
    const complaints = [];
    const options = new URLSearchParams();
    for (const { name, value } of this.attributes) {
      if (!NOT_OPTIONS.test(name)) options.set(name, name === "autoplay" && !value ? "1" : value);
    }
    const check = (name, fits, what) => {
      const value = this.getAttribute(name);
      if (value !== null && !fits(value)) complaints.push(wanted(name, value, what).message);
    };
    const [least, most] = HEIGHTS;
    check("theme", (it) => ["auto", "light", "dark"].includes(it), "auto, light or dark");
    check("height", (it) => it >= least && it <= most, `a number from ${least} to ${most}`);
    const scenario = this.getAttribute("scenario");
    const inline = this.#inline();
    let lab = this.#labNamed();
    if (!inline && scenario !== null) {
      if (!Object.hasOwn(TABLE.scenarios, scenario)) {
        const error = wanted("scenario", scenario, "one that ships; rift list names them");
        throw new Refusal("no-scenario", error.message);
      }
      [lab] = TABLE.scenarios[scenario];
      check("lab", (it) => it === lab, `that of ${scenario}, or none`);
    }
    if (!LABS.includes(lab)) {
      throw new Refusal("no-lab", wanted("lab", lab, LABS.join(", ")).message);
    }
    this.#lab = lab;
    if (inline) {
      told ??= await this.#told(inline, "the scenario");
    } else if (scenario !== null) {
      told ??= await (await get(`./scenarios/${lab}/${scenario}.json`)).json();
    }
    if (told || options.has("link")) {
      const without = "a figure without a scenario or a link, which have their own";
      for (const name of ["seed", "servers"]) check(name, () => false, without);
    }
    if (told) {
      options.set("link", told.run);
      const speed = Math.min(1, Math.max(SLOWEST, told.endsUs / TAKES_US)).toFixed(3);
      if (!options.has("speed")) options.set("speed", speed);
      // Few buttons, but what the scenario is about: where one is in it, and what it asks for.
      if (options.get("controls") === "mini" && !options.has("panels")) {
        options.set("panels", told.tasks.length ? "dials timeline tasks" : "dials timeline");
      }
    }
    return { lab, options, scenario: told, complaints };
  }

  // A scenario of the author's own: in a script element, in a <pre>, or as text.
  #inline() {
    const [part] = this.querySelectorAll('script[type="text/rift"], pre');
    const text = (part ?? this).textContent;
    return SCRIPT.test(text) ? text : undefined;
  }

  // What a script comes to: the lens plays it.
  async #told(script, name) {
    const lens = await this.#ownLens();
    const json = lens.tour(script);
    if (json.startsWith("\n")) {
      const error = wanted(name, script, `to be mended: ${json.trim()}`);
      throw Object.assign(error, { reason: "script" });
    }
    return JSON.parse(json);
  }

  #ownLens() {
    const lab = this.#lab;
    const { styles, lens: closer } = TABLE.labs[lab];
    this.#lens ??= Promise.all([lens(lab), sheets([...styles, ...closer.styles])])
      .then(([module, styles]) => {
        this.shadowRoot.adoptedStyleSheets = styles;
        module.stay_in(this.#dialogs);
        return module;
      })
      .catch((error) => {
        this.#lens = undefined;
        throw error;
      });
    return this.#lens;
  }

  #end() {
    RiftLab.#started.delete(this);
    try {
      this.#program?.unmount(this.#figure);
    } catch {
      // A program that stopped cannot take anything away; what it left goes below.
    }
    this.#program = this.#figure = this.#starting = this.#lens = this.#before = undefined;
    this.#root.replaceChildren();
  }

  // The program calls this after every rendering, and is then still at it.
  #tell() {
    queueMicrotask(() => {
      this.#waiting.splice(0).forEach((resolve) => resolve());
    });
    const due = this.#toldAt + TELL_EVERY - performance.now();
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#toldAt = performance.now();
      if (this.#program) this.#report();
    }, Math.max(0, due));
  }

  // What is new since it was told last, as events.
  #report() {
    const now = {
      story: this.#ask("story", STORY_LINES) ?? [],
      tasks: this.#ask("tasks") ?? [],
      promises: this.#ask("promises") ?? [],
    };
    const before = this.#before;
    this.#before = now;
    if (!before) return;
    const last = (story) => story.at(-1)?.record ?? -1;
    for (const line of now.story) {
      if (line.record > last(before.story)) this.#say("rift:event", line);
    }
    now.promises.forEach((promise, at) => {
      const was = before.promises[at]?.brokenUs ?? null;
      if (promise.brokenUs !== null && was === null) this.#say("rift:violation", promise);
    });
    now.tasks.forEach((task, at) => {
      const was = before.tasks[at]?.doneUs ?? null;
      if (task.doneUs !== null && was === null) this.#say("rift:task", task);
    });
  }

  #say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  // Says in place what was left out of the attributes.
  #complain(complaints) {
    this.#said.replaceChildren(...complaints.map((words) => make("p", {}, words)));
    for (const message of complaints) this.#say("rift:error", { reason: "attribute", message });
  }

  #explain(error) {
    console.error(error);
    const reason = reasonOf(error);
    this.#showPoster();
    const again = make("button", { type: "button" }, "Try again");
    again.hidden = error.reason === "stopped";
    again.addEventListener("click", () => {
      this.#showPoster();
      this.ready.catch(() => {});
    });
    const words = `${WORDS[reason]} ${error.message}`;
    const said = make("div", { className: "said" }, words, again);
    said.setAttribute("role", "alert");
    this.#poster.dataset.said = "";
    this.#poster.append(said);
    this.#say("rift:error", { reason, message: error.message });
  }
}

const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

// A run behind the # begins with the lab's name, its length first (src/link/codec.rs).
const labOf = (link) => {
  const [, run] = /run=\d+\.([\w-]{4,})/.exec(link ?? "") ?? [];
  if (!run) return undefined;
  const beginning = run.slice(0, Math.min(24, run.length - (run.length % 4)));
  const bytes = atob(beginning.replaceAll("-", "+").replaceAll("_", "/"));
  return bytes.slice(1, 1 + bytes.charCodeAt(0));
};

if (!customElements.get("rift-lab")) customElements.define("rift-lab", RiftLab);
