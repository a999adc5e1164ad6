import { ask, doing, el } from "./dom.js";
import { show } from "./blocks.js";
import { api, link, state } from "./page.js";

// A model of T5's kind fills in what the numbered words stand for.
const suggestion = "The <extra_id_0> of the array is <extra_id_1> than zero.";

function writer(run) {
  const prompt = el("textarea", { rows: 2, id: "prompt" }, suggestion), button = el("button", { type: "button" }, "Let it write"), answer = el("div", { "aria-live": "polite" });
  button.onclick = doing(button, async () => {
    const answers = await ask(api(`/runs/${run}/text`), { text: prompt.value });
    answer.replaceChildren(...answers.map(one => el("p", { class: "answer" }, one.output || "(nothing)")));
  });
  return el("section", { id: "section-text" }, el("h2", {}, "Text that it writes"), el("div", { class: "field" }, el("label", { for: "prompt" }, "Text that the model is given"), prompt), button, answer);
}

export async function runPage(place, run) {
  const { title, row, sections } = await ask(api(`/runs/${run}`));
  const body = el("div"), text = el("div");
  place.replaceChildren(el("h2", { class: "page" }, title), el("p", { class: "hint" }, el("a", { href: link("study", state.study) }, "All runs of the study")), body, text);
  const draw = (row, sections) => {
    show(body, sections);
    if (row.state === "done" && !text.firstChild) text.append(writer(run));
  };
  draw(row, sections);
  let busy = false;
  const listener = async rows => {
    if (busy || !rows.some(other => other.id === run)) return;
    busy = true;
    try { const now = await ask(api(`/runs/${run}`)); draw(now.row, now.sections); } catch { /* the header tells that the connection is lost */ } finally { busy = false; }
  };
  state.listeners.add(listener);
  return () => state.listeners.delete(listener);
}

export async function comparePage(place, left, right) {
  const body = el("div");
  place.replaceChildren(el("h2", { class: "page" }, "Two runs side by side"), el("p", { class: "hint" }, el("a", { href: link("run", state.study, left) }, "The first"), " · ", el("a", { href: link("run", state.study, right) }, "The second")), body);
  show(body, await ask(api(`/compare/${left}/${right}`)));
}
