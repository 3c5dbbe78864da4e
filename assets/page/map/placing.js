/* Positions of everything that is not normal on the map: symbols by importance, crowded ones spread or in rings. */
import { on } from "../base/bus.js";
import { model } from "../base/model.js";
import { inSight, sight } from "../base/sight.js";
import { STATE } from "../base/time.js";
import { TILE, stage } from "./stage.js";

/** Drawn first to last: what matters most lies on top. */
export const WEIGHT = {
  [STATE.UNKNOWN]: 0,
  [STATE.RESTART]: 2,
  [STATE.REPAIR]: 3,
  [STATE.DEGRADED]: 4,
  [STATE.BACKUP]: 5,
  [STATE.LOST]: 6,
  [STATE.STUCK]: 7,
  [STATE.HIT]: 9,
};
/** Far out, what concerns few people is a small mark; farther out, small marks gather to rings of counts. */
const FULL_FROM = 13.2;
const GATHER_BELOW = 10.4;
const GATHER_PX = 26;
const GATHER_WIDE_PX = 58;
const MANY_PEOPLE = 500;
/**
 * Above this many abnormal assets only those in view are laid out: most symbols, and most in a grave state;
 * the rest are dots.
 */
const MANY = 1500;
const MOST_SYMBOLS = 400;
const MOST_GRAVE = 150;
const MARGIN = 0.25;
const GRAVE = new Set([
  "hospital",
  "heat_plant",
  "water_works",
  "wastewater_plant",
  "telecom_exchange",
  "broadcast_tower",
  "emergency_call_centre",
  "power_plant",
  "substation_hv",
  "substation_ehv",
]);

/** What was placed last, for those who draw it; x and y are mercator, sx and sy px of the map once drawn. */
export const placed = {
  symbols: [],
  groups: [],
  /** The symbol of an asset, by index. */
  symbolOf: new Map(),
  /** What was laid out when only a part was, as mercator [w, n, e, s]. */
  part: null,
};

let lifted = new Uint8Array(0);
let fewHits = true;
let locked = new Set();
let peopleOf = [];
let graveType = new Uint8Array(0);

/** Where an asset is, as mercator. */
export const spot = (i) => [stage.dots.x[i], stage.dots.y[i]];

/** Radius of a full symbol at a zoom, in css px. */
export function radius(zoom) {
  const theme = document.documentElement.dataset.theme === "projector" ? 1.45 : 1;
  return theme * Math.max(7, Math.min(17, 6 + (zoom - 9.5) * 2.2));
}

on("world", (world) => {
  peopleOf = world.columns.people;
  graveType = Uint8Array.from(world.assets, (asset) => (GRAVE.has(asset.type) ? 1 : 0));
  lifted = new Uint8Array(world.assets.length);
});
on("picture", (picture) => {
  locked = new Set((picture.deadlocks || []).flatMap((lock) => lock.assets));
});

/** All that is not plainly working and is to be seen, by index. */
function abnormal() {
  const { state } = model.course;
  const seen = inSight();
  const result = [];
  const unknown = sight.layers.unknown;
  let hits = 0;
  for (let i = 0; i < state.length; i++) {
    if (state[i] === STATE.WORKING) continue;
    if (state[i] === STATE.HIT) hits++;
    if (seen[i] && (unknown || state[i] !== STATE.UNKNOWN)) result.push(i);
  }
  fewHits = hits <= 15;
  return result;
}

/** Whether an asset leads the eye at every zoom: hits, deadlocks, and what many people live on. */
function isGrave(i, state) {
  if ((state === STATE.HIT && fewHits) || (state === STATE.STUCK && locked.has(i))) return true;
  if (state === STATE.STUCK) return peopleOf[i] >= MANY_PEOPLE;
  return state !== STATE.UNKNOWN && (peopleOf[i] >= MANY_PEOPLE || graveType[i] === 1);
}

