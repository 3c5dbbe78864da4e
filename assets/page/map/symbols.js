/* Everything on the map that is not normal, drawn on one canvas above it in the same frame:
   symbols and rings of counts (placing.js), hit lines, needs (needs.js), names (names.js), signs that views add. */
import { on } from "../base/bus.js";
import { clock } from "../base/clock.js";
import { el } from "../base/elements.js";
import { colour, iconOf, stateSymbol } from "../base/icons.js";
import { model, stateAt } from "../base/model.js";
import { selection } from "../base/selection.js";
import { isShown, sight } from "../base/sight.js";
import { HOUR } from "../base/time.js";
import { inPolygon, mercator, middle } from "./geometry.js";
import { lineLayers } from "./basis.js";
import { drawPlaces, drawTags, tags } from "./names.js";
import { drawNeeds, drawnNeeds } from "./needs.js";
import { WEIGHT, leftBehind, place, placed, radius, ringRadius, spot } from "./placing.js";
import { emptied, onScreen, stage } from "./stage.js";

let canvas = null;
let layoutKey = "";
let version = 0;
const signers = [];

/** Signs that a view puts on assets: `of(f)`, where `f()` gives `[index, canvas]` for each, the lowest first. */
export const signs = {
  of(f) {
    signers.push(f);
  },
};

/** Where an asset is on the screen now. */
export const screenOf = (i) => onScreen()(...spot(i));

on("world", (world) => {
  if (world.base.places) loadPlaces(world.base.places);
});
// drawn here, after the version has changed: the map itself need not render again for them
on("clock", (now) => {
  if (now.all || now.changed.length) version++;
  drawSymbols();
});
for (const topic of ["filter", "selection", "theme"]) {
  on(topic, () => {
    version++;
    drawSymbols();
  });
}
on("map", (map) => {
  map.on("render", () => {
    stage.dots.moved();
    drawSymbols();
  });
  drawSymbols();
});

async function loadPlaces(address) {
  try {
    const file = await (await fetch(address)).json();
    sight.places = file.features
      .map(({ properties: { name, rank }, geometry: { coordinates } }) => ({
        name,
        rank: rank || 3,
        at: mercator(...coordinates),
        lonlat: coordinates,
      }))
      .sort((a, b) => a.rank - b.rank || a.name.localeCompare(b.name));
    drawSymbols();
  } catch {
    // the map works without names
  }
}

/** Draw now; called on every frame of the map and whenever the clock moves. */
export function drawSymbols() {
  const map = stage.map;
  if (!map || !stage.ready) return;
  if (!canvas) {
    canvas = el("canvas", { class: "symbols", "aria-hidden": "true" });
    map.getCanvasContainer().append(canvas);
  }
  const zoom = map.getZoom();
  const key = `${zoom.toFixed(placed.part ? 1 : 3)} ${version}`;
  if (key !== layoutKey || leftBehind()) {
    layoutKey = key;
    place(zoom);
  }
  stage.dots.draw();
  const { pen, ...view } = emptied(canvas, map);
  const at = onScreen();
  drawPlaces(pen, at, view, zoom);
  if (!sight.quiet) {
    drawNeeds(pen, at);
    drawHitLinks(pen, map);
  }
  for (const item of placed.symbols) drawItem(pen, item, at, view);
  for (const group of placed.groups) drawGroup(pen, group, at);
  drawTags(pen, view);
  drawSelection(pen, at);
  drawSigns(pen, at);
}

function drawItem(pen, item, at, view) {
  const [x, y] = at(item.x, item.y);
  item.sx = x;
  item.sy = y;
  if (x < -30 || y < -30 || x > view.w + 30 || y > view.h + 30) return;
  const [ox, oy] = at(item.x0, item.y0);
  if (Math.hypot(ox - x, oy - y) > item.r * 0.8) {
    pen.beginPath();
    pen.moveTo(ox, oy);
    pen.lineTo(x, y);
    pen.lineWidth = 1;
    pen.strokeStyle = colour("soft");
    pen.globalAlpha = 0.6;
    pen.stroke();
    pen.beginPath();
    pen.arc(ox, oy, 1.8, 0, 7);
    pen.fillStyle = colour("soft");
    pen.fill();
    pen.globalAlpha = 1;
  }
  const asset = model.world.assets[item.i];
  const sign = stateSymbol(
    item.state,
    item.r < 7.5 ? null : iconOf(asset),
    Math.round(item.r * 2) / 2,
    backupStep(item.i),
    asset.origin === "assumption",
  );
  pen.drawImage(sign, x - sign.half, y - sign.half, 2 * sign.half, 2 * sign.half);
}

/** Eighths of the ring: hours left, at most 24 h of them, on a scale that shows the last hours. */
function backupStep(i) {
  const { deadline } = stateAt(i);
  if (deadline < 0) return 8;
  const hours = (deadline - clock.t) / HOUR;
  return Math.max(1, Math.min(8, Math.ceil((hours / 12) * 8)));
}

