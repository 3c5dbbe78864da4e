/* Words on the map: names of places, of what was hit, and how long backups last. */
import { clock } from "../base/clock.js";
import { colour, iconOf, stateSymbol } from "../base/icons.js";
import { model, stateAt } from "../base/model.js";
import { sight } from "../base/sight.js";
import { STATE, countdown } from "../base/time.js";
import { placed } from "./placing.js";

const MOST_NAMED = 6;
/** Boxes of the tags drawn last. */
export const tags = [];

/** Label on the map what was hit, and how long important supplies still run. */
export function drawTags(pen, view) {
  const size = 12.5 * (document.documentElement.dataset.theme === "projector" ? 1.45 : 1);
  tags.length = 0;
  edges = [];
  // how long something runs must not hide of how many others that is said
  const rings = placed.groups.map(({ sx, sy, r }) => ({ x: sx - r, y: sy - r, w: 2 * r, h: 2 * r }));
  const hits = placed.symbols.filter((item) => item.state === STATE.HIT);
  const backups = placed.symbols.filter((item) => item.state === STATE.BACKUP && item.grave);
  if (hits.length <= MOST_NAMED) {
    hits.forEach((item) => tag(atEdge(pen, item, view), model.world.assets[item.i].name, "ink", 700));
  }
  backups
    .sort((a, b) => stateAt(a.i).deadline - stateAt(b.i).deadline)
    .slice(0, 12)
    .forEach((item) => {
      const left = stateAt(item.i).deadline - clock.t;
      if (left > 0) tag(item, countdown(left), "backup-text", 700, rings);
    });

  function tag(item, text, token, weight, others = []) {
    const { sx: x, sy: y, r } = item;
    if (x < 0 || y < 0 || x > view.w || y > view.h) return;
    pen.font = `${weight} ${size}px system-ui, sans-serif`;
    text = shortened(pen, text, view.w - 18);
    const w = pen.measureText(text).width + 10;
    const h = size + 6;
    const box = beside(x, y, r, w, h, view);
    if (
      [...tags, ...others].some((b) => b.x < box.x + w && box.x < b.x + b.w && b.y < box.y + h && box.y < b.y + b.h)
    ) {
      return;
    }
    tags.push(box);
    pen.globalAlpha = 0.92;
    pen.fillStyle = colour("plate");
    pen.beginPath();
    pen.roundRect(box.x, box.y, w, h, 4);
    pen.fill();
    pen.globalAlpha = 1;
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    pen.fillStyle = colour(token);
    pen.fillText(text, box.x + 5, box.y + h / 2 + 0.5);
  }
}

/** Right of a symbol, left of it, or below (above) it where neither side has room: never out of the pane. */
function beside(x, y, r, w, h, view) {
  if (x + r + 4 + w < view.w) return { x: x + r + 4, y: y - h / 2, w, h };
  if (x - r - 4 - w > 0) return { x: x - r - 4 - w, y: y - h / 2, w, h };
  const below = y + r + 3 + h < view.h - EDGE.bottom ? y + r + 3 : y - r - 3 - h;
  return { x: Math.max(4, Math.min(view.w - w - 4, x - w / 2)), y: below, w, h };
}

function shortened(pen, text, width) {
  if (pen.measureText(text).width <= width) return text;
  let n = text.length - 1;
  while (n > 3 && pen.measureText(`${text.slice(0, n)}…`).width > width) n--;
  return `${text.slice(0, n).trimEnd()}…`;
}

const EDGE = { left: 64, right: 18, top: 74, bottom: 124 };
let edges = [];

/** What was hit outside the map's view is drawn at its edge, with an arrow towards it. */
function atEdge(pen, item, view) {
  const x = Math.max(EDGE.left, Math.min(view.w - EDGE.right, item.sx));
  let y = Math.max(EDGE.top, Math.min(view.h - EDGE.bottom, item.sy));
  if (item.sx >= 0 && item.sy >= 0 && item.sx <= view.w && item.sy <= view.h) return item;
  while (edges.some((edge) => Math.abs(edge.y - y) < 26 && Math.abs(edge.x - x) < 260) && edges.length < 12) {
    y += y > view.h / 2 ? -26 : 26;
  }
  edges.push({ x, y });
  const r = 9;
  const angle = Math.atan2(item.sy - y, item.sx - x);
  const asset = model.world.assets[item.i];
  pen.save();
  pen.translate(x, y);
  const sign = stateSymbol(STATE.HIT, iconOf(asset), r, 8);
  pen.drawImage(sign, -sign.half, -sign.half, 2 * sign.half, 2 * sign.half);
  pen.rotate(angle);
  pen.fillStyle = colour("hit");
  pen.beginPath();
  pen.moveTo(r + 8, 0);
  pen.lineTo(r + 2, -4.5);
  pen.lineTo(r + 2, 4.5);
  pen.fill();
  pen.restore();
  return { sx: x, sy: y, r: r + 6, i: item.i };
}

// ------------------------------------------------------------- places
export function drawPlaces(pen, at, view, zoom) {
  if (!sight.layers.labels) return;
  const taken = [];
  const large = document.documentElement.dataset.theme === "projector" ? 1.4 : 1;
  const most = zoom < 10.3 ? 1 : zoom < 11.4 ? 2 : zoom < 12.6 ? 3 : 4;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  for (const place of sight.places || []) {
    if (place.rank > most) continue;
    const [x, y] = at(...place.at);
    const size = (place.rank === 1 ? 15 : place.rank === 2 ? 12 : 11) * large;
    if (x < -60 || y < -20 || x > view.w + 60 || y > view.h + 20) continue;
    pen.font = `${place.rank === 1 ? 650 : 500} ${size}px system-ui, sans-serif`;
    const w = pen.measureText(place.name).width / 2 + 4;
    const h = size * 0.8;
    if (taken.some((box) => Math.abs(box.x - x) < box.w + w && Math.abs(box.y - y) < box.h + h)) continue;
    taken.push({ x, y, w, h });
    pen.lineWidth = 3.2;
    pen.strokeStyle = colour("map-halo");
    pen.globalAlpha = 0.85;
    pen.strokeText(place.name, x, y);
    pen.globalAlpha = 1;
    pen.fillStyle = colour("map-label");
    pen.fillText(place.name, x, y);
  }
}
