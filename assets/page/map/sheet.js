/* Dots as stamps: how each look colours the px around its place, and the image that stamps are pressed into. */
import { STATE } from "../base/time.js";

/** Looks: not drawn, working, working by assumption, then the states that nothing else shows. */
export const HIDDEN = 0;
export const WORKS = 1;
export const ASSUMED = 2;
export const LOUD = 3;
/** A dot is drawn at the nearest of so many positions within a px, both ways. */
const STEPS = 4;

const mixed = (a, b, share) => a.map((part, n) => part + (b[n] - part) * share);
/** From 0 to 1 while `x` goes from 0 to 1 px. */
const soft = (x) => {
  const t = Math.max(0, Math.min(1, x));
  return t * t * (3 - 2 * t);
};

/** How far outside the shape of a state a point is, in px. The shapes are those of the symbols. */
function outside(state, x, y, r) {
  const d = Math.hypot(x, y);
  const disc = d - r;
  const ring = Math.abs(d - r * 0.76) - r * 0.24;
  if (state === STATE.HIT) return Math.max(Math.abs(x), Math.abs(y)) - r * 0.86;
  if (state === STATE.LOST) return disc;
  if (state === STATE.STUCK) return Math.max(Math.abs(x) * 0.866 + Math.abs(y) * 0.5, Math.abs(y)) - r * 0.92;
  if (state === STATE.DEGRADED) return Math.min(Math.max(disc, x), ring + r * 0.08);
  return state === STATE.UNKNOWN ? ring + r * 0.08 : ring;
}

/**
 * Colour and cover (0 to 1) of a point, `x`, `y` device px from the middle of a dot that looks like `look`.
 * `sizes` are those of `Dots.sizes` in device px, `colours` those of `Dots.colours`.
 */
function shade(look, x, y, sizes, colours) {
  const d = Math.hypot(x, y);
  if (look >= LOUD) {
    const state = look - LOUD;
    const filled = soft(0.5 - outside(state, x, y, sizes.loud));
    return [mixed(colours.plate, colours.states[state], filled), soft(sizes.loud + sizes.loudRim - d)];
  }
  const assumed = look === ASSUMED;
  const rim = assumed ? sizes.assumedRim : sizes.stroke;
  const [inner, outer] = assumed ? [colours.land, colours.states[0]] : [colours.states[0], colours.plate];
  return [mixed(inner, outer, rim < 0.01 ? 0 : soft(d - sizes.radius + 1)), soft(sizes.radius + rim - d)];
}

/**
 * What a dot of a look leaves on the image, the middle at a place within its px: for each px its distance in the
 * image, its colour as the image has it (alpha first) and its cover, 0 to 255.
 */
function stamp(look, step, reach, width, sizes, colours) {
  const result = { at: [], colour: [], cover: [] };
  const middle = (n) => n / STEPS;
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const [colour, share] = shade(
        look,
        dx + 0.5 - middle(step % STEPS),
        dy + 0.5 - middle(Math.floor(step / STEPS)),
        sizes,
        colours,
      );
      const cover = Math.round(share * 255);
      if (!cover) continue;
      const [r, g, b] = colour.map(Math.round);
      result.at.push(dy * width + dx);
      result.colour.push(((cover << 24) | (b << 16) | (g << 8) | r) >>> 0);
      result.cover.push(cover);
    }
  }
  return {
    at: Int32Array.from(result.at),
    colour: Uint32Array.from(result.colour),
    cover: Uint8Array.from(result.cover),
  };
}

/** A colour of this cover over another one, both as the image has them: not multiplied with their alpha. */
function over(colour, cover, under) {
  const below = ((under >>> 24) * (255 - cover)) / 255;
  const all = cover + below;
  const r = ((colour & 255) * cover + (under & 255) * below) / all;
  const g = (((colour >>> 8) & 255) * cover + ((under >>> 8) & 255) * below) / all;
  const b = (((colour >>> 16) & 255) * cover + ((under >>> 16) & 255) * below) / all;
  return ((all + 0.5) << 24) | ((b + 0.5) << 16) | ((g + 0.5) << 8) | (r + 0.5);
}

function press(pixels, place, { at, colour, cover }) {
  for (let k = 0; k < at.length; k++) {
    const p = place + at[k];
    const under = pixels[p];
    pixels[p] = under === 0 || cover[k] === 255 ? colour[k] : over(colour[k], cover[k], under);
  }
}

let rgbPen = null;

/** `#rrggbb` and the like as three numbers from 0 to 255. */
export function rgb(text) {
  rgbPen ||= document.createElement("canvas").getContext("2d");
  rgbPen.fillStyle = text;
  const n = parseInt(rgbPen.fillStyle.slice(1, 7), 16);
  return [n >> 16, (n >> 8) & 255, n & 255];
}

/**
 * An image of dots, a margin wider than the view, so that no dot is cut at its edge.
 * Little-endian, as every browser's machine is.
 */
export class Sheet {
  /** Create an empty sheet; it reuses the memory of `before` if possible. */
  constructor(w, h, sizes, colours, before) {
    const reach =
      Math.ceil(Math.max(sizes.radius + Math.max(sizes.stroke, sizes.assumedRim), sizes.loud + sizes.loudRim)) + 1;
    const width = w + 4 * reach;
    const looks = JSON.stringify([sizes, colours, width]);
    const same = before && before.looks === looks;
    const room = before && before.pixels.length === width * (h + 4 * reach);
    this.w = w;
    this.h = h;
    this.reach = reach;
    this.width = width;
    this.sizes = sizes;
    this.colours = colours;
    this.looks = looks;
    this.stamps = same ? before.stamps : [];
    this.pixels = room ? before.pixels.fill(0) : new Uint32Array(width * (h + 4 * reach));
  }

  /** Draw a dot at a place in device px from the corner of the view. */
  dot(look, x, y) {
    const { reach, w, h } = this;
    if (!(x >= -reach && y >= -reach && x < w + reach - 1 && y < h + reach - 1)) return;
    // the nearest of the steps may be the next px's first
    const right = x + 0.5 / STEPS;
    const low = y + 0.5 / STEPS;
    const left = Math.floor(right);
    const top = Math.floor(low);
    const step = Math.floor((low - top) * STEPS) * STEPS + Math.floor((right - left) * STEPS);
    const key = look * STEPS * STEPS + step;
    const stamped =
      this.stamps[key] || (this.stamps[key] = stamp(look, step, reach, this.width, this.sizes, this.colours));
    press(this.pixels, (top + 2 * reach) * this.width + left + 2 * reach, stamped);
  }

  /** Show it on a canvas. */
  show(pen) {
    pen.putImageData(
      new ImageData(new Uint8ClampedArray(this.pixels.buffer), this.width),
      -2 * this.reach,
      -2 * this.reach,
    );
  }
}
