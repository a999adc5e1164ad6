import { el } from "./dom.js";

// A form made of the catalogue: every member of a record is a field, of the widget that its type in words asks for. What is left empty is left out of the recipe.
let serial = 0;
const isWord = type => ["text", "integer", "number", "duration"].includes(type);
const isEmpty = value => value == null || value === "" || (Array.isArray(value) ? value.length === 0 : typeof value === "object" && Object.keys(value).length === 0);

export function form(catalogue, type, value, changed) {
  const kinds = base => catalogue.filter(entry => entry.base === base && !entry.isRecord);
  const record = name => catalogue.find(entry => entry.isRecord && entry.name === name);
  // The kind or record that a value written out is of; null where the catalogue cannot tell.
  const entryOf = (type, name) => kinds(type).find(one => one.name === name && !one.isPreset) ?? (name === "" || kinds(type).length === 0 ? record(type) : null) ?? null;
  const isOpaque = (type, value) => typeof value === "object" && value && !Array.isArray(value) && !type.startsWith("map of ") && !entryOf(type, value.kind ?? "") && !kinds(type).some(one => one.name === value.kind);
  const widget = (type, value, set, id) =>
    isOpaque(type, value) ? raw(value, set, id)
    : type.startsWith("list of ") ? list(type.slice(8), value, set)
    : type.startsWith("map of ") ? map(type.slice(7), value, set)
    : type.includes(" | ") ? choice(type.split(" | "), value, set, id)
    : isWord(type) || (!record(type) && kinds(type).length === 0) ? word(type, value, set, id)
    : thing(type, value, set, id);

  // What no field is made for (a task written out where a mixture may stand) is there as JSON, to be changed as such.
  const raw = (value, set, id) => el("textarea", { id, rows: 6, spellcheck: "false", oninput: event => { try { set(JSON.parse(event.target.value)); event.target.setCustomValidity(""); } catch { event.target.setCustomValidity("This is not JSON yet."); } } }, JSON.stringify(value, null, 2));

  // A value that the widget cannot show (a list where a word is expected) is kept as it is.
  const word = (type, value, set, id) => el("input", {
    id, type: "text", inputmode: type === "integer" ? "numeric" : null, value: typeof value === "object" && value ? JSON.stringify(value) : value ?? "", oninput: event => set(event.target.value),
  });

  const choice = (words, value, set, id) => el("select", { id, onchange: event => set(event.target.value) },
    el("option", { value: "" }, ""), words.map(name => el("option", { value: name, selected: name === value }, name)));

  function list(type, value, set) {
    const items = isEmpty(value) ? [] : Array.isArray(value) ? [...value] : [value], place = el("div");
    const tell = () => set(items.filter(item => !isEmpty(item)));
    const draw = () => place.replaceChildren(...items.map((item, i) => el("div", { class: "item" },
      el("div", {}, widget(type, item, changedItem => { items[i] = changedItem; tell(); })),
      el("button", { type: "button", "aria-label": `Remove number ${i + 1}`, onclick: () => { items.splice(i, 1); tell(); draw(); } }, "×"))),
      el("button", { type: "button", onclick: () => { items.push(""); draw(); place.querySelector(".item:last-of-type input, .item:last-of-type select")?.focus(); } }, "Add"));
    draw();
    return place;
  }

  function map(type, value, set) {
    const items = Object.entries(isEmpty(value) || typeof value !== "object" ? {} : value), place = el("div");
    const tell = () => set(Object.fromEntries(items.filter(([name, item]) => name && !isEmpty(item))));
    const draw = () => place.replaceChildren(...items.map(([name, item], i) => el("div", { class: "item" },
      el("div", {}, el("input", { type: "text", value: name, "aria-label": "Name", oninput: event => { items[i][0] = event.target.value; tell(); } }), widget(type, item, changedItem => { items[i][1] = changedItem; tell(); })),
      el("button", { type: "button", "aria-label": `Remove ${name || "this"}`, onclick: () => { items.splice(i, 1); tell(); draw(); } }, "×"))),
      el("button", { type: "button", onclick: () => { items.push(["", ""]); draw(); } }, "Add"));
    draw();
    return place;
  }

  // One of several kinds, or a record: a word that names it, and its members below, which are made when they are opened.
  function thing(type, value, set, id) {
    let name = typeof value === "string" ? value : value?.kind ?? "", members = typeof value === "object" && value ? { ...value } : {};
    delete members.kind;
    const known = kinds(type), listed = `kinds-${++serial}`, inside = el("div"), details = el("details", {}, el("summary", {}, "written out"), inside);
    const tell = () => set(isEmpty(members) ? name : name ? { kind: name, ...members } : members);
    const entry = () => entryOf(type, name);
    const about = el("span", { class: "about" });
    function draw() {
      const described = entry();
      about.textContent = known.find(one => one.name === name)?.summary ?? "";
      details.hidden = !described?.parameters.length;
      inside.replaceChildren(...(details.open && described ? fields(described, members, tell) : []));
    }
    details.ontoggle = draw;
    details.open = !isEmpty(members);
    const input = el("input", { id, type: "text", list: listed, value: name, placeholder: known.length ? "one of the list" : "a name, or written out below", oninput: event => { name = event.target.value; tell(); draw(); } });
    draw();
    return el("div", {}, input, el("datalist", { id: listed }, known.map(one => el("option", { value: one.name }, one.summary))), about, details);
  }

  // What must or has been said stands open; the rest is made when somebody looks for it.
  function fields(entry, members, tell) {
    const said = parameter => parameter.required || !isEmpty(members[parameter.name]), rest = entry.parameters.filter(parameter => !said(parameter)), inside = el("div");
    const more = el("details", { ontoggle: () => { if (!inside.firstChild) inside.append(...rest.map(parameter => field(parameter, members, tell))); } }, el("summary", {}, `${rest.length} more, which have defaults`), inside);
    return [...entry.parameters.filter(said).map(parameter => field(parameter, members, tell)), ...(rest.length ? [more] : [])];
  }

  function field(parameter, members, tell) {
    const id = `field-${++serial}`, set = changedValue => { if (isEmpty(changedValue)) delete members[parameter.name]; else members[parameter.name] = changedValue; tell(); };
    const simple = !/^(list|map) of /.test(parameter.type);
    const about = el("span", { class: "about" }, `${parameter.description} ${parameter.required ? "(needed)" : parameter.default && parameter.default !== "null" ? `(${parameter.default} where left out)` : ""}`.trim());
    const inner = widget(parameter.type, members[parameter.name], set, id);
    return simple ? el("div", { class: "field" }, el("label", { for: id }, parameter.name, about), inner) : el("fieldset", {}, el("legend", {}, parameter.name), el("div", { class: "field" }, about, inner));
  }

  const root = { ...value };
  return el("div", { class: "form" }, fields(record(type), root, () => changed(root)));
}

// YAML in block style, words quoted where YAML would read something else.
export function yaml(value, indent = "") {
  if (Array.isArray(value)) return value.length === 0 ? " []\n" : "\n" + value.map(item => `${indent}-${below(item, indent)}`).join("");
  if (typeof value === "object" && value) return Object.keys(value).length === 0 ? " {}\n" : "\n" + Object.entries(value).map(([key, item]) => `${indent}${quoted(key)}:${yaml(item, indent + "  ")}`).join("");
  return ` ${quoted(String(value))}\n`;
}

// The first member of an item stands behind its dash.
const below = (item, indent) => { const text = yaml(item, indent + "  "); return text.startsWith("\n") ? " " + text.slice(1 + indent.length + 2) : text; };

const quoted = text => /^-?[A-Za-z0-9_./][A-Za-z0-9_./+\- ]*$/.test(text) && !/\s$/.test(text) && !/^(null|~)$/.test(text) ? text : JSON.stringify(text);
