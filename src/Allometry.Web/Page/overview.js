import { ask, doing, el, number, tell } from "./dom.js";
import { show } from "./blocks.js";
import { api, link, state } from "./page.js";
import { does, runTable } from "./runs.js";

const most = 8, pause = 2000;

// Those that a person has picked; else those that run, filled up with the last ones of the plan that have curves.
function shown(picked) {
  if (picked.size > 0) return [...picked].slice(0, 12);
  const rows = [...state.rows.values()].filter(row => row.step > 0), running = rows.filter(row => row.state === "running").slice(0, most);
  return [...running, ...rows.filter(row => row.state !== "running").slice(running.length - most)].slice(0, most).map(row => row.id);
}

// What went wrong stands above everything else.
function failures(place) {
  const failed = [...state.rows.values()].filter(row => row.state === "failed"), told = failed.slice(0, 5);
  const key = [state.standing.workedOn, ...failed.map(row => row.id)].join();
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  place.replaceChildren(...(failed.length === 0 ? [] : [el("section", { id: "section-failed" }, el("h2", {}, failed.length === 1 ? "A run has failed" : `${number(failed.length)} runs have failed`),
    el("ul", {}, told.map(row => el("li", {}, el("a", { href: link("run", state.study, row.id) }, `${row.shape} ${does(row)} seed ${row.seed}`), `: ${row.reason ?? "no reason is known"}`))),
    failed.length > told.length ? el("p", { class: "hint" }, "The others are in the list of runs below.") : null,
    state.standing.workedOn ? el("p", { class: "hint" }, "When the study has ended or is stopped they can be tried again.") : again())]));
}

// As `allometry run --retry`: with what else is open in the study.
function again() {
  const button = el("button", { type: "button", id: "retry" }, "Try again");
  button.onclick = doing(button, () => ask(api("/resume"), { retry: true }).then(() => tell("What has failed is tried again.", true)));
  return button;
}

// Calls at once, then again whenever asked to, but never twice at a time and never sooner than the pause.
function steadily(work) {
  let waiting = false, busy = false, again = false, ended = false;
  async function go() {
    if (ended) return;
    if (busy || waiting) { again = true; return; }
    [busy, again] = [true, false];
    try { await work(() => ended); } catch { /* the header tells that the connection is lost */ }
    busy = false;
    waiting = true;
    setTimeout(() => { waiting = false; if (again) go(); }, pause);
  }
  return { go, end: () => { ended = true; } };
}

export async function overview(place) {
  const curves = el("div", { id: "curves" }), frontier = el("div", { id: "frontier" }), picked = new Set();
  const drawn = steadily(async ended => {
    const sections = await ask(api(`/curves?runs=${shown(picked).join(",")}`));
    if (!ended()) show(curves, sections);
  });
  const answered = steadily(async ended => {
    const { sections, behind } = await ask(api("/frontier"));
    if (ended()) return;
    show(frontier, sections);
    if (behind) answered.go();
  });
  const table = runTable(picked, drawn.go);
  const wrong = el("div", { id: "wrong" });
  place.replaceChildren(wrong, curves, frontier, table.element);
  const listener = rows => {
    table.update();
    failures(wrong);
    if (rows.some(row => shown(picked).includes(row.id))) drawn.go();
    if (rows.some(row => row.state !== "running")) answered.go();
  };
  state.listeners.add(listener);
  table.update();
  failures(wrong);
  drawn.go();
  answered.go();
  return () => { state.listeners.delete(listener); drawn.end(); answered.end(); };
}