function drawGroup(pen, group, at) {
  const [x, y] = at(group.x, group.y);
  const n = group.members.length;
  const { counts } = group;
  const r = ringRadius(n, stage.map.getZoom());
  group.sx = x;
  group.sy = y;
  group.r = r;
  pen.beginPath();
  pen.arc(x, y, r + 1.5, 0, 7);
  pen.fillStyle = colour("plate");
  pen.fill();
  let angle = -Math.PI / 2;
  for (const [state, count] of [...counts].sort((a, b) => WEIGHT[b[0]] - WEIGHT[a[0]])) {
    const next = angle + (count / n) * Math.PI * 2;
    pen.beginPath();
    pen.arc(x, y, r - 2, angle, next);
    pen.lineWidth = 5;
    pen.strokeStyle = colour(model.states[state].token);
    pen.stroke();
    angle = next;
  }
  pen.fillStyle = colour("ink");
  pen.font = `700 ${Math.round(r * 0.82)}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  if (n < 1000) pen.fillText(String(n), x, y + 0.5);
  else pen.fillText(`${(n / 1000).toFixed(n < 10_000 ? 1 : 0)}k`, x, y + 0.5, 2 * r - 12);
}

function drawHitLinks(pen, map) {
  if (!sight.layers.links) return;
  const { links } = model.world;
  const { link } = model.course;
  for (let k = 0; k < link.length; k++) {
    if (link[k] !== 1 || sight.hiddenServices.has(links[k].service)) continue;
    const point = map.project(middle(links[k].line));
    const s = radius(map.getZoom()) * 0.8;
    pen.save();
    pen.translate(point.x, point.y);
    pen.rotate(Math.PI / 4);
    for (const [width, token] of [
      [9, "plate"],
      [5, "hit"],
    ]) {
      pen.beginPath();
      pen.moveTo(-s, 0);
      pen.lineTo(s, 0);
      pen.moveTo(0, -s);
      pen.lineTo(0, s);
      pen.lineWidth = width;
      pen.lineCap = "round";
      pen.strokeStyle = colour(token);
      pen.stroke();
    }
    pen.restore();
  }
}

function drawSelection(pen, at) {
  const near = sight.hovered === undefined ? [] : [sight.hovered];
  const many = selection.assets.length > 12;
  const width = many ? 1.6 : 3;
  const chosen = [...selection.assets, ...((selection.opened || {}).assets || [])];
  const marks = [
    ...chosen.map((id) => [model.world.index.get(id), "accent", width]),
    ...near.map((i) => [i, "ink", 1.5]),
  ];
  for (const [i, token, line] of marks) {
    if (i === undefined || i === null) continue;
    const item = placed.symbolOf.get(i);
    const [x, y] = item ? [item.sx, item.sy] : at(...spot(i));
    const r = item ? item.r + (many ? 2.5 : 6) : many ? 6 : 10;
    for (const [w, c] of many
      ? [[line, token]]
      : [
          [line + 2.5, "plate"],
          [line, token],
        ]) {
      pen.beginPath();
      pen.arc(x, y, r, 0, 7);
      pen.lineWidth = w;
      pen.strokeStyle = colour(c);
      pen.stroke();
    }
  }
}

/** Draw the signs of the view on show, each over its asset's symbol. */
function drawSigns(pen, at) {
  for (const [i, sign] of signers.flatMap((f) => f())) {
    const item = placed.symbolOf.get(i);
    const [x, y] = item ? [item.sx, item.sy] : at(...spot(i));
    pen.drawImage(sign, x - sign.half, y - sign.half, 2 * sign.half, 2 * sign.half);
  }
}

// --------------------------------------------------------- positions
/** The asset under a point of the map, or the group of them: `{i}`, `{group}`, `{link}` or null. */
export function hitAt(point, reach) {
  const map = stage.map;
  const r = reach || 6;
  for (const group of placed.groups) {
    if (Math.hypot(group.sx - point.x, group.sy - point.y) <= group.r + 2) return { group };
  }
  for (let n = placed.symbols.length - 1; n >= 0; n--) {
    const item = placed.symbols[n];
    if (Math.hypot(item.sx - point.x, item.sy - point.y) <= item.r + 2) return { i: item.i };
  }
  const i = stage.dots.nearest(point, r);
  if (i >= 0) return { i };
  const box = [
    [point.x - r, point.y - r],
    [point.x + r, point.y + r],
  ];
  const line = map.queryRenderedFeatures(box, { layers: lineLayers })[0];
  return line ? { link: line.id } : null;
}

/** Assets inside a polygon of the map's pixels. */
export function assetsInside(polygon) {
  const result = [];
  const { state } = model.course;
  const xs = polygon.map(([x]) => x);
  const ys = polygon.map(([, y]) => y);
  const [w, e, n, s] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const screen = onScreen();
  for (let i = 0; i < state.length; i++) {
    const item = placed.symbolOf.get(i);
    const [x, y] = item ? [item.sx, item.sy] : screen(...spot(i));
    if (x >= w && x <= e && y >= n && y <= s && isShown(i) && inPolygon([x, y], polygon)) result.push(i);
  }
  return result;
}

/** The current content of the map, for tests and for the picture of the map. */
export const drawnNow = () => ({
  tags: tags.map(({ x, y, w, h }) => ({ x, y, w, h })),
  symbols: placed.symbols.map(({ i, state, sx, sy }) => ({ id: model.world.assets[i].id, state, x: sx, y: sy })),
  groups: placed.groups.length,
  gathered: placed.groups.reduce((sum, group) => sum + group.members.length, 0),
  dots: stage.dots.loudOnes.length,
  needs: [...drawnNeeds],
  ms: model.timing,
});
