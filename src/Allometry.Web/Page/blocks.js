import { el } from "./dom.js";

// Sections as the server sends them; charts are drawn by the reports' script.
const cell = (tag, column, text) => el(tag, { class: column?.numeric ? "number" : text.length > 60 ? "prose" : null }, text);

const table = block => [
  el("div", { class: "scroll", tabindex: "0" }, el("table", {},
    el("thead", {}, el("tr", {}, block.columns.map(column => el("th", { scope: "col", class: column.numeric ? "number" : null }, column.title, column.unit ? el("small", {}, column.unit) : null)))),
    el("tbody", {}, block.rows.map(row => el("tr", {}, row.map((text, i) => cell("td", block.columns[i], text))))))),
  block.note ? el("figcaption", {}, block.note) : null,
];

function figure(block, plots) {
  const plot = plots.get(block.name) ?? el("div", { class: "plot", role: "img" });
  plot.setAttribute("aria-label", block.label);
  return el("figure", { class: `chart ${block.size}`, "data-name": block.name }, el("h3", {}, block.title), plot, block.note ? el("figcaption", {}, block.note) : null);
}

function one(block, plots) {
  if (block.kind === "paragraph") return el("p", { class: block.lead ? "lead" : null }, block.text);
  if (block.kind === "listing") return el("pre", { tabindex: "0" }, el("code", {}, block.text));
  return block.kind === "chart" ? figure(block, plots) : el("figure", { class: block.columns.length === 2 && block.columns[0].title === "Fact" ? "facts" : null }, table(block));
}

const isChart = block => block.kind === "chart";

function whole(section, key, plots) {
  const charts = section.blocks.filter(block => isChart(block) && block.size !== "full"), others = section.blocks.filter(block => !charts.includes(block));
  return el("section", { id: `section-${section.name}`, "data-key": key }, el("h2", {}, section.title), others.map(block => one(block, plots)), charts.length ? el("div", { class: "grid half" }, charts.map(block => one(block, plots))) : null);
}

// Shows sections; what is there already changes in place, so that a person who reads, scrolls or points is not disturbed.
export function show(place, sections) {
  const shown = sections.filter(section => section.blocks.length > 0);
  const plots = new Map([...place.querySelectorAll("figure.chart")].map(figure => [figure.dataset.name, figure.querySelector(".plot")]));
  const old = new Map([...place.children].map(element => [element.id, element]));
  const elements = shown.map(section => {
    const key = JSON.stringify(section.blocks.map(block => isChart(block) ? [block.name, block.note] : block)), there = old.get(`section-${section.name}`);
    return there?.dataset.key === key ? there : whole(section, key, plots);
  });
  if (elements.length !== place.children.length || elements.some((element, i) => place.children[i] !== element)) place.replaceChildren(...elements);
  shown.forEach((section, i) => {
    const drawn = new Map([...elements[i].querySelectorAll("figure.chart")].map(figure => [figure.dataset.name, figure.querySelector(".plot")]));
    section.blocks.filter(isChart).forEach(block => window.drawChart(drawn.get(block.name), block.chart));
  });
}
