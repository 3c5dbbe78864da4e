/* What the selected assets need and who needs them, as thin lines on the map. */
import { on } from "../base/bus.js";
import * as columns from "../base/columns.js";
import { colour } from "../base/icons.js";
import { model, stateAt } from "../base/model.js";
import { selection } from "../base/selection.js";
import { isShown, sight } from "../base/sight.js";
import { STATE } from "../base/time.js";
import { placed, spot } from "./placing.js";

/** No more lines than a look can hold. */
const MOST_NEEDS = 60;
const BASIS = { d: "declared", i: "inferred", a: "assumed" };
const DASHES = { declared: [], inferred: [6, 4], assumed: [1.2, 4] };
/** The needs that were drawn last, for tests. */
export const drawnNeeds = [];

let needAt = null;
let suppliersOf = () => [];
let consumersOf = () => [];

on("world", ({ dependencies: { from, to, service, basis }, assets }) => {
  const need = (n) => ({ n, from: from[n], to: to[n], service: service[n], basis: BASIS[basis[n]] });
  const lookUp = (owners) => {
    const { start, order } = columns.grouped(owners, assets.length);
    return (i) => Array.from(order.subarray(start[i], start[i + 1]));
  };
  [suppliersOf, consumersOf] = [lookUp(to), lookUp(from)];
  needAt = need;
});
/**
 * The dependencies of assets: all that supply them, then whom they supply, those of many people first;
 * at most so many are drawn.
 */
export function needsOf(chosen) {
  const { to } = model.world.dependencies;
  const result = new Set(chosen.flatMap(suppliersOf));
  const suppliers = result.size;
  const served = [...new Set(chosen.flatMap(consumersOf))].filter((n) => !result.has(n));
  served.sort((a, b) => model.world.columns.people[to[b]] - model.world.columns.people[to[a]] || to[a] - to[b]);
  const list = [...result, ...served].slice(0, MOST_NEEDS).map(needAt);
  return { suppliers, consumers: served.length, drawn: list.length, list };
}

/** The current state of a supply, as a colour: without delivery it is lost, without data unknown. */
function supplyToken(i) {
  const { state, delivered } = stateAt(i);
  if (state === STATE.UNKNOWN) return "unknown";
  return delivered <= 0 ? "lost" : delivered < 1 ? "degraded" : "working";
}

/** Thin lines from the selection to its suppliers and consumers, each with a small arrow towards the consumer. */
export function drawNeeds(pen, at) {
  drawnNeeds.length = 0;
  const chosen = selection.assets.map((id) => model.world.index.get(id)).filter((i) => i !== undefined);
  if (!sight.layers.needs || !chosen.length) return;
  const where = (i) => {
    const item = placed.symbolOf.get(i);
    return item ? at(item.x, item.y) : at(...spot(i));
  };
  pen.lineCap = "round";
  const { list } = needsOf(chosen);
  const many = list.length > 20 ? 0.7 : 1;
  for (const { from, to, basis } of list) {
    if (!isShown(from) || !isShown(to)) continue;
    const a = where(from);
    const b = where(to);
    const token = supplyToken(from);
    drawnNeeds.push({ from, to, basis, supply: token });
    for (const [width, line, alpha] of [
      [3.4, "map-halo", 0.7],
      [(token === "working" ? 1.6 : 2) * many, token, 0.95 * many],
    ]) {
      pen.beginPath();
      pen.moveTo(...a);
      pen.lineTo(...b);
      pen.setLineDash(DASHES[basis]);
      pen.lineWidth = width;
      pen.strokeStyle = colour(line);
      pen.globalAlpha = alpha;
      pen.stroke();
    }
    if (Math.hypot(b[0] - a[0], b[1] - a[1]) > 44) arrow(pen, a, b, token);
  }
  pen.setLineDash([]);
  pen.globalAlpha = 1;
}
function arrow(pen, a, b, token) {
  pen.save();
  pen.translate(a[0] + (b[0] - a[0]) * 0.56, a[1] + (b[1] - a[1]) * 0.56);
  pen.rotate(Math.atan2(b[1] - a[1], b[0] - a[0]));
  pen.globalAlpha = 1;
  pen.fillStyle = colour(token);
  pen.beginPath();
  pen.moveTo(4.5, 0);
  pen.lineTo(-3, -3.4);
  pen.lineTo(-3, 3.4);
  pen.fill();
  pen.restore();
}