/** The most important first; equal ones by index. Weight and index in one number: sorting objects is slow. */
function byImportance(drawn) {
  const keys = Float64Array.from(drawn, (i) => {
    const state = model.course.state[i];
    const weight = WEIGHT[state] * 1e7 + Math.min(Math.round(peopleOf[i]), 9e6) + (isGrave(i, state) ? 1e9 : 0);
    return weight * 2 ** 20 + i;
  });
  return Array.from(keys.sort(), (key) => key % 2 ** 20).reverse();
}

function sizeOf(item, r, zoom) {
  if (item.state === STATE.HIT && item.grave) return r * 1.15;
  if (item.grave) return r;
  const grown = Math.max(0, Math.min(1, (zoom - 10.8) / (FULL_FROM - 10.8)));
  return r * (0.42 + 0.46 * grown) * (item.state === STATE.UNKNOWN ? 0.9 : 1);
}

/** What the map shows and a margin around it, as mercator [w, n, e, s]. */
function inView(margin) {
  const {
    zoom,
    centre: [x, y],
    half: [w, h],
  } = stage.dots.view();
  const scale = (TILE * 2 ** zoom) / (1 + 2 * margin);
  return [x - w / scale, y - h / scale, x + w / scale, y + h / scale];
}
const within = ([w, n, e, s], x, y) => x >= w && x <= e && y >= n && y <= s;

/**
 * Put symbols beside each other: positions depend on zoom and states only, not on where the map is.
 * Where there are too many for that, on what is in view: the most important become symbols, others rings of
 * counts or, zoomed in, dots of their state's shape and colour.
 */
export function place(zoom) {
  if (sight.quiet) return placeNothing();
  const scale = TILE * 2 ** zoom;
  const r = radius(zoom);
  const odd = abnormal();
  const { state } = model.course;
  placed.part = odd.length > MANY ? inView(MARGIN) : null;
  const near = placed.part
    ? odd.filter((i) => within(placed.part, stage.dots.x[i], stage.dots.y[i]) || (fewHits && state[i] === STATE.HIT))
    : odd;
  const grave = [];
  const rest = [];
  for (const i of byImportance(near)) (grave.length < MOST_GRAVE && isGrave(i, state[i]) ? grave : rest).push(i);
  const gather = zoom < GATHER_BELOW && near.length > 25;
  placed.groups = gather ? gathered(rest, scale, placed.part ? GATHER_WIDE_PX : GATHER_PX) : [];
  lifted.fill(0);
  for (const group of placed.groups) for (const i of group.members) lifted[i] = 1;
  const alone = [...grave, ...rest.filter((i) => !lifted[i]).slice(0, placed.part ? MOST_SYMBOLS : Infinity)];
  placed.symbols = alone.reverse().map((i) => {
    const item = {
      i,
      state: state[i],
      grave: isGrave(i, state[i]),
      x: stage.dots.x[i] * scale,
      y: stage.dots.y[i] * scale,
    };
    item.r = sizeOf(item, r, zoom);
    item.x0 = item.x;
    item.y0 = item.y;
    lifted[i] = 1;
    return item;
  });
  // small rings may cover their neighbours; large ones must not
  const spread = placed.part ? [...placed.symbols, ...placed.groups] : placed.symbols;
  for (let round = 0; round < 14; round++) if (!pushApart(spread, placed.part ? 64 : 40)) break;
  for (const item of [...placed.symbols, ...placed.groups]) {
    item.x /= scale;
    item.y /= scale;
  }
  for (const item of placed.symbols) {
    item.x0 /= scale;
    item.y0 /= scale;
  }
  placed.symbolOf = new Map(placed.symbols.map((item) => [item.i, item]));
  showDots(state);
}

/** No asset is emphasised: every asset is a quiet dot. */
function placeNothing() {
  placed.symbols = [];
  placed.groups = [];
  placed.symbolOf = new Map();
  placed.part = null;
  lifted.fill(0);
  showDots(new Uint8Array(lifted.length));
}

/** Set which assets the dots need not show. */
function showDots(state) {
  const seen = inSight();
  const visible = sight.layers.unknown ? seen : seen.map((yes, i) => (state[i] === STATE.UNKNOWN ? 0 : yes));
  stage.dots.show(visible, state, lifted);
}

