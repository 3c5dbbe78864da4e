/* Parts of forms that keep their input while the pane is redrawn. */
import { el, svg } from "../base/elements.js";
import { KINDS, exercise } from "./session.js";

/** The pictogram of a kind of inject. */
export function kindIcon(kind) {
  const [, word, path] = KINDS.find(([name]) => name === kind) || KINDS[0];
  return svg(
    "svg",
    { viewBox: "0 0 24 24", class: "icon ex-icon", role: "img", "aria-label": word },
    svg("path", {
      d: path,
      fill: "none",
      stroke: "currentColor",
      "stroke-width": 2,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    }),
  );
}

/** A form field that keeps its input while the pane is redrawn. */
export function field(tag, key, attributes, ...children) {
  const held = exercise.drafts.get(key);
  const node = el(tag, { "data-key": key, ...attributes }, ...children);
  if (held !== undefined) node.value = held;
  else if (attributes && attributes.value !== undefined) node.value = attributes.value;
  node.addEventListener("input", () => exercise.drafts.set(key, node.value));
  return node;
}
/** Something that opens: noted at the click, as the pane may be redrawn before it has opened. */
export function fold(key, title, ...children) {
  const details = el(
    "details",
    { class: "settings", open: exercise.drafts.get(key) === "1" },
    el("summary", { "data-key": key, onclick: () => exercise.drafts.set(key, details.open ? "" : "1") }, title),
    ...children,
  );
  return details;
}
export const typed = (key) => (exercise.drafts.get(key) || "").trim();
export const forget = (...keys) => keys.forEach((key) => exercise.drafts.delete(key));
export const button = (text, onclick, attributes) => el("button", { type: "button", onclick, ...attributes }, text);
