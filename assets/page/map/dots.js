/* All assets as dots, drawn into one image over the map, which is not drawn anew for them. No graphics card is asked: where there
   is none, WebGL takes ten times as long for the same dots. Zoomed out, dots that would hide each other are drawn once. */
(function (root) {
  "use strict";
  const knockon = root.knockon;
  const { STATE } = knockon.time;

  /** Looks: not drawn, working, working by assumption, then the states that nothing else shows. */
  const HIDDEN = 0, WORKS = 1, ASSUMED = 2, LOUD = 3;
  /** Up to so many assets all dots are drawn at any zoom, in the order of the features. */
  const FEW = 5000;
  /** Zooms between which dots are thinned out, and how many px apart they still are. */
  const COARSEST = 2, FINEST = 13, APART_PX = 2.2, TILE = 512;
  /** What matters most is drawn last. */
  const ORDER = [STATE.UNKNOWN, STATE.RESTART, STATE.REPAIR, STATE.DEGRADED, STATE.BACKUP, STATE.LOST, STATE.STUCK, STATE.HIT];
  /** The rim of a loud dot, how much thicker that of an assumed one is than of others, and its least: px. */
  const LOUD_RIM = 1, ASSUMED_RIM = 1.455, LEAST_RIM = 0.7;
  /** A dot stands at the nearest of so many places within a px, both ways. */
  const STEPS = 4;

  // --------------------------------------------------------------- stamps
  const mixed = (a, b, share) => a.map((part, n) => part + (b[n] - part) * share);
  /** From 0 to 1 while `x` goes from 0 to 1 px. */
  const soft = (x) => { const t = Math.max(0, Math.min(1, x)); return t * t * (3 - 2 * t); };

  /** How far outside the shape of a state a point is, in px. The shapes are those of the symbols. */
  function outside(state, x, y, r) {
    const d = Math.hypot(x, y), disc = d - r, ring = Math.abs(d - r * 0.76) - r * 0.24;
    if (state === STATE.HIT) return Math.max(Math.abs(x), Math.abs(y)) - r * 0.86;
    if (state === STATE.LOST) return disc;
    if (state === STATE.STUCK) return Math.max(Math.abs(x) * 0.866 + Math.abs(y) * 0.5, Math.abs(y)) - r * 0.92;
    if (state === STATE.DEGRADED) return Math.min(Math.max(disc, x), ring + r * 0.08);
    return state === STATE.UNKNOWN ? ring + r * 0.08 : ring;
  }

  /**
   * Colour and cover (0 to 1) of a point, `x`, `y` device px from the middle of a dot that looks like `look`.
   * `sizes` are those of `Dots.sizes` in device px, `colours` what `Dots.colours` says.
   */
  function shade(look, x, y, sizes, colours) {
    const d = Math.hypot(x, y);
    if (look >= LOUD) {
      const state = look - LOUD, filled = soft(0.5 - outside(state, x, y, sizes.loud));
      return [mixed(colours.plate, colours.states[state], filled), soft(sizes.loud + sizes.loudRim - d)];
    }
    const assumed = look === ASSUMED, rim = assumed ? sizes.assumedRim : sizes.stroke;
    const [inner, outer] = assumed ? [colours.land, colours.states[0]] : [colours.states[0], colours.plate];
    return [mixed(inner, outer, rim < 0.01 ? 0 : soft(d - sizes.radius + 1)), soft(sizes.radius + rim - d)];
  }

  /**
   * What a dot of a look leaves on the image, the middle at a place within its px: for each px its distance in the
   * image, its colour as the image has it (alpha first) and its cover, 0 to 255.
   */
  function stamp(look, step, reach, width, sizes, colours) {
    const found = { at: [], colour: [], cover: [] }, middle = (n) => n / STEPS;
    for (let dy = -reach; dy <= reach; dy++) for (let dx = -reach; dx <= reach; dx++) {
      const [colour, share] = shade(look, dx + 0.5 - middle(step % STEPS), dy + 0.5 - middle(Math.floor(step / STEPS)), sizes, colours), cover = Math.round(share * 255);
      if (!cover) continue;
      const [r, g, b] = colour.map(Math.round);
      found.at.push(dy * width + dx);
      found.colour.push(((cover << 24) | (b << 16) | (g << 8) | r) >>> 0);
      found.cover.push(cover);
    }
    return { at: Int32Array.from(found.at), colour: Uint32Array.from(found.colour), cover: Uint8Array.from(found.cover) };
  }

  /** A colour of this cover over another one, both as the image has them: not multiplied with their alpha. */
  function over(colour, cover, under) {
    const below = ((under >>> 24) * (255 - cover)) / 255, all = cover + below;
    const r = ((colour & 255) * cover + (under & 255) * below) / all, g = (((colour >>> 8) & 255) * cover + ((under >>> 8) & 255) * below) / all;
    const b = (((colour >>> 16) & 255) * cover + ((under >>> 16) & 255) * below) / all;
    return ((all + 0.5) << 24) | ((b + 0.5) << 16) | ((g + 0.5) << 8) | (r + 0.5);
  }

  function press(pixels, place, { at, colour, cover }) {
    for (let k = 0; k < at.length; k++) {
      const p = place + at[k], under = pixels[p];
      pixels[p] = under === 0 || cover[k] === 255 ? colour[k] : over(colour[k], cover[k], under);
    }
  }

  /** `#rrggbb` and the like as three numbers from 0 to 255. */
  function rgb(text) {
    const ctx = rgb.ctx || (rgb.ctx = document.createElement("canvas").getContext("2d"));
    ctx.fillStyle = text;
    const n = parseInt(ctx.fillStyle.slice(1, 7), 16);
    return [n >> 16, (n >> 8) & 255, n & 255];
  }

  /** An image of dots, a margin wider than what is shown: no dot has to be cut at its edge. Little-endian, as every browser's machine is. */
  class Sheet {
    /** Empty; made of `before`, one that is no longer needed, as far as it serves. */
    constructor(w, h, sizes, colours, before) {
      const reach = Math.ceil(Math.max(sizes.radius + Math.max(sizes.stroke, sizes.assumedRim), sizes.loud + sizes.loudRim)) + 1, width = w + 4 * reach, looks = JSON.stringify([sizes, colours, width]);
      const same = before && before.looks === looks, room = before && before.pixels.length === width * (h + 4 * reach);
      Object.assign(this, { w, h, reach, width, sizes, colours, looks, stamps: same ? before.stamps : [] });
      this.pixels = room ? before.pixels.fill(0) : new Uint32Array(width * (h + 4 * reach));
    }

    /** Put a dot at a place in device px from the corner of what is shown. */
    dot(look, x, y) {
      const { reach, w, h } = this;
      if (!(x >= -reach && y >= -reach && x < w + reach - 1 && y < h + reach - 1)) return;
      // the nearest of the steps may be the next px's first
      const right = x + 0.5 / STEPS, low = y + 0.5 / STEPS, left = Math.floor(right), top = Math.floor(low);
      const step = Math.floor((low - top) * STEPS) * STEPS + Math.floor((right - left) * STEPS), key = look * STEPS * STEPS + step;
      const one = this.stamps[key] || (this.stamps[key] = stamp(look, step, reach, this.width, this.sizes, this.colours));
      press(this.pixels, (top + 2 * reach) * this.width + left + 2 * reach, one);
    }

    /** Show it on a canvas. */
    show(pen) {
      pen.putImageData(new ImageData(new Uint8ClampedArray(this.pixels.buffer), this.width), -2 * this.reach, -2 * this.reach);
    }
  }

  function mercator(lon, lat) {
    const y = Math.sin((lat * Math.PI) / 180);
    return [(lon + 180) / 360, 0.5 - Math.log((1 + y) / (1 - y)) / (4 * Math.PI)];
  }

  /**
   * An order in which the first `upTo[zoom]` of `shown` are far enough apart at that zoom to be seen one by one,
   * while no two that far apart are left out. One look at every asset per zoom, by hash.
   */
  function thinned(x, y, shown) {
    const order = new Uint32Array(shown.length), upTo = [];
    let placed = 0, left = shown;
    if (shown.length <= FEW) { order.set(shown); return { order, upTo }; }
    const mask = 2 ** Math.ceil(Math.log2(shown.length * 2)) - 1, held = new Int32Array(mask + 1);
    for (let zoom = COARSEST; zoom < FINEST; zoom++) {
      const cells = (TILE * 2 ** zoom) / APART_PX, rest = [];
      held.fill(-1);
      /** Whether the cell of `i` was free; it is taken then. */
      const take = (i) => {
        const cx = Math.floor(x[i] * cells), cy = Math.floor(y[i] * cells);
        let at = (Math.imul(cx, 73856093) ^ Math.imul(cy, 19349663)) & mask;
        for (; held[at] >= 0; at = (at + 1) & mask) if (Math.floor(x[held[at]] * cells) === cx && Math.floor(y[held[at]] * cells) === cy) return false;
        held[at] = i;
        return true;
      };
      for (let n = 0; n < placed; n++) take(order[n]);
      for (const i of left) if (take(i)) order[placed++] = i; else rest.push(i);
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
    for (const s of ORDER) { next[LOUD + s] = total; total += counts[LOUD + s]; }
    const found = new Uint32Array(total);
    for (let i = 0; total && i < look.length; i++) if (look[i] >= LOUD) found[next[look[i]]++] = i;
    return found;
  }

  thinned.APART_PX = APART_PX;

  class Dots {
    constructor(world) {
      Object.assign(this, { pen: null, sheet: null, fresh: true, size: world.assets.length, world: world.columns });
      const { lon, lat } = world.columns;
      this.x = new Float64Array(this.size);
      this.y = new Float64Array(this.size);
      for (let i = 0; i < this.size; i++) [this.x[i], this.y[i]] = mercator(lon[i], lat[i]);
      this.look = new Uint8Array(this.size);
      this.order = new Uint32Array(0);
      this.loudOnes = new Uint32Array(0);
      this.upTo = [];
    }

    // ------------------------------------------------------ what is shown
    /** Take these assets into consideration and no others. */
    filter(shown) {
      Object.assign(this, thinned(this.x, this.y, shown));
      this.fresh = true;
    }

    /**
     * Say how every asset looks: `visible[i]`, its state, and whether a symbol or a ring stands for it (`lifted[i]`).
     * @returns {boolean} whether anything differs from before
     */
    show(visible, state, lifted) {
      const { look, size, world: { assumed } } = this, counts = new Uint32Array(LOUD + Object.keys(STATE).length);
      let changed = false;
      for (let i = 0; i < size; i++) {
        const s = state[i], now = !visible[i] || lifted[i] ? HIDDEN : s === STATE.WORKING ? WORKS + assumed[i] : LOUD + s;
        counts[now]++;
        if (now !== look[i]) { look[i] = now; changed = true; }
      }
      if (changed) { this.loudOnes = byOrder(look, counts); this.fresh = true; }
      return changed;
    }

    /** Radius of a dot in css px, with its rim, at a zoom. */
    sizes(zoom) {
      const large = document.documentElement.dataset.theme === "projector" ? 1.5 : 1, many = this.size > FEW * 4 ? Math.max(0, Math.min(1, (9 - zoom) / 4)) : 0;
      const grown = zoom < 12 ? 1.8 + (1.6 * Math.max(0, zoom - 9)) / 3 : 3.4 + (2.6 * Math.min(4, zoom - 12)) / 4;
      return { radius: grown * large * (1 - 0.5 * many), stroke: 1.1 * (1 - many), loud: Math.max(2.6, grown * 1.35) * large };
    }

    /** The drawn asset nearest to a point of the screen, within `reach` px of its rim. */
    nearest(at, reach) {
      const { zoom, centre, half } = this.view(), { radius, stroke } = this.sizes(zoom), scale = TILE * 2 ** zoom;
      const far = (reach + radius + stroke) / scale, px = centre[0] + (at.x - half[0]) / scale, py = centre[1] + (at.y - half[1]) / scale;
      let best = -1, least = far * far * 2;
      for (let i = 0; i < this.size; i++) {
        const dx = this.x[i] - px, dy = this.y[i] - py;
        if (dx > far || -dx > far || dy > far || -dy > far || this.look[i] === HIDDEN) continue;
        const d = dx * dx + dy * dy;
        if (d < least) { least = d; best = i; }
      }
      return best;
    }

    view() {
      const box = this.map.getContainer(), at = this.map.getCenter();
      return { zoom: this.map.getZoom(), centre: mercator(at.lng, at.lat), half: [box.clientWidth / 2, box.clientHeight / 2] };
    }

    // ------------------------------------------------------------ drawing
    /** Put the canvas on the map, under the symbols. */
    attach(map) {
      this.map = map;
      const canvas = knockon.el("canvas", { class: "map-sheet", "aria-hidden": "true" });
      const before = map.getCanvasContainer().querySelectorAll("canvas.map-sheet, canvas.maplibregl-canvas");
      before[before.length - 1].after(canvas);
      // drawn by the processor, it is to stay where the processor finds it
      this.pen = canvas.getContext("2d", { willReadFrequently: true });
    }

    /** The map shows something else: draw anew, whatever has become of the assets. */
    moved() { this.fresh = true; }

    /** Draw if anything has changed since the last frame. */
    draw() {
      if (!this.pen || !this.fresh) return;
      this.fresh = false;
      const { x, y, look, order, loudOnes } = this, { zoom, centre, half } = this.view(), ratio = window.devicePixelRatio || 1;
      const sheet = this.emptied(zoom, half, ratio), scale = TILE * 2 ** zoom * ratio;
      const left = centre[0] - (half[0] * ratio) / scale, top = centre[1] - (half[1] * ratio) / scale;
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
      const { canvas } = this.pen, [w, h] = half.map((px) => Math.round(2 * px * ratio)), { radius, stroke, loud } = this.sizes(zoom);
      if (canvas.width !== w || canvas.height !== h) {
        canvas.width = w; canvas.height = h;
        canvas.style.width = `${2 * half[0]}px`; canvas.style.height = `${2 * half[1]}px`;
      }
      const px = { radius, stroke, loud, loudRim: LOUD_RIM, assumedRim: Math.max(LEAST_RIM, stroke * ASSUMED_RIM) };
      const sizes = Object.fromEntries(Object.entries(px).map(([name, size]) => [name, size * ratio])), colours = this.colours();
      return (this.sheet = new Sheet(w, h, sizes, colours, this.sheet));
    }

    /** The theme's colours as numbers. */
    colours() {
      return { states: knockon.states.map((state) => rgb(knockon.colour(state.token))), plate: rgb(knockon.colour("plate")), land: rgb(knockon.colour("map-land")) };
    }
  }

  Object.assign(knockon, { Dots, Sheet, mercator, thinned });
})(typeof window === "undefined" ? globalThis : window);
