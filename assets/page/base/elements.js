/* Elements: made, waited for, and whether they may move. */

const SVG = "http://www.w3.org/2000/svg";
const waiting = new Map();

/** Call `use` once with the element of this id, as soon as Dash has put it on the page. */
export function whenReady(id, use) {
  const element = document.getElementById(id);
  if (element) return use(element);
  if (!waiting.has(id)) waiting.set(id, []);
  waiting.get(id).push(use);
}

function look() {
  for (const [id, uses] of waiting) {
    const element = document.getElementById(id);
    if (!element) continue;
    waiting.delete(id);
    uses.forEach((use) => use(element));
  }
}

/** Watch for elements that come; main.js calls it once. */
export function watchElements() {
  look();
  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
}

/** Make an element: `el("button", {class: "x", onclick: f}, "text", child)`. */
export function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Make an SVG element with attributes. */
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Whether things may move on the screen. */
export const motion = () => !matchMedia("(prefers-reduced-motion: reduce)").matches;
