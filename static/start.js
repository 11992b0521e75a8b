// Starts the program, and says in words why it cannot. Everything it says is in index.html.
//
// A classic script with an address of its own: it runs under a strict content security policy,
// from file:// and in browsers that know no modules, which is exactly when there is something to
// say. A lab's program is named by the link #rift-<lab>, where the build puts its addresses, and
// serves all figures of the lab. A figure is put in its place when that comes near, and at once if
// it is the first of the page or the reader's address is about it.
(() => {
  "use strict";

  // How near a place comes before its lab is loaded: less than a screen.
  const NEAR = "400px";

  const byId = (id) => document.getElementById(id);

  const showFailure = (reason, detail) => {
    const failure = byId("start-failure");
    if (!failure.hidden) return;
    failure.querySelector(`[data-reason="${reason}"]`).hidden = false;
    failure.querySelector(".start-detail").textContent = String(detail || "");
    failure.hidden = false;
  };

  // The program's own panic hook knows more and comes first; this is for traps without a panic.
  const showCrash = (detail) => {
    const crash = byId("crash");
    if (!crash.hidden) return;
    byId("crash-message").textContent = String(detail);
    crash.hidden = false;
  };

  class Refusal extends Error {
    constructor(reason, detail) {
      super(detail);
      this.reason = reason;
    }
  }

  const reasonOf = (error) => {
    if (error.reason) return error.reason;
    // The wording differs between browsers; the name of what forbade it does not.
    if (/Content Security Policy|unsafe-eval|CSP/i.test(error.message)) return "forbidden";
    if (error instanceof WebAssembly.CompileError) return "not-a-program";
    if (error instanceof WebAssembly.LinkError) return "not-a-program";
    return "other";
  };

  const fetchProgram = async (address) => {
    let response;
    try {
      response = await fetch(address);
    } catch (error) {
      throw new Refusal("offline", error);
    }
    if (!response.ok) {
      const file = address.split("/").pop();
      throw new Refusal("not-found", `The server answered ${response.status} for ${file}.`);
    }
    return response;
  };

  const absolute = (address) => new URL(address, document.baseURI).href;

  // A program as wasm-bindgen made it, by the link that knows its addresses.
  const load = async (link, attempt) => {
    const { script, wasm, style } = link.dataset;
    if (style && !link.styled) document.head.append(styleSheet(style));
    link.styled = true;
    const response = fetchProgram(absolute(wasm));
    const glue = import(absolute(script) + attempt).catch((error) => {
      throw new Refusal("not-found", error);
    });
    const [program, answer] = await Promise.all([glue, response]);
    await program.default({ module_or_path: answer });
    return program;
  };

  const styleSheet = (address) =>
    Object.assign(document.createElement("link"), { rel: "stylesheet", href: absolute(address) });

  const programs = {};
  const programOf = (lab) => (programs[lab] ??= load(byId(`rift-${lab}`), ""));

  // The place is the lab's home: without options of its own, its figure follows the address.
  const showLab = async (place) => {
    const { lab } = place.dataset;
    const program = await programOf(lab);
    const { tell } = place;
    const figure = program.mount(place, undefined, { lens: byId(`rift-lens-${lab}`)?.load, tell });
    // What the rest of the page wants to know of it.
    place.ask = (what, how) => program.ask?.(figure, what, how);
  };

  // A scenario, with what is said on its way. Each has a lens of its own, for a lens follows one run.
  let lenses = 0;
  const showTour = async (place) => {
    const { figure: lab, scenario: name, speed } = place.dataset;
    const told = fetchProgram(absolute(`./scenarios/${lab}/${name}.json`)).then((it) => it.json());
    const [program, scenario] = await Promise.all([programOf(lab), told]);
    const options = new URLSearchParams({ link: scenario.run, controls: "mini", autoplay: "0" });
    options.set("panels", "dials,tasks,timeline");
    // So that it takes about half a minute, what is quiet left out of account.
    const usual = Math.min(1, Math.max(0.01, scenario.endsUs / 25e6)).toFixed(3);
    options.set("speed", speed ?? usual);
    const lens = () => load(byId(`rift-lens-${lab}`), `?tour=${(lenses += 1)}`);
    program.mount(place, String(options), { scenario, lens });
  };

  const show = (place) => (place.dataset.lab ? showLab(place) : showTour(place));

  // The lab that the address is about: a run behind the # begins with the lab's name, its length
  // first (src/link/codec.rs); else the parameter says.
  const addressedLab = () => {
    const [, run] = /^#run=\d+\.([\w-]{4,})/.exec(location.hash) || [];
    if (!run) {
      const search = new URLSearchParams(location.search);
      return search.get("lab") ?? (search.has("seed") || search.has("servers") ? "raft" : null);
    }
    const beginning = run.slice(0, Math.min(24, run.length - (run.length % 4)));
    const bytes = atob(beginning.replaceAll("-", "+").replaceAll("_", "/"));
    return bytes.slice(1, 1 + bytes.charCodeAt(0));
  };

  const start = async () => {
    if (location.protocol === "file:") throw new Refusal("opened-as-file");
    if (typeof WebAssembly !== "object") throw new Refusal("no-wasm");
    // A compile error here, with the smallest of all programs, is a policy and nothing else.
    try {
      new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    } catch (error) {
      throw new Refusal("forbidden", error);
    }
    const addressed = addressedLab();
    // A page for any laboratory: its address says which.
    const any = document.querySelector('[data-lab=""]');
    if (any) any.dataset.lab = addressed && byId(`rift-${addressed}`) ? addressed : "raft";
    const places = [...document.querySelectorAll("[data-lab], [data-scenario]")];
    const first = places.find((place) => addressed && place.dataset.lab === addressed) ?? places[0];
    const preloads = document.querySelector("link[rel=preload]");
    if (preloads && (first.dataset.lab ?? first.dataset.figure) !== "raft") {
      // The page preloads one program, which browsers want to be used soon: now it is in the cache
      // for when a place of its comes near.
      const { wasm } = byId("rift-raft").dataset;
      fetchProgram(absolute(wasm)).then((it) => it.blob()).catch(() => {});
    }
    if (first !== places[0]) first.scrollIntoView();
    const near = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) {
          if (!isIntersecting) continue;
          near.unobserve(target);
          show(target).catch((error) => explain(error, target));
        }
      },
      { rootMargin: NEAR },
    );
    const others = places.filter((place) => place !== first);
    await show(first);
    for (const place of others) near.observe(place);
  };

  // A lab's lens, for src/ui/place.rs: a property of its link, and one for all who ask. A module that
  // failed to load may stay failed under its address, so every further attempt has another one.
  for (const link of document.querySelectorAll('link[id^="rift-lens-"]')) {
    let attempts = 0;
    let lens;
    const begin = async () => {
      const attempt = attempts++ ? `?${attempts}` : "";
      try {
        return await load(link, attempt);
      } catch (error) {
        lens = undefined;
        throw error;
      }
    };
    link.load = () => (lens ??= begin());
  }

  // The same figure at full window, with the run as it is when somebody goes there.
  for (const link of document.querySelectorAll("a[data-of]")) {
    const address = link.href;
    const take = () => {
      const place = document.querySelector(`[data-lab=${link.dataset.of}]`);
      const run = place?.ask?.("link")?.split("#")[1];
      if (run) link.href = `${address}#${run}`;
    };
    for (const type of ["pointerdown", "click", "contextmenu"]) link.addEventListener(type, take);
  }

  for (const button of document.querySelectorAll("[data-reload]")) {
    button.addEventListener("click", () => location.reload());
  }
  // A trap leaves the program unusable. Any other error comes from elsewhere (an extension, say)
  // and stops nothing.
  const isTrap = (error) =>
    typeof WebAssembly === "object" &&
    (error instanceof WebAssembly.RuntimeError || error instanceof RangeError);
  addEventListener("error", (event) => isTrap(event.error) && showCrash(event.error));
  addEventListener("unhandledrejection", (event) => isTrap(event.reason) && showCrash(event.reason));

  const explain = (error, place) => {
    console.error(error);
    if (isTrap(error)) showCrash(error);
    // A panic has explained itself already.
    else if (byId("crash").hidden) showFailure(reasonOf(error), error.message);
    // Nothing is loading any more, unless the program had already put its own things there.
    if (place.querySelector(".start-state")) place.hidden = true;
  };
  start().catch((error) => explain(error, byId("app")));
})();