function pushApart(items, cell) {
  let moved = false;
  const grid = new Map();
  items.forEach((item, n) => {
    const key = `${Math.floor(item.x / cell)} ${Math.floor(item.y / cell)}`;
    if (!grid.has(key)) grid.set(key, []);
    grid.get(key).push(n);
  });
  items.forEach((a, n) => {
    const cx = Math.floor(a.x / cell);
    const cy = Math.floor(a.y / cell);
    for (let dx = -1; dx <= 1; dx++) {
      for (let dy = -1; dy <= 1; dy++) {
        for (const m of grid.get(`${cx + dx} ${cy + dy}`) || []) {
          if (m <= n) continue;
          const b = items[m];
          const wish = (a.r + b.r) * (a.grave && b.grave ? 0.92 : 0.72);
          let x = b.x - a.x;
          let y = b.y - a.y;
          let d = Math.hypot(x, y);
          if (d >= wish) continue;
          if (d < 0.01) {
            const angle = (a.i * 2.399) % 6.283;
            x = Math.cos(angle);
            y = Math.sin(angle);
            d = 1;
          }
          const push = Math.min(wish - d, 6) / d;
          const share = b.grave === a.grave ? 0.5 : b.grave ? 0.9 : 0.1;
          a.x -= x * push * share;
          a.y -= y * push * share;
          b.x += x * push * (1 - share);
          b.y += y * push * (1 - share);
          moved = true;
        }
      }
    }
  });
  const reach = 30;
  for (const item of items) {
    const x = item.x - item.x0;
    const y = item.y - item.y0;
    const d = Math.hypot(x, y);
    if (d > reach) {
      item.x = item.x0 + (x / d) * reach;
      item.y = item.y0 + (y / d) * reach;
    }
  }
  return moved;
}

/**
 * Gather what lies closer together than `reach` px, most important first, with a grid of that width;
 * what leads the eye stays on its own.
 */
function gathered(drawn, scale, reach) {
  const cells = new Map();
  const all = [];
  const { state } = model.course;
  const near = reach * reach;
  for (const i of drawn) {
    const x = stage.dots.x[i] * scale;
    const y = stage.dots.y[i] * scale;
    const cx = Math.floor(x / reach);
    const cy = Math.floor(y / reach);
    let first = null;
    // a cell knows the groups of the nine around it, so one look is enough for each of very many assets
    for (const group of cells.get(cx * 2 ** 26 + cy) || []) {
      const gx = group.x - x;
      const gy = group.y - y;
      if (gx * gx + gy * gy < near && (!first || group.n < first.n)) first = group;
    }
    if (!first) {
      first = { n: all.length, x, y, members: [], of: new Uint32Array(model.states.length), counts: null };
      for (let dx = -1; dx <= 1; dx++) {
        for (let dy = -1; dy <= 1; dy++) {
          const key = (cx + dx) * 2 ** 26 + cy + dy;
          if (cells.has(key)) cells.get(key).push(first);
          else cells.set(key, [first]);
        }
      }
      all.push(first);
    }
    first.members.push(i);
    first.of[state[i]]++;
  }
  for (const group of all) group.counts = new Map([...group.of.entries()].filter(([, n]) => n));
  const rings = all.filter((group) => group.members.length > 2);
  // as pushApart wants them
  for (const ring of rings) {
    Object.assign(ring, {
      i: ring.members[0],
      grave: true,
      r: ringRadius(ring.members.length, Math.log2(scale / TILE)),
      x0: ring.x,
      y0: ring.y,
    });
  }
  return rings;
}

/** Radius of a ring for `n` assets, in css px. */
export const ringRadius = (n, zoom) =>
  radius(zoom) * 1.15 + Math.min(placed.part ? 18 : Infinity, Math.sqrt(n) * 1.5);

/** Whether the map shows what was not laid out. */
export function leftBehind() {
  if (!placed.part) return false;
  const [w, n, e, s] = inView(0);
  return w < placed.part[0] || n < placed.part[1] || e > placed.part[2] || s > placed.part[3];
}
