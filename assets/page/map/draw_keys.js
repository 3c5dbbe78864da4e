/* Box and lasso without a mouse: a cross that the arrow keys move, corners that Enter sets. */
import { on } from "../base/bus.js";
import { el, svg } from "../base/elements.js";
import { model } from "../base/model.js";
import { selection } from "../base/selection.js";
import { t } from "../base/words.js";
import { currentTool, sketch, takeOutline } from "./tools.js";
import { stage } from "./stage.js";

const STEP = 12;
const FAR = 72;
const EDGE = 40;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** Whether the tool draws corner by corner, and no box. */
const isFree = () => currentTool() !== "box";
const HINT = {
  box: t(
    "Drag a box. By keys: arrows move the cross, Shift moves it far, Enter sets a corner, and Enter again selects what is inside.",
  ),
  lasso: t(
    "Draw around what you want. By keys: arrows move the cross, Enter sets a corner, and Enter twice at one place closes it.",
  ),
  area: t(
    "Draw around the area. By keys: arrows move the cross, Enter sets a corner, and Enter twice at one place closes it.",
  ),
};
const NAME = { box: t("Box"), lasso: t("Lasso"), area: t("Area") };

/** Corners set so far and the cross, as places on earth: the map may move beneath them. */
let corners = [];
let cross = null;
let hint = null;

const toScreen = (place) => {
  const p = stage.map.project(place);
  return [p.x, p.y];
};
const toEarth = (spot) => stage.map.unproject(spot);

/** Start of the cross: on the selection if it is in view, else in the centre. */
function start() {
  const box = stage.map.getContainer();
  const [id] = selection.assets;
  const asset = id === undefined ? null : model.world.assets[model.world.index.get(id)];
  const at = asset ? toScreen([asset.lon, asset.lat]) : [-1, -1];
  const seen = at[0] > EDGE && at[1] > EDGE && at[0] < box.clientWidth - EDGE && at[1] < box.clientHeight - EDGE;
  return toEarth(seen ? at : [box.clientWidth / 2, box.clientHeight / 2]);
}

function move([dx, dy], step) {
  const map = stage.map;
  const box = map.getContainer();
  const [x, y] = toScreen(cross);
  const to = [x + dx * step, y + dy * step];
  cross = toEarth(to);
  const over = (v, size) => (v < EDGE ? v - EDGE : v > size - EDGE ? v - size + EDGE : 0);
  const by = [over(to[0], box.clientWidth), over(to[1], box.clientHeight)];
  if (by[0] || by[1]) map.panBy(by, { animate: false });
  draw();
}

/** Return the outline on the screen; a box has its two corners, a lasso what was set so far. */
function outline() {
  const set = corners.map(toScreen);
  if (isFree()) return set;
  const [a, b] = [set[0], toScreen(cross)];
  return a ? [a, [b[0], a[1]], b, [a[0], b[1]]] : [];
}

function draw() {
  const path = outline();
  const [x, y] = toScreen(cross);
  const open = isFree() ? [...path, [x, y]] : path;
  sketch(
    [
      open.length > 1 ? svg("polygon", { points: open.map((p) => p.join(",")).join(" ") }) : null,
      svg("path", { class: "draw-cross", d: `M${x - 14} ${y}H${x + 14}M${x} ${y - 14}V${y + 14}` }),
    ].filter(Boolean),
  );
}

const same = (a, b) => !!a && Math.hypot(a[0] - b[0], a[1] - b[1]) < 4;

function corner(add) {
  const here = toScreen(cross);
  const last = corners.length ? toScreen(corners[corners.length - 1]) : null;
  const lasso = isFree();
  const again = same(last, here);
  if (lasso ? again && corners.length > 2 : corners.length && !again) {
    return takeOutline(outline(), lasso ? "lasso" : "box", add);
  }
  if (!again) corners.push(cross);
  const left = lasso ? Math.max(0, 3 - corners.length) : 1;
  say(
    left
      ? t("Corner {n} set; {left} more to go.", { n: corners.length, left })
      : t("Corner {n} set; Enter again closes.", { n: corners.length }),
  );
  draw();
}

function say(text) {
  if (hint) hint.lastChild.textContent = text;
}

document.addEventListener(
  "keydown",
  (event) => {
    if (!stage.ready || currentTool() === "pan" || document.querySelector("dialog[open]")) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, summary")) {
      return;
    }
    const way = MOVES[event.key];
    const enter = event.key === "Enter";
    // a button that has the focus keeps its Enter until the cross is in use
    if (!way && !(enter && cross)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!cross) {
      cross = start();
      draw();
    }
    if (way) move(way, event.shiftKey ? FAR : STEP);
    else corner(event.shiftKey);
  },
  true,
);

on("tool", (name) => {
  corners = [];
  cross = null;
  if (stage.ready) sketch([]);
  if (hint) hint.remove();
  hint = null;
  if (name === "pan" || !stage.ready) return;
  // the status comes first, so that screen readers announce its text
  hint = stage.map
    .getContainer()
    .appendChild(el("div", { class: "draw-hint", role: "status" }, el("b", {}, NAME[name]), el("span", {})));
  say(HINT[name]);
});
on("map", (map) =>
  map.on("move", () => {
    if (cross) draw();
  }),
);
