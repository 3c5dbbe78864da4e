/* All assets as dots, drawn by the graphics card on a canvas over the map: positions are sent to it once, a byte
   per asset says how each looks now. Zoomed out, dots that would hide each other are drawn once. */
(function () {
  "use strict";
  const knockon = window.knockon;
  const { STATE } = knockon.time;

  /** Looks: not drawn, working, working by assumption, then the states that nothing else shows. */
  const HIDDEN = 0, WORKS = 1, ASSUMED = 2, LOUD = 3;
  /** Up to so many assets all dots are drawn at any zoom, in the order of the features. */
  const FEW = 5000;
  /** Zooms between which dots are thinned out, and how many px apart they still are. */
  const COARSEST = 2, FINEST = 13, APART_PX = 2.2, TILE = 512;
  /** What matters most is drawn last. */
  const ORDER = [STATE.UNKNOWN, STATE.RESTART, STATE.REPAIR, STATE.DEGRADED, STATE.BACKUP, STATE.LOST, STATE.STUCK, STATE.HIT];

  const VERTEX = `
    precision highp float;
    attribute vec4 a_at; attribute float a_look;
    uniform vec4 u_centre; uniform vec2 u_half; uniform float u_scale, u_size, u_loud;
    varying float v_state;
    void main() {
      // two floats per number: one alone is off by pixels at street level
      vec2 px = ((a_at.xy - u_centre.xy) + (a_at.zw - u_centre.zw)) * u_scale;
      bool drawn = u_loud > 0.5 ? a_look >= ${LOUD}.0 : a_look > 0.5 && a_look < ${LOUD}.0;
      gl_Position = drawn ? vec4(px / u_half * vec2(1.0, -1.0), 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
      gl_PointSize = u_size;
      v_state = u_loud > 0.5 ? a_look - ${LOUD}.0 : a_look;
    }`;

  /** The quiet dot is MapLibre's own circle; the others repeat the shapes of the symbols. */
  const FRAGMENT = `
    precision highp float;
    varying float v_state;
    uniform vec3 u_colours[9]; uniform vec3 u_plate, u_land;
    uniform float u_radius, u_stroke, u_ratio, u_loud;
    float soft(float edge, float blur) { float t = clamp(edge / blur, 0.0, 1.0); return t * t * (3.0 - 2.0 * t); }
    void quiet(vec2 at) {
      float assumed = step(1.5, v_state), stroke = mix(u_stroke, max(u_stroke, u_stroke * 1.455), assumed);
      float full = u_radius + u_stroke * 1.455, whole = u_radius + stroke, blur = 1.0 / u_ratio / whole;
      float len = length(at) * full / whole;
      float edge = stroke < 0.01 ? 0.0 : soft(len - u_radius / whole + blur, blur);
      vec3 inner = mix(u_colours[0], u_land, assumed), outer = mix(u_plate, u_colours[0], assumed);
      gl_FragColor = vec4(mix(inner, outer, edge), 1.0) * soft(1.0 - len, blur);
    }
    float shape(vec2 p, float r) {
      float disc = length(p) - r, ring = abs(length(p) - r * 0.76) - r * 0.24;
      if (v_state > ${STATE.UNKNOWN - 0.5}) return ring + r * 0.08;
      if (v_state > ${STATE.STUCK - 0.5}) return max(dot(abs(p), vec2(0.866, 0.5)), abs(p.y)) - r * 0.92;
      if (v_state > ${STATE.REPAIR - 0.5}) return ring;
      if (v_state > ${STATE.LOST - 0.5}) return disc;
      if (v_state > ${STATE.HIT - 0.5}) return max(abs(p.x), abs(p.y)) - r * 0.86;
      if (v_state > ${STATE.DEGRADED - 0.5}) return min(max(disc, p.x), ring + r * 0.08);
      return ring;
    }
    void main() {
      vec2 at = gl_PointCoord * 2.0 - 1.0;
      if (u_loud < 0.5) { quiet(at); return; }
      float px = u_radius + u_stroke, blur = 1.0 / u_ratio, edge = shape(at * px, u_radius);
      vec3 colour = u_colours[0];
      for (int s = 0; s < 9; s++) if (abs(v_state - float(s)) < 0.5) colour = u_colours[s];
      float plate = soft(u_radius + u_stroke - length(at * px), blur);
      gl_FragColor = vec4(mix(u_plate, colour, soft(blur * 0.5 - edge, blur)), 1.0) * plate;
    }`;

  /** `#rrggbb` and the like as three numbers from 0 to 1. */
  function rgb(text) {
    const ctx = rgb.ctx || (rgb.ctx = document.createElement("canvas").getContext("2d"));
    ctx.fillStyle = text;
    const n = parseInt(ctx.fillStyle.slice(1, 7), 16);
    return [(n >> 16) / 255, ((n >> 8) & 255) / 255, (n & 255) / 255];
  }

  function mercator(lon, lat) {
    const y = Math.sin((lat * Math.PI) / 180);
    return [(lon + 180) / 360, 0.5 - Math.log((1 + y) / (1 - y)) / (4 * Math.PI)];
  }

  function split(numbers) {
    const high = Float32Array.from(numbers);
    return [high, Float32Array.from(numbers, (number, n) => number - high[n])];
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
      Object.assign(this, { gl: null, size: world.assets.length, world: world.columns, quiet: 0, loud: 0 });
      const { lon, lat } = world.columns;
      this.x = new Float64Array(this.size);
      this.y = new Float64Array(this.size);
      for (let i = 0; i < this.size; i++) [this.x[i], this.y[i]] = mercator(lon[i], lat[i]);
      this.look = new Uint8Array(this.size);
      this.order = new Uint32Array(0);
      this.loudOnes = new Uint32Array(0);
      this.upTo = [];
      this.fresh = { order: true, look: true, view: true };
    }

    // ------------------------------------------------------ what is shown
    /** Take these assets into consideration and no others. */
    filter(shown) {
      Object.assign(this, thinned(this.x, this.y, shown));
      this.fresh.order = true;
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
      if (changed) { this.loudOnes = byOrder(look, counts); this.fresh.look = true; }
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
    /** Put the canvas on the map, under the symbols. Raises where the browser has no WebGL left for it. */
    attach(map) {
      this.map = map;
      this.canvas = knockon.el("canvas", { class: "map-sheet", "aria-hidden": "true" });
      const before = map.getCanvasContainer().querySelectorAll("canvas.map-sheet, canvas.maplibregl-canvas");
      before[before.length - 1].after(this.canvas);
      this.gl = this.canvas.getContext("webgl", { antialias: false, depth: false });
      if (!this.gl) throw new Error("The browser gives no second WebGL canvas.");
      this.prepare(this.gl);
      // a laptop that slept may have lost the card's memory
      this.canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
      this.canvas.addEventListener("webglcontextrestored", () => { this.prepare(this.gl); this.draw(); });
    }

    prepare(gl) {
      gl.getExtension("OES_element_index_uint");
      gl.enable(gl.BLEND);
      gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
      const compiled = [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]].map(([kind, text]) => {
        const shader = gl.createShader(kind);
        gl.shaderSource(shader, text);
        gl.compileShader(shader);
        return shader;
      });
      this.program = gl.createProgram();
      compiled.forEach((shader) => gl.attachShader(this.program, shader));
      gl.linkProgram(this.program);
      if (!gl.getProgramParameter(this.program, gl.LINK_STATUS)) throw new Error(compiled.map((shader) => gl.getShaderInfoLog(shader)).join());
      this.at = Object.fromEntries(["a_at", "a_look"].map((name) => [name, gl.getAttribLocation(this.program, name)]));
      this.uniform = Object.fromEntries(["u_centre", "u_half", "u_scale", "u_size", "u_loud", "u_colours", "u_plate", "u_land", "u_radius", "u_stroke", "u_ratio"].map((name) => [name, gl.getUniformLocation(this.program, name)]));
      const [xs, xl] = split(this.x), [ys, yl] = split(this.y), places = new Float32Array(4 * this.size);
      for (let i = 0; i < this.size; i++) places.set([xs[i], ys[i], xl[i], yl[i]], 4 * i);
      this.buffers = Object.fromEntries(["places", "look", "order", "loud"].map((name) => [name, gl.createBuffer()]));
      gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers.places);
      gl.bufferData(gl.ARRAY_BUFFER, places, gl.STATIC_DRAW);
      this.fresh = { order: true, look: true, view: true };
    }

    /** The map shows something else: draw anew, whatever has become of the assets. */
    moved() { this.fresh.view = true; }

    /** Draw if anything has changed since the last frame. */
    draw() {
      const { gl, fresh } = this;
      if (!gl || !(fresh.order || fresh.look || fresh.view)) return;
      const { buffers, uniform } = this, { zoom, centre, half } = this.view(), ratio = window.devicePixelRatio || 1;
      this.fit(gl, half, ratio);
      const [hx, lx] = split([centre[0]]), [hy, ly] = split([centre[1]]), sizes = this.sizes(zoom);
      this.send(gl);
      gl.useProgram(this.program);
      gl.uniform4f(uniform.u_centre, hx[0], hy[0], lx[0], ly[0]);
      gl.uniform2f(uniform.u_half, half[0], half[1]);
      gl.uniform1f(uniform.u_scale, TILE * 2 ** zoom);
      gl.uniform1f(uniform.u_ratio, ratio);
      gl.uniform3fv(uniform.u_colours, knockon.states.flatMap((state) => rgb(knockon.colour(state.token))));
      gl.uniform3fv(uniform.u_plate, rgb(knockon.colour("plate")));
      gl.uniform3fv(uniform.u_land, rgb(knockon.colour("map-land")));
      gl.bindBuffer(gl.ARRAY_BUFFER, buffers.places);
      gl.enableVertexAttribArray(this.at.a_at);
      gl.vertexAttribPointer(this.at.a_at, 4, gl.FLOAT, false, 0, 0);
      gl.bindBuffer(gl.ARRAY_BUFFER, buffers.look);
      gl.enableVertexAttribArray(this.at.a_look);
      gl.vertexAttribPointer(this.at.a_look, 1, gl.UNSIGNED_BYTE, false, 0, 0);
      const quiet = this.upTo[Math.max(COARSEST, Math.ceil(zoom))] ?? this.order.length;
      this.points(gl, buffers.order, quiet, sizes.radius, sizes.stroke, 0, 2 * (sizes.radius + sizes.stroke * 1.455) * ratio);
      this.points(gl, buffers.loud, this.loudOnes.length, sizes.loud, 1, 1, 2 * (sizes.loud + 1) * ratio);
    }

    /** Send what has changed since the last frame. */
    send(gl) {
      if (this.fresh.look) {
        gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers.look);
        gl.bufferData(gl.ARRAY_BUFFER, this.look, gl.DYNAMIC_DRAW);
        gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.buffers.loud);
        gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, this.loudOnes, gl.DYNAMIC_DRAW);
      }
      if (this.fresh.order) {
        gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.buffers.order);
        gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, this.order, gl.STATIC_DRAW);
      }
      this.fresh = { order: false, look: false, view: false };
    }

    /** Make the canvas as large as the map, and empty. */
    fit(gl, half, ratio) {
      const { canvas } = this, [w, h] = half.map((px) => Math.round(2 * px * ratio));
      if (canvas.width !== w || canvas.height !== h) {
        canvas.width = w; canvas.height = h;
        canvas.style.width = `${2 * half[0]}px`; canvas.style.height = `${2 * half[1]}px`;
      }
      gl.viewport(0, 0, w, h);
      gl.clear(gl.COLOR_BUFFER_BIT);
    }

    points(gl, elements, count, radius, stroke, loud, size) {
      if (!count) return;
      gl.uniform1f(this.uniform.u_radius, radius);
      gl.uniform1f(this.uniform.u_stroke, stroke);
      gl.uniform1f(this.uniform.u_loud, loud);
      gl.uniform1f(this.uniform.u_size, size);
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, elements);
      gl.drawElements(gl.POINTS, count, gl.UNSIGNED_INT, 0);
    }
  }

  Object.assign(knockon, { Dots, mercator, thinned });
})();
