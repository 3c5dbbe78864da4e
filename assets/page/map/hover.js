/* The card beside the pointer: what it is on, in short. */
import { on } from "../base/bus.js";
import { el } from "../base/elements.js";
import { stateMark } from "../base/icons.js";
import { linkState, model, stateCode } from "../base/model.js";
import { selection } from "../base/selection.js";
import { sight } from "../base/sight.js";
import { STATE, thousands } from "../base/time.js";
import { t, tn } from "../base/words.js";
import { cellLines } from "./cells.js";
import { stage } from "./stage.js";
import { LINK_WORDS, basis, lineKind, peopleWords, stateWords } from "./state_words.js";
import { drawSymbols } from "./symbols.js";
import { lineName } from "./things.js";
import { whatIf } from "./what_if.js";

let hover = null;
let over = null;

/** Show what was hit at a point of the map; nothing hides the card. */
export function showHover(hit, point) {
  hover = hover || document.body.appendChild(el("div", { class: "hover-card", "aria-hidden": "true" }));
  // what has its card open needs no second one
  const open =
    hit &&
    hit.i !== undefined &&
    selection.assets.length === 1 &&
    selection.assets[0] === model.world.assets[hit.i].id;
  over = hit && !open ? { hit, point } : null;
  hover.hidden = !over;
  if (!over) return;
  hover.replaceChildren(...linesOf(hit));
  const box = hover.getBoundingClientRect();
  const pane = stage.map.getContainer().getBoundingClientRect();
  const x = pane.left + point.x;
  const y = pane.top + point.y;
  hover.style.left = `${Math.min(x + 16, innerWidth - box.width - 8)}px`;
  hover.style.top = `${y + box.height + 24 > innerHeight ? y - box.height - 12 : y + 16}px`;
}

function linesOf({ group, link, cell, i }) {
  if (group) return groupLines(group);
  if (cell !== undefined) return cellLines(cell);
  return link !== undefined ? linkLines(link) : assetLines(i);
}

function assetLines(i) {
  const asset = model.world.assets[i];
  return [
    el("strong", {}, asset.name),
    el("span", {}, asset.type_label),
    el("span", { class: "state-line" }, stateMark(stateCode(i), 16), stateWords(i)),
    ...peopleWords(asset)
      .slice(0, 2)
      .map((text) => el("span", {}, text)),
    whatIfLine(i),
    el("small", {}, basis(asset)),
  ].filter(Boolean);
}

/** What its knock-out would take on top of all that happens; the words come a moment later. */
function whatIfLine(i) {
  if (stateCode(i) === STATE.HIT) return null;
  const text = whatIf(i, () => {
    if (over && over.hit.i === i) showHover(over.hit, over.point);
  });
  return el("span", { class: "what-if" }, text || t("What if this too? …"));
}

function linkLines(k) {
  const link = model.world.links[k];
  return [
    el("strong", {}, lineName(k)),
    el("span", {}, lineKind(link)),
    el("span", {}, LINK_WORDS[linkState(k)]),
    el("small", {}, basis(link)),
  ];
}

function groupLines(group) {
  return [
    el("strong", {}, tn("{n} asset", "{n} assets", group.members.length)),
    ...[...group.counts].map(([state, n]) =>
      el(
        "span",
        { class: "state-line" },
        stateMark(Number(state), 16),
        `${thousands(n)} ${model.states[state].label}`,
      ),
    ),
    el("small", {}, t("Click to zoom in")),
  ];
}

on("clock", () => {
  if (over && stage.ready) {
    if (over.hit.group) showHover(null);
    else showHover(over.hit, over.point);
  }
});
on("selection", () => {
  if (over) showHover(over.hit, over.point);
});

// what the pointer is on in the graph gets a ring on the map
on("graph", (graph) => {
  const ring = (i) => {
    if (i !== sight.hovered) {
      sight.hovered = i;
      drawSymbols();
    }
  };
  graph.on("mouseover", "node", (event) => ring(event.target.data("i")));
  graph.on("mouseout", "node", () => ring(undefined));
});
