/* All assets as dots, drawn into one image over the map, which is not redrawn for them. No graphics card is used:
   without one, WebGL takes ten times as long for the same dots. Zoomed out, dots that would hide each other are drawn
   once. */
import { el } from "../base/elements.js";
import { colour as themeColour } from "../base/icons.js";
import { model } from "../base/model.js";
import { STATE } from "../base/time.js";
import { mercator } from "./geometry.js";
import { ASSUMED, HIDDEN, LOUD, Sheet, WORKS, rgb } from "./sheet.js";
import { TILE } from "./stage.js";

/** Up to so many assets all dots are drawn at any zoom, in the order of the features. */
const FEW = 5000;
/** Zooms between which dots are thinned out, and how many px apart they still are. */
const COARSEST = 2;
const FINEST = 13;
export const APART_PX = 2.2;
/** What matters most is drawn last. */
const ORDER = [
  STATE.UNKNOWN,
  STATE.RESTART,
  STATE.REPAIR,
  STATE.DEGRADED,
  STATE.BACKUP,
  STATE.LOST,
  STATE.STUCK,
  STATE.HIT,
];
/** The rim of a loud dot, how much thicker that of an assumed one is than of others, and its least: px. */
const LOUD_RIM = 1;
const ASSUMED_RIM = 1.455;
const LEAST_RIM = 0.7;

/**
 * An order in which the first `upTo[zoom]` of `shown` are far enough apart at that zoom to be seen one by one,
 * while no two that far apart are left out. One look at every asset per zoom, by hash.
 */
export function thinned(x, y, shown) {
  const order = new Uint32Array(shown.length);
  const upTo = [];
  let placed = 0;
  let left = shown;
  if (shown.length <= FEW) {
    order.set(shown);
    return { order, upTo };
  }
  const mask = 2 ** Math.ceil(Math.log2(shown.length * 2)) - 1;
  const held = new Int32Array(mask + 1);
  for (let zoom = COARSEST; zoom < FINEST; zoom++) {
    const cells = (TILE * 2 ** zoom) / APART_PX;
    const rest = [];
    held.fill(-1);
    /** Whether the cell of `i` was free; it is taken then. */
    const take = (i) => {
      const cx = Math.floor(x[i] * cells);
      const cy = Math.floor(y[i] * cells);
      let at = (Math.imul(cx, 73856093) ^ Math.imul(cy, 19349663)) & mask;
      for (; held[at] >= 0; at = (at + 1) & mask) {
        if (Math.floor(x[held[at]] * cells) === cx && Math.floor(y[held[at]] * cells) === cy) return false;
      }
      held[at] = i;
      return true;
    };
    for (let n = 0; n < placed; n++) take(order[n]);
    for (const i of left) {
      if (take(i)) order[placed++] = i;
      else rest.push(i);
    }
    upTo[zoom] = placed;
    left = rest;
  }
  order.set(left, placed);
  return { order, upTo };
}

/** All that look loud, what matters most last: each state's own stretch, then one pass that fills them. */
function byOrder(look, counts) {
  const next = new Uint32Array(counts.length);
  let total = 0;
  for (const s of ORDER) {
    next[LOUD + s] = total;
    total += counts[LOUD + s];
  }
  const result = new Uint32Array(total);
  for (let i = 0; total && i < look.length; i++) if (look[i] >= LOUD) result[next[look[i]]++] = i;
  return result;
}

export class Dots {
  constructor(world) {
    this.map = null;
    this.pen = null;
    this.sheet = null;
    this.fresh = true;
    this.size = world.assets.length;
    this.world = world.columns;
    const { lon, lat } = world.columns;
    this.x = new Float64Array(this.size);
    this.y = new Float64Array(this.size);
    for (let i = 0; i < this.size; i++) [this.x[i], this.y[i]] = mercator(lon[i], lat[i]);
    this.look = new Uint8Array(this.size);
    this.order = new Uint32Array(0);
    this.loudOnes = new Uint32Array(0);
    this.upTo = [];
  }

  // ------------------------------------------------------ visible dots
  /** Take these assets into consideration and no others. */
  filter(shown) {
    const { order, upTo } = thinned(this.x, this.y, shown);
    this.order = order;
    this.upTo = upTo;
    this.fresh = true;
  }

  /**
   * Set the look of every asset: `visible[i]`, its state, and whether a symbol or a ring replaces it (`lifted[i]`).
   * @returns {boolean} whether anything differs from before
   */
  show(visible, state, lifted) {
    const {
      look,
      size,
      world: { assumed },
    } = this;
    const counts = new Uint32Array(LOUD + Object.keys(STATE).length);
    let changed = false;
    for (let i = 0; i < size; i++) {
      const s = state[i];
      const now = !visible[i] || lifted[i] ? HIDDEN : s === STATE.WORKING ? WORKS + assumed[i] : LOUD + s;
      counts[now]++;
      if (now !== look[i]) {
        look[i] = now;
        changed = true;
      }
    }
    if (changed) {
      this.loudOnes = byOrder(look, counts);
      this.fresh = true;
    }
    return changed;
  }

