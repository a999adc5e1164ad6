import { ask, byId, doing, el, escapeWord, number, tell, time } from "./dom.js";
import { overview } from "./overview.js";
import { comparePage, runPage } from "./run.js";
import { startPage } from "./start.js";

// The study that is shown, as far as it is known; pages are chosen by what stands after # in the address.
export const state = { studies: [], study: "", standing: null, rows: new Map(), listeners: new Set() };

export const api = path => `api/studies/${escapeWord(state.study)}${path}`;
export const link = (...parts) => "#/" + parts.map(escapeWord).join("/");

let events = null, leave = null, turns = 0;

function take(standing) {
  if (standing.whole) state.rows.clear();
  for (const row of standing.rows) state.rows.set(row.id, row);
  state.standing = standing;
  header();
  for (const listener of state.listeners) listener(standing.rows);
}

async function open(study) {
  if (state.study === study && events) return;
  events?.close();
  [state.study, events] = [study, null];
  const standing = await ask(api(""));
  if (state.study !== study) return; // a person has gone on to another one meanwhile
  state.rows.clear();
  take(standing);
  listen(standing.version);
}

// The browser itself tries again when the connection is lost; from then on it takes what has changed since the last that it had.
function listen(version) {
  const source = events = new EventSource(api(`/events?since=${version}`));
  source.addEventListener("standing", event => { gone(false); take(JSON.parse(event.data)); });
  source.addEventListener("nothing", () => gone(false));
  source.onerror = () => { if (source === events) gone(true); };
}

function gone(lost) {
  if (document.body.classList.contains("lost") === lost) return;
  document.body.classList.toggle("lost", lost);
  header();
}

const order = ["done", "running", "waiting", "interrupted", "paused", "stopped", "skipped", "failed"];

function header() {
  const { standing } = state, total = state.rows.size, { counts } = standing;
  byId("title").textContent = standing.name;
  document.title = `${counts.done ?? 0}/${total} ${standing.name} – Allometry`;
  const parts = order.filter(name => counts[name]).map(name => `${number(counts[name])} ${name}`);
  const end = standing.secondsLeft == null ? "" : standing.workedOn
    ? `; about ${time(standing.secondsLeft)} left, until ${new Date(Date.now() + 1000 * standing.secondsLeft).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}` : `; about ${time(standing.secondsLeft)} to do`;
  byId("byline").textContent = `${document.body.classList.contains("lost") ? "connection lost, trying again · " : ""}${number(total)} runs: ${parts.join(", ")}${end} · ${standing.workedOn ? "a process is at it" : "nobody is at it"}`;
  byId("progress").replaceChildren(...order.filter(name => counts[name]).map(name => { const part = el("span", { class: name }); part.style.flex = counts[name]; return part; }));
  actions(standing);
}

function actions(standing) {
  const open = ["waiting", "interrupted", "paused"].some(name => standing.counts[name]), key = [standing.workedOn, open, state.study, state.studies.length].join();
  if (byId("actions").dataset.key === key) return;
  byId("actions").dataset.key = key;
  const stop = el("button", { type: "button", id: "stop" }, "Stop after saving"), resume = el("button", { type: "button", id: "resume" }, "Go on");
  stop.onclick = doing(stop, () => ask(api("/stop"), {}).then(() => tell("Stopped; what was done is saved.", true)));
  resume.onclick = doing(resume, () => ask(api("/resume"), {}).then(() => tell("It goes on.", true)));
  const which = el("select", { "aria-label": "Study", onchange: event => { location.hash = link("study", event.target.value); } }, state.studies.map(name => el("option", { value: name, selected: name === state.study }, name)));
  byId("actions").replaceChildren(...[standing.workedOn ? stop : open ? resume : null, state.studies.length > 1 ? which : null].filter(Boolean));
}

function pages(name) {
  const entries = [["study", "Study", link("study", state.study)], ["start", "New study", link("start")]];
  byId("pages").replaceChildren(...entries.map(([key, title, href]) => el("a", { href, "aria-current": key === name ? "page" : null }, title)));
}

async function route() {
  const [name = "study", ...words] = location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
  if (!["study", "run", "compare", "start"].includes(name)) return;
  const turn = ++turns, isOver = () => turn !== turns;
  leave?.();
  leave = null;
  tell("");
  try {
    state.studies = await ask("api/studies");
    if (isOver()) return;
    await open(name === "start" ? state.study || state.studies[0] : words[0] ?? (state.study || state.studies[0]));
    if (isOver()) return;
    pages(name);
    const place = el("div"); // of this page alone: one that a person has left meanwhile writes where nobody sees it
    byId("content").replaceChildren(place);
    const left = await { study: overview, run: runPage, compare: comparePage, start: startPage }[name](place, ...words.slice(1));
    if (isOver()) left?.();
    else leave = left;
  } catch (error) { if (!isOver()) tell(error.message); }
}

addEventListener("hashchange", () => route().then(() => byId("content").focus({ preventScroll: true })).then(() => scrollTo(0, 0)));
addEventListener("keydown", event => {
  if (event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "s") location.hash = link("study", state.study);
  else if (event.key === "n") location.hash = link("start");
  else if (event.key === "/") { event.preventDefault(); byId("find")?.focus(); }
});
route();
