import { el, number } from "./dom.js";
import { link, state } from "./page.js";

const perPage = 25;

const columns = [
  ["state", "State", row => row.state], ["shape", "Shape", row => row.shape], ["does", "Does", row => does(row)], ["seed", "Seed", row => row.seed],
  ["step", "Step", row => row.steps ? row.step / row.steps : 0], ["loss", "Loss", row => row.loss ?? Infinity], ["reason", "Why", row => row.reason ?? ""],
];
const numeric = new Set(["seed", "step", "loss"]);

// What one looks for first stands first; otherwise runs are in the order of the plan.
const urgency = row => row.state === "running" ? 0 : row.state === "failed" ? 1 : 2;

export const does = row => [row.stage, row.task, row.from && `from ${row.from}`].filter(Boolean).join(" ");

function line(row, picked, changed) {
  const box = el("input", { type: "checkbox", "aria-label": `Pick ${row.shape} ${does(row)} seed ${row.seed}`, checked: picked.has(row.id) });
  box.onchange = () => { if (box.checked) picked.add(row.id); else picked.delete(row.id); changed(); };
  return el("tr", { "data-run": row.id },
    el("td", {}, box), el("td", {}, el("span", { class: `state ${row.state}` }, row.state)),
    el("td", {}, el("a", { href: link("run", state.study, row.id) }, row.shape)), el("td", {}, does(row)), el("td", { class: "number" }, number(row.seed)),
    el("td", { class: "number" }, `${number(row.step)} / ${number(row.steps)}`), el("td", { class: "number" }, row.loss == null ? "–" : row.loss.toFixed(3)), el("td", { class: "reason" }, row.reason ?? ""));
}

// All runs, found by words and by state, sorted by any column, a page at a time: also ten thousand are quick.
export function runTable(picked, pickedChanged) {
  let sort = null, down = false, page = 0, only = null;
  const find = el("input", { type: "search", id: "find", placeholder: "Find runs: words of shape, stage, task, reason", "aria-label": "Find runs" });
  const states = el("div", { class: "tools", role: "group", "aria-label": "Only runs in this state" }), body = el("tbody"), pager = el("div", { class: "tools" });
  const compare = el("button", { type: "button", disabled: true, onclick: () => { location.hash = link("compare", state.study, ...[...picked].slice(0, 2)); } }, "Compare two");
  const heads = columns.map(([key, title]) => el("th", { scope: "col", class: numeric.has(key) ? "number" : null }, el("button", {
    type: "button", onclick: () => { [sort, down] = sort === key ? [key, !down] : [key, false]; page = 0; update(); },
  }, title)));

  const changed = () => { compare.disabled = picked.size !== 2; pickedChanged(); };

  function chosen() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = [...state.rows.values()].filter(row => (!only || row.state === only) && (words.length === 0 || words.every(word => `${row.id} ${row.shape} ${does(row)} seed ${row.seed} ${row.reason ?? ""}`.toLowerCase().includes(word))));
    if (!sort) return rows.sort((a, b) => urgency(a) - urgency(b));
    const of = columns.find(([key]) => key === sort)[2], sign = down ? -1 : 1;
    return rows.sort((a, b) => { const [x, y] = [of(a), of(b)]; return sign * (x < y ? -1 : x > y ? 1 : 0); });
  }

  function update() {
    const focus = document.activeElement?.closest?.("tr[data-run]") && { run: document.activeElement.closest("tr").dataset.run, box: document.activeElement.matches("input") };
    const rows = chosen(), last = Math.max(0, Math.ceil(rows.length / perPage) - 1);
    page = Math.min(page, last);
    body.replaceChildren(...rows.slice(page * perPage, (page + 1) * perPage).map(row => line(row, picked, changed)));
    if (focus) body.querySelector(`tr[data-run="${CSS.escape(focus.run)}"] ${focus.box ? "input" : "a"}`)?.focus({ preventScroll: true });
    heads.forEach((head, i) => { if (columns[i][0] === sort) head.setAttribute("aria-sort", down ? "descending" : "ascending"); else head.removeAttribute("aria-sort"); });
    tools(rows.length, last);
  }

  function tools(count, last) {
    const { counts } = state.standing, key = JSON.stringify([counts, only]);
    if (states.dataset.key !== key) {
      states.dataset.key = key;
      states.replaceChildren(...Object.keys(counts).sort().map(name => el("button", {
        type: "button", class: `state ${name}`, "aria-pressed": String(only === name), onclick: () => { only = only === name ? null : name; page = 0; update(); },
      }, `${name} ${number(counts[name])}`)));
    }
    const turn = by => () => { page += by; update(); };
    const at = `${page}/${last}/${count}`;
    if (pager.dataset.key === at) return;
    pager.dataset.key = at;
    pager.replaceChildren(...(last === 0 ? [] : [
      el("button", { type: "button", disabled: page === 0, onclick: turn(-1) }, "Earlier"),
      el("span", { class: "hint" }, `${number(page * perPage + 1)}–${number(Math.min(count, (page + 1) * perPage))} of ${number(count)}`),
      el("button", { type: "button", disabled: page === last, onclick: turn(1) }, "Later"),
    ]));
  }

  find.oninput = () => { page = 0; update(); };
  const element = el("section", { id: "section-runs" }, el("h2", {}, "Runs"), el("div", { class: "tools" }, find, compare), states,
    el("div", { class: "scroll", tabindex: "0" }, el("table", { class: "runs" }, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, ""), heads)), body)), pager);
  return { element, update };
}
