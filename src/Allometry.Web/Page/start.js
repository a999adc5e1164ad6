import { ask, doing, el, number, tell, time } from "./dom.js";
import { form, yaml } from "./form.js";
import { api, link, state } from "./page.js";

export async function startPage(place) {
  const [catalogue, files] = await Promise.all([ask("api/catalogue"), ask("api/recipes")]);
  const text = el("textarea", { rows: 22, id: "yaml", spellcheck: "false" }), fields = el("div"), file = el("input", { type: "text", id: "file", value: "" });
  const readForm = el("button", { type: "button" }, "Take the text over into the form"), plan = el("button", { type: "button" }, "What would it take?"), start = el("button", { type: "button", class: "main", id: "start" }, "Save and start");
  const from = el("select", { id: "from" }, el("option", { value: "" }, `the recipe of ${state.standing.name}`), files.map(name => el("option", { value: name }, name)));

  // An answer that comes after a person has chosen something else is no longer wanted.
  let asked = 0;
  const showForm = async () => {
    const turn = ++asked, tree = await ask("api/recipe/read", { yaml: text.value });
    if (turn === asked) fields.replaceChildren(form(catalogue, "recipe", tree, value => { text.value = yaml(value).trimStart(); }));
  };
  const load = async () => {
    fields.replaceChildren(); // the form of the recipe before must not write over the text of this one
    const turn = ++asked, name = from.value, recipe = await ask(name ? `api/recipe?name=${encodeURIComponent(name)}` : api("/recipe"));
    if (turn !== asked) return;
    text.value = recipe.yaml;
    file.value = name.replace(/[^/]*$/, "mine.yaml");
    await showForm();
  };
  const told = work => () => work().catch(error => tell(error.message));
  from.onchange = told(load);
  readForm.onclick = doing(readForm, showForm);
  plan.onclick = doing(plan, async () => {
    const planned = await ask("api/plan", { file: file.value, yaml: text.value });
    const open = planned.runs.filter(run => !run.done);
    tell(`${number(planned.runs.length)} runs, ${number(open.length)} of them to do: about ${time(planned.totals.secondsToDo)}, ${planned.totals.trainingFlops.toExponential(2)} FLOPs.`, true);
  });
  start.onclick = doing(start, async () => {
    const started = await ask("api/start", { file: file.value, yaml: text.value });
    location.hash = link("study", started.study);
  });

  place.replaceChildren(el("section", {}, el("h2", {}, "A new study"),
    el("div", { class: "field" }, el("label", { for: "from" }, "Begin with"), from),
    el("div", { class: "field" }, el("label", { for: "file" }, "Save as", el("span", { class: "about" }, "A .yaml file under the folder in which the page was started; the recipe's paths are relative to it.")), file),
    el("div", { class: "tools" }, start, plan)),
  el("section", {}, el("h2", {}, "As a form"), el("p", { class: "hint" }, "Every member of a recipe, from the catalogue. What is left empty has its default."), fields),
  el("section", {}, el("h2", {}, "As text"), el("p", { class: "hint" }, "What is saved. The form writes it anew; what you write here the form takes over when asked to."), el("label", { for: "yaml", class: "hint" }, "YAML"), text, el("div", { class: "tools" }, readForm)));
  await load();
}
