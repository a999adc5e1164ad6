// Elements are made here and nowhere else: text is only ever text, so that no name in a study can become markup.
// Characters that turn the direction of what follows them would reorder the page's own words.
const turning = /[\u202A-\u202E\u2066-\u2069]/g;
const plain = child => typeof child === "string" ? child.replace(turning, "\uFFFD") : child;

export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value == null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && typeof value !== "string") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter(child => child != null && child !== false).map(plain));
  return element;
}

export const byId = id => document.getElementById(id);

export const escapeWord = encodeURIComponent;

// What is wrong is thrown as the sentences that the server told.
export async function ask(path, body) {
  let answer;
  try {
    answer = await fetch(path, body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  } catch { throw new Error("The page's program does not answer: it has ended, or was started again. Start `allometry serve` and open the address that it prints."); }
  if (answer.ok) return answer.json();
  const text = await answer.text();
  let problems;
  try { problems = JSON.parse(text).problems; } catch { /* a sentence */ }
  throw new Error(problems ? problems.join("\n") : text || `The page's program answered ${answer.status}.`);
}

export function tell(text, good = false) {
  const place = byId("message");
  place.classList.toggle("good", good);
  place.textContent = text;
  if (text) place.scrollIntoView({ block: "nearest" });
}

// Does something that takes a while: the button rests meanwhile, and what goes wrong is told.
export function doing(button, work) {
  return async () => {
    button.disabled = true;
    tell("");
    try { await work(); } catch (error) { tell(error.message); } finally { button.disabled = false; }
  };
}

export const number = value => value == null ? "–" : value.toLocaleString("en");

export const time = seconds => seconds < 60 ? `${Math.ceil(seconds)} s` : seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