  /** Radius of a dot in css px, with its rim, at a zoom. */
  sizes(zoom) {
    const large = document.documentElement.dataset.theme === "projector" ? 1.5 : 1;
    const many = this.size > FEW * 4 ? Math.max(0, Math.min(1, (9 - zoom) / 4)) : 0;
    const grown = zoom < 12 ? 1.8 + (1.6 * Math.max(0, zoom - 9)) / 3 : 3.4 + (2.6 * Math.min(4, zoom - 12)) / 4;
    return {
      radius: grown * large * (1 - 0.5 * many),
      stroke: 1.1 * (1 - many),
      loud: Math.max(2.6, grown * 1.35) * large,
    };
  }

  /** The drawn asset nearest to a point of the screen, within `reach` px of its rim. */
  nearest(at, reach) {
    const { zoom, centre, half } = this.view();
    const { radius, stroke } = this.sizes(zoom);
    const scale = TILE * 2 ** zoom;
    const far = (reach + radius + stroke) / scale;
    const px = centre[0] + (at.x - half[0]) / scale;
    const py = centre[1] + (at.y - half[1]) / scale;
    let best = -1;
    let least = far * far * 2;
    for (let i = 0; i < this.size; i++) {
      const dx = this.x[i] - px;
      const dy = this.y[i] - py;
      if (dx > far || -dx > far || dy > far || -dy > far || this.look[i] === HIDDEN) continue;
      const d = dx * dx + dy * dy;
      if (d < least) {
        least = d;
        best = i;
      }
    }
    return best;
  }

  view() {
    const box = this.map.getContainer();
    const at = this.map.getCenter();
    return {
      zoom: this.map.getZoom(),
      centre: mercator(at.lng, at.lat),
      half: [box.clientWidth / 2, box.clientHeight / 2],
    };
  }

  // ------------------------------------------------------------ drawing
  /** Put the canvas on the map, under the symbols. */
  attach(map) {
    this.map = map;
    const canvas = el("canvas", { class: "map-sheet", "aria-hidden": "true" });
    const before = map.getCanvasContainer().querySelectorAll("canvas.map-sheet, canvas.maplibregl-canvas");
    before[before.length - 1].after(canvas);
    // drawn by the processor, it is to stay where the processor finds it
    this.pen = canvas.getContext("2d", { willReadFrequently: true });
  }

  /** The map shows something else: redraw, even if no asset has changed. */
  moved() {
    this.fresh = true;
  }

  /** Draw if anything has changed since the last frame. */
  draw() {
    if (!this.pen || !this.fresh) return;
    this.fresh = false;
    const { x, y, look, order, loudOnes } = this;
    const { zoom, centre, half } = this.view();
    const ratio = window.devicePixelRatio || 1;
    const sheet = this.emptied(zoom, half, ratio);
    const scale = TILE * 2 ** zoom * ratio;
    const left = centre[0] - (half[0] * ratio) / scale;
    const top = centre[1] - (half[1] * ratio) / scale;
    const quiet = this.upTo[Math.max(COARSEST, Math.ceil(zoom))] ?? order.length;
    for (let n = 0; n < quiet; n++) {
      const i = order[n];
      if (look[i] === WORKS || look[i] === ASSUMED) sheet.dot(look[i], (x[i] - left) * scale, (y[i] - top) * scale);
    }
    for (const i of loudOnes) sheet.dot(look[i], (x[i] - left) * scale, (y[i] - top) * scale);
    sheet.show(this.pen);
  }

  /** A sheet without dots, and the canvas as large as the map. */
  emptied(zoom, half, ratio) {
    const { canvas } = this.pen;
    const [w, h] = half.map((px) => Math.round(2 * px * ratio));
    const { radius, stroke, loud } = this.sizes(zoom);
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
      canvas.style.width = `${2 * half[0]}px`;
      canvas.style.height = `${2 * half[1]}px`;
    }
    const px = { radius, stroke, loud, loudRim: LOUD_RIM, assumedRim: Math.max(LEAST_RIM, stroke * ASSUMED_RIM) };
    const sizes = Object.fromEntries(Object.entries(px).map(([name, size]) => [name, size * ratio]));
    const colours = this.colours();
    return (this.sheet = new Sheet(w, h, sizes, colours, this.sheet));
  }

  /** The theme's colours as numbers. */
  colours() {
    return {
      states: model.states.map((state) => rgb(themeColour(state.token))),
      plate: rgb(themeColour("plate")),
      land: rgb(themeColour("map-land")),
    };
  }
}
