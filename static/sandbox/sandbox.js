// A page with one figure at full window; and challenges, each with its goal above its figure.
//
// `?lab=NAME` or the run behind the # says which laboratory; `?challenge=NAME` which challenge, for
// which `rift publish` has written down how it begins. How far a run has come says the lab's lens,
// which plays it again: nothing in an address can claim it.
(() => {
  "use strict";

  // Graded at most so often, in milliseconds; and not for more than a part of the time.
  const [SOONEST, LATEST, PART] = [300, 5000, 15];

  const byId = (id) => document.getElementById(id);
  const place = byId("app");
  const above = [document.querySelector(".bar"), byId("challenge")];

  // The stage takes what these leave of the window.
  const sizes = new ResizeObserver(() => {
    const height = above.reduce((sum, part) => sum + part.offsetHeight, 0);
    document.documentElement.style.setProperty("--above", `${height}px`);
  });
  above.forEach((part) => sizes.observe(part));

  const begin = () => {
    const script = document.createElement("script");
    script.src = byId("rift-start").dataset.script;
    document.body.append(script);
  };

  const seconds = (us) => `${+(us / 1e6).toFixed(us < 1e6 ? 3 : 1)} s`;
  const acts = (count) => (count === 1 ? "1 act" : `${count} acts`);
  const item = (text) => {
    const line = document.createElement("li");
    line.textContent = text;
    return line;
  };

  const challenged = ({ name, lab, title, goal, tasks, rules, run }) => {
    const { hash } = location;
    if (!hash.startsWith("#run=")) history.replaceState(history.state, "", `#${run}`);
    place.dataset.lab = lab;
    document.title = `${title}: a challenge`;
    byId("challenge-title").textContent = title;
    byId("challenge-goal").textContent = goal;
    byId("challenge-rules").replaceChildren(...rules.map(item));
    const parts = tasks.map((text) => {
      const [line, tick] = [item(""), document.createElement("span")];
      tick.className = "tick";
      tick.ariaHidden = "true";
      line.append(tick, text);
      return line;
    });
    byId("challenge-tasks").replaceChildren(...parts);
    byId("challenge").hidden = false;

    const runNow = () => place.ask?.("link")?.split("#")[1] ?? run;
    const state = byId("challenge-state");
    const show = ({ doneUs, acts: count, tasks: done, foul }) => {
      const current = done.indexOf(null);
      parts.forEach((line, at) => {
        const it = done[at] !== null ? "done" : at === current ? "current" : "open";
        line.dataset.state = it;
        line.firstChild.textContent = it === "done" ? "✓" : "";
      });
      byId("challenge").dataset.state = foul ? "foul" : doneUs === null ? "open" : "done";
      const text = foul
        ? foul
        : doneUs === null
          ? `Not yet${count ? `, after ${acts(count)}` : ""}.`
          : `Done at ${seconds(doneUs)}, with ${acts(count)}.`;
      if (state.textContent !== text) state.textContent = text;
    };

    let [due, wait, known] = [undefined, 0, ""];
    const grade = async () => {
      due = undefined;
      try {
        const lens = await byId(`rift-lens-${lab}`).load();
        const [now, from] = [runNow(), performance.now()];
        const answer = lens.grade(name, now);
        wait = Math.min(LATEST, Math.max(SOONEST, PART * (performance.now() - from)));
        const nothing = { doneUs: null, acts: 0, tasks: tasks.map(() => null) };
        const graded = answer
          ? JSON.parse(answer)
          : { ...nothing, foul: "This is another run. Begin the challenge again." };
        show(graded);
        // The address is the run, so that a reload or a bookmark keeps it.
        const is = `${graded.acts} ${graded.doneUs}`;
        if (known && known !== is) history.replaceState(history.state, "", `#${now}`);
        known = is;
      } catch (error) {
        console.error(error);
        wait = LATEST;
        state.textContent = "The judges could not be loaded. Going on tries again.";
      }
    };
    // The program calls this after every rendering, and is then still at it.
    place.tell = () => {
      due ??= setTimeout(grade, wait);
    };

    byId("challenge-copy").addEventListener("click", async ({ target }) => {
      const link = new URL(`?challenge=${name}#${runNow()}`, location.href).href;
      const field = byId("challenge-link");
      try {
        await navigator.clipboard.writeText(link);
        target.textContent = "Copied";
        setTimeout(() => (target.textContent = "Copy link"), 2000);
      } catch {
        // Then the reader copies it.
        field.value = link;
        field.hidden = false;
        field.select();
      }
    });
    byId("challenge-again").addEventListener("click", () => {
      history.replaceState(history.state, "", `#${run}`);
      place.ask?.("load", run);
    });
  };

  const start = async () => {
    const params = new URLSearchParams(location.search);
    const name = params.get("challenge");
    if (name !== null) {
      try {
        const all = await (await fetch("./challenges.json")).json();
        const found = all.find((challenge) => challenge.name === name);
        if (found) challenged(found);
      } catch (error) {
        // The figure is there all the same.
        console.error(error);
      }
    }
    begin();
  };
  // Which laboratory it is says static/start.js, if no challenge does.
  new MutationObserver(() => {
    for (const link of document.querySelectorAll(".bar nav a")) {
      const lab = new URL(link.href).searchParams.get("lab");
      if (lab === place.dataset.lab) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }).observe(place, { attributeFilter: ["data-lab"] });
  start();
})();
