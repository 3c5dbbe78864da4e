/* What the map shows in a pane beside another view: what the event reached, else the region. If the user moved the
   map, it stays; alone again, it returns to its position before. */
import { on } from "../base/bus.js";
import { model } from "../base/model.js";
import { STATE } from "../base/time.js";
import { currentView } from "../base/views.js";
import { busyBounds, outermost, span } from "./map.js";
import { mapRoom, stage } from "./stage.js";

/** Views beside the map, and the view with the map alone; the others hide it. */
const BESIDE = ["both", "weak", "exercise"];
const ALONE = "map";
const CLOSEST = 14.5;
const PLAIN = new Set([STATE.WORKING, STATE.UNKNOWN]);
const LINK_HIT = 1;
/** The share of what was reached that may lie outside, on each side. */
const FAR_OFF = 0.05;

let isBeside = false;
/** The map's position before it was fitted into a pane, and after the fit: [lon, lat, zoom]. */
let before = null;
let left = null;

function camera() {
  const centre = stage.map.getCenter();
  return [centre.lng, centre.lat, stage.map.getZoom()];
}

const isUntouched = () => !stage.map.isMoving() && camera().every((value, n) => Math.abs(value - left[n]) < 1e-6);

/** The corners of what the event reached, without the few far off, and of all that it hit; null for nothing. */
function reachedBounds() {
  const { world, picture } = model;
  const { states, links } = picture;
  const { lon, lat } = world.columns;
  const bounds = new window.maplibregl.LngLatBounds();
  const reached = new Set();
  states.a.forEach((a, n) => {
    if (!PLAIN.has(states.s[n])) reached.add(a);
    if (states.s[n] === STATE.HIT) bounds.extend([lon[a], lat[a]]);
  });
  links.k.forEach((k, n) => {
    if (links.s[n] === LINK_HIT) world.links[k].line.forEach((spot) => bounds.extend(spot));
  });
  if (!reached.size) return bounds.isEmpty() ? null : bounds;
  const middle = (column) =>
    span(
      Array.from(reached, (a) => column[a]),
      FAR_OFF,
    );
  const [[w, e], [south, n]] = [middle(lon), middle(lat)];
  return bounds.extend([w, south]).extend([e, n]);
}

function follow() {
  const view = currentView();
  const { map } = stage;
  if (!stage.ready || !model.picture || !(view === ALONE || BESIDE.includes(view))) return;
  const isNow = view !== ALONE;
  if (isNow === isBeside) return;
  isBeside = isNow;
  const wasLeft = left && isUntouched();
  map.resize();
  map.setMinZoom(outermost(model.world, map.getContainer()));
  if (!wasLeft) return;
  if (isBeside) {
    before = camera();
    map.fitBounds(reachedBounds() || busyBounds(), { padding: mapRoom(), maxZoom: CLOSEST, animate: false });
  } else {
    map.jumpTo({ center: [before[0], before[1]], zoom: before[2] });
  }
  left = camera();
}

on("map", () => {
  // a position in the address is kept, as if the user had moved the map there
  if (!new URLSearchParams(location.search).has("at")) left = camera();
  follow();
});
on("picture", follow);
// once the pane has its size
on("layout", () => requestAnimationFrame(follow));
