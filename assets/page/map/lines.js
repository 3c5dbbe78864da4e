/* Lines that are hit or dark, drawn on a canvas of their own over the map: a change of state must not redraw woods,
   roads and all other lines, which without a graphics card takes longer than all else. */
import { on } from "../base/bus.js";
import { el } from "../base/elements.js";
import { colour } from "../base/icons.js";
import { model } from "../base/model.js";
import { sight } from "../base/sight.js";
import { basisOf } from "./basis.js";
import { mercator } from "./geometry.js";
import { emptied, onScreen, stage } from "./stage.js";

const HIT = 1;
/** How wide a line is by its service, and how many times that by its state: working, hit, dark. */
const SERVICE_WIDTHS = { electricity: 1, road: 0.8 };
const OTHER_WIDTH = 0.75;
const MINOR_WIDTH = 0.6;
const STATE_WIDTHS = [1.7, 4, 2.6];
/** A net of very many lines would cover a continent: they are thinner there, by zoom. */
const MANY = 2000;
const FAR = { zoom: 4, share: 0.22 };
const NEAR = { zoom: 8, share: 1 };
/** Dashes by how a line is known, in widths of the line. */
export const lineDashes = { declared: null, inferred: [3, 2], assumed: [1, 1.6] };

let canvas = null;
let paths = [];

const serviceWidth = (link) => (link.minor ? MINOR_WIDTH : SERVICE_WIDTHS[link.service] || OTHER_WIDTH);

/** What the map multiplies all widths with at a zoom. */
function share(count, zoom) {
  if (count < MANY) return 1;
  const way = Math.max(0, Math.min(1, (zoom - FAR.zoom) / (NEAR.zoom - FAR.zoom)));
  return FAR.share + way * (NEAR.share - FAR.share);
}

/** The width of working lines, as the map's own layers want it. */
export function quietWidth(count) {
  const known = Object.entries(SERVICE_WIDTHS).flatMap(([service, width]) => [service, width * STATE_WIDTHS[0]]);
  const width = [
    "case",
    ["get", "minor"],
    MINOR_WIDTH * STATE_WIDTHS[0],
    ["match", ["get", "service"], ...known, OTHER_WIDTH * STATE_WIDTHS[0]],
  ];
  return count < MANY
    ? width
    : ["interpolate", ["linear"], ["zoom"], FAR.zoom, ["*", FAR.share, width], NEAR.zoom, width];
}

/** How many px beside its place each link is drawn: circuits on the same towers would hide each other. */
function besideEachOther(links) {
  const shared = new Map();
  return links.map(({ line }) => {
    const key = line.join(" ");
    const nth = shared.get(key) || 0;
    shared.set(key, nth + 1);
    return nth === 0 ? 0 : nth % 2 ? 3 * Math.ceil(nth / 2) : -3 * Math.ceil(nth / 2);
  });
}

/** A line moved sideways, to the right of its direction as the map's `line-offset` has it. */
function moved(points, px) {
  if (!px) return points;
  const along = (a, b) => {
    const [x, y] = [b[0] - a[0], b[1] - a[1]];
    const d = Math.hypot(x, y) || 1;
    return [x / d, y / d];
  };
  return points.map((point, n) => {
    const [x0, y0] = along(points[Math.max(0, n - 1)], points[Math.max(1, n)]);
    const [x1, y1] = along(points[Math.min(n, points.length - 2)], points[Math.min(n + 1, points.length - 1)]);
    const x = -(y0 + y1);
    const y = x0 + x1;
    const d = Math.hypot(x, y) || 1;
    return [point[0] + (x / d) * px, point[1] + (y / d) * px];
  });
}

/** The mercator course of a link, cached: each frame of the map needs it. */
const pathOf = (k) => (paths[k] = paths[k] || model.world.links[k].line.map((spot) => mercator(...spot)));

/**
 * Draw the links that are not working (`link`: a state per link) with a pen: dark lines first, hit ones on top.
 * `at` gives px for mercator, `view` is what the pen's sheet measures in css px.
 */
export function paintLines(pen, link, at, view) {
  const { links } = model.world;
  const wide = share(links.length, stage.map.getZoom());
  const result = [];
  for (let k = 0; k < link.length; k++) if (link[k] && !sight.hiddenServices.has(links[k].service)) result.push(k);
  result.sort((a, b) => Number(link[a] === HIT) - Number(link[b] === HIT) || a - b);
  pen.lineJoin = "round";
  for (const k of result) {
    const points = moved(
      pathOf(k).map(([x, y]) => at(x, y)),
      stage.lineOffsets[k],
    );
    if (!inside(points, view)) continue;
    const width = Math.max(0.8, serviceWidth(links[k]) * STATE_WIDTHS[link[k]] * wide);
    const dash = lineDashes[basisOf(links[k].origin)];
    pen.beginPath();
    points.forEach(([x, y], n) => (n ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.lineCap = dash ? "butt" : "round";
    // its working colour must not show between the dashes
    if (dash) stroke(pen, "map-land", width + 0.5, null);
    stroke(pen, link[k] === HIT ? "hit" : "lost", width, dash);
  }
  pen.setLineDash([]);
}

function stroke(pen, token, width, dash) {
  pen.setLineDash(dash ? dash.map((part) => part * width) : []);
  pen.lineWidth = width;
  pen.strokeStyle = colour(token);
  pen.stroke();
}

function inside(points, { w, h }) {
  let left = Infinity;
  let right = -Infinity;
  let top = Infinity;
  let bottom = -Infinity;
  for (const [x, y] of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return right > -9 && left < w + 9 && bottom > -9 && top < h + 9;
}

/** Draw hit and dark lines now. */
function draw() {
  if (!canvas) return;
  const { pen, w, h } = emptied(canvas, stage.map);
  if (sight.layers.links && !sight.quiet) paintLines(pen, model.course.link, onScreen(), { w, h });
}

on("world", (world) => {
  paths = [];
  stage.lineOffsets = besideEachOther(world.links);
});
on("map", (map) => {
  canvas = el("canvas", { class: "map-sheet", "aria-hidden": "true" });
  map.getCanvas().after(canvas);
  map.on("render", draw);
  draw();
});
on("clock", (now) => {
  if (now.all || now.links.length) draw();
});
for (const topic of ["filter", "theme"]) on(topic, draw);
