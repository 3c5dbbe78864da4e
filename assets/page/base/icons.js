/* Own pictograms (24 x 24, drawn by hand) and the symbols of states, as canvases and as SVG. */
import { svg } from "./elements.js";
import { STATE } from "./time.js";

/** `fill` and `stroke` are SVG paths; holes by the even-odd rule. */
const ICONS = {
  bolt: { fill: "M13.4 1.8 4.6 13.6h5.9L9.6 22.2 19.4 9.6h-6.3z" },
  drop: { fill: "M12 2.2S4.8 10.4 4.8 15a7.2 7.2 0 0 0 14.4 0C19.2 10.4 12 2.2 12 2.2z" },
  waste: {
    fill: "M12 1.8S6.6 7.9 6.6 11.4a5.4 5.4 0 0 0 10.8 0C17.4 7.9 12 1.8 12 1.8z",
    stroke: "M2.5 20.3c2.4-2 4-2 6.3 0s4 2 6.3 0 4-2 6.3 0",
  },
  antenna: {
    fill: "M12 7.4a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4z",
    stroke:
      "M12 12v9.4M8.2 21.4h7.6M7.8 13.7a5.8 5.8 0 0 1 0-8.2M16.2 13.7a5.8 5.8 0 0 0 0-8.2M4.7 16.6a10 10 0 0 1 0-14M19.3 16.6a10 10 0 0 0 0-14",
  },
  phone: {
    fill: "M6.6 2.5 9.9 3l1.2 4.7-2.6 2a13 13 0 0 0 5.8 5.8l2-2.6 4.7 1.2.5 3.3a3.4 3.4 0 0 1-3.4 3.9C10.200 21.300 2.700 13.800 2.700 5.900A3.400 3.400 0 0 1 6.600 2.500z",
  },
  cross: { fill: "M8.8 2.5h6.4v6.3h6.300v6.400h-6.300v6.300H8.800v-6.300H2.500V8.800h6.300z" },
  bus: {
    fill: "M4.500 5A3 3 0 0 1 7.500 2h9a3 3 0 0 1 3 3v13a2 2 0 0 1-1.200 1.800V22h-3v-2H8.700v2h-3v-2.200A2 2 0 0 1 4.500 18zM7 5.800v6h10v-6zM8.300 14.300a1.400 1.400 0 1 0 0 2.800 1.400 1.400 0 0 0 0-2.800zM15.700 14.300a1.400 1.400 0 1 0 0 2.800 1.400 1.400 0 0 0 0-2.800z",
  },
  train: {
    fill: "M5 6a4 4 0 0 1 4-4h6a4 4 0 0 1 4 4v8.500a3 3 0 0 1-3 3H8a3 3 0 0 1-3-3zM7.500 6v5h9V6zM9 13a1.300 1.300 0 1 0 0 2.600A1.300 1.300 0 0 0 9 13zM15 13a1.300 1.300 0 1 0 0 2.600 1.300 1.300 0 0 0 0-2.600z",
    stroke: "M8.500 18.500 6 22M15.500 18.500 18 22",
  },
  bridge: { stroke: "M2 9h20M2 9c2.500 0 3 7 3 10M22 9c-2.500 0-3 7-3 10M8.500 19c0-7 7-7 7 0" },
  fuel: {
    fill: "M4 3.500h9.500V21H4zM6.300 6v4.500h5V6z",
    stroke: "M14 12h2.200v5.200c0 2 3.300 2 3.300 0V8.500l-3-3.200",
  },
  shield: { fill: "M12 1.800 20.200 5v6.300c0 5-3.400 8.700-8.200 10.900-4.800-2.200-8.200-5.900-8.200-10.900V5z" },
  columns: {
    fill: "M12 1.800 2.300 7v2.500h19.400V7zM4.600 11h2.900v7H4.600zM10.500 11h3v7h-3zM16.500 11h2.900v7h-2.900zM2.800 19.300h18.400V22H2.800z",
  },
  cart: {
    fill: "M6.200 7h15l-2.600 8.200H8.300zM9.300 17.700a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM17 17.700a2 2 0 1 1 0 4 2 2 0 0 1 0-4z",
    stroke: "M2 3.500h3L8.300 15.200",
  },
  flame: {
    fill: "M12.600 1.600c.5 3.700 6 6.500 6 12.200a6.600 6.600 0 0 1-13.200 0c0-3 1.500-5 3-6.700.2 1.600.9 2.600 1.900 3.200.2-3.300.6-6.200 2.300-8.700z",
  },
  place: {
    fill: "M12 2a7 7 0 0 1 7 7c0 5-7 13-7 13S5 14 5 9a7 7 0 0 1 7-7zM12 6.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z",
  },
  line: { stroke: "M3 19 9 9l6 6 6-10" },
  corridor: { stroke: "M2.500 15 9 7l6 6 6.500-8M2.500 21 9 13l6 6 6.500-8" },
  check: { stroke: "M5 12.500 10 17.500 19.500 6.500" },
  cancel: { stroke: "M6.500 6.500 17.500 17.500M17.500 6.500 6.500 17.500" },
  alarm: { stroke: "M12 6v8M12 18v.2" },
  box: { fill: "M12 2 21 6.500v11L12 22l-9-4.500v-11zM12 4.800 7 7.300l5 2.500 5-2.500z" },
};

const BY_SECTOR = {
  energy: "bolt",
  water: "drop",
  telecom: "antenna",
  health: "cross",
  transport: "bus",
  public: "shield",
  finance: "columns",
  food: "cart",
  heat: "flame",
};
const BY_TYPE = {
  heat_plant: "flame",
  heat_pipeline: "flame",
  gas_pressure_station: "flame",
  gas_pipeline: "flame",
  gas_storage: "flame",
  fuel_station: "fuel",
  oil_depot: "fuel",
  wastewater_plant: "waste",
  wastewater_pumping: "waste",
  telecom_exchange: "phone",
  rail_station: "train",
  rail_bridge: "train",
  road_bridge: "bridge",
  government_office: "columns",
  rail_traction_substation: "bolt",
};

/** Name of an asset's pictogram. */
export const iconOf = (asset) => BY_TYPE[asset.type] || BY_SECTOR[asset.sector] || "box";
export const sectorIcon = (sector) => BY_SECTOR[sector] || "box";

/** A pictogram for text: it takes the colour of its surroundings and is hidden from readers. */
export function iconSvg(name) {
  const icon = ICONS[name] || ICONS.box;
  const drawn = svg("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" });
  if (icon.fill) drawn.append(svg("path", { d: icon.fill, fill: "currentColor", "fill-rule": "evenodd" }));
  if (icon.stroke) {
    drawn.append(
      svg("path", {
        d: icon.stroke,
        fill: "none",
        stroke: "currentColor",
        "stroke-width": 2.2,
        "stroke-linecap": "round",
        "stroke-linejoin": "round",
      }),
    );
  }
  return drawn;
}

// -------------------------------------------------------------- colours
let colours = {};

/** A token of the theme, `colour("lost")`. */
export function colour(token) {
  if (!(token in colours)) {
    colours[token] = getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim();
  }
  return colours[token];
}

// -------------------------------------------------------------- symbols
const TAU = Math.PI * 2;
const STEPS = 8;
let cache = new Map();

/** Forget what was drawn in another theme or size. */
export function forgetDrawn() {
  colours = {};
  cache = new Map();
}

function glyph(ctx, name, ink, size) {
  const icon = ICONS[name];
  if (!icon) return;
  ctx.save();
  ctx.scale(size / 24, size / 24);
  ctx.translate(-12, -12);
  ctx.fillStyle = ctx.strokeStyle = ink;
  ctx.lineWidth = 2.4;
  ctx.lineCap = ctx.lineJoin = "round";
  if (icon.fill) ctx.fill(new Path2D(icon.fill), "evenodd");
  if (icon.stroke) ctx.stroke(new Path2D(icon.stroke));
  ctx.restore();
}

function disc(ctx, r, fill) {
  ctx.beginPath();
  ctx.arc(0, 0, r, 0, TAU);
  ctx.fillStyle = fill;
  ctx.fill();
}

function ring(ctx, r, width, ink, from, to, dash) {
  ctx.beginPath();
  ctx.arc(0, 0, r, from, to);
  ctx.setLineDash(dash || []);
  ctx.lineWidth = width;
  ctx.strokeStyle = ink;
  ctx.stroke();
  ctx.setLineDash([]);
}

const TOP = -Math.PI / 2;

/** One painter per state; `r` is the radius, `icon` a pictogram or null, `step` 0..8 of the ring left. */
const PAINT = {
  [STATE.WORKING](ctx, r, icon, step, c) {
    disc(ctx, r * 0.42, c("plate"));
    disc(ctx, r * 0.34, c("working"));
  },
  [STATE.HIT](ctx, r, icon, step, c) {
    const s = r * 0.98;
    ctx.fillStyle = c("plate");
    ctx.fillRect(-s, -s, 2 * s, 2 * s);
    ctx.fillStyle = c("hit");
    ctx.fillRect(-s + r * 0.14, -s + r * 0.14, 2 * s - r * 0.28, 2 * s - r * 0.28);
    glyph(ctx, icon, c("on-hit"), r * 1.3);
  },
  [STATE.LOST](ctx, r, icon, step, c) {
    disc(ctx, r, c("plate"));
    disc(ctx, r * 0.86, c("lost"));
    glyph(ctx, icon, c("on-lost"), r * 1.12);
  },
  [STATE.BACKUP](ctx, r, icon, step, c) {
    disc(ctx, r, c("plate"));
    ring(ctx, r * 0.8, r * 0.34, c("line"), 0, TAU);
    if (step > 0) ring(ctx, r * 0.8, r * 0.34, c("backup"), TOP, TOP + (TAU * step) / STEPS);
    ring(ctx, r * 0.99, Math.max(0.6, r * 0.05), c("backup-text"), 0, TAU);
    glyph(ctx, icon, c("ink"), r * 0.98);
  },
  [STATE.DEGRADED](ctx, r, icon, step, c) {
    disc(ctx, r, c("plate"));
    ctx.beginPath();
    ctx.arc(0, 0, r * 0.84, TOP, TOP + Math.PI);
    ctx.closePath();
    ctx.fillStyle = c("degraded");
    ctx.fill();
    ring(ctx, r * 0.84, r * 0.14, c("degraded"), 0, TAU);
    glyph(ctx, icon, c("ink"), r * 0.96);
  },
  [STATE.REPAIR](ctx, r, icon, step, c) {
    disc(ctx, r, c("plate"));
    ring(ctx, r * 0.82, r * 0.24, c("repair"), 0, TAU, [r * 0.42, r * 0.222]);
    glyph(ctx, icon, c("repair"), r * 1.02);
  },
  [STATE.RESTART](ctx, r, icon, step, c) {
    disc(ctx, r, c("plate"));
    const end = TOP + TAU * 0.8;
    ring(ctx, r * 0.8, r * 0.22, c("repair"), TOP, end);
    ctx.save();
    ctx.rotate(end);
    ctx.translate(r * 0.8, 0);
    ctx.fillStyle = c("repair");
    ctx.beginPath();
    ctx.moveTo(-r * 0.34, 0);
    ctx.lineTo(r * 0.34, 0);
    ctx.lineTo(0, r * 0.44);
    ctx.fill();
    ctx.restore();
    glyph(ctx, icon, c("repair"), r * 0.98);
  },
  [STATE.STUCK](ctx, r, icon, step, c) {
    for (const [radius, fill] of [
      [r * 1.08, c("plate")],
      [r * 0.92, c("deadlock")],
    ]) {
      ctx.beginPath();
      for (let i = 0; i < 6; i++) ctx.lineTo(radius * Math.cos((i * TAU) / 6), radius * Math.sin((i * TAU) / 6));
      ctx.closePath();
      ctx.fillStyle = fill;
      ctx.fill();
    }
    glyph(ctx, icon, c("plate"), r * 1.06);
  },
  [STATE.UNKNOWN](ctx, r, icon, step, c) {
    disc(ctx, r, c("plate"));
    ring(ctx, r * 0.82, r * 0.15, c("unknown"), 0, TAU, [r * 0.32, r * 0.245]);
    ctx.fillStyle = c("unknown-text");
    ctx.font = `700 ${r * 1.05}px system-ui, sans-serif`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText("?", 0, r * 0.07);
  },
};

/**
 * The symbol of a state as a canvas, drawn once per theme, size and step.
 * @param {number} state code  @param {string|null} icon  @param {number} r radius in px
 * @param {number} [step] eighths of the ring left  @param {boolean} [assumed] dashed outline
 */
export function stateSymbol(state, icon, r, step, assumed) {
  const key = `${state} ${icon} ${r} ${state === STATE.BACKUP ? step : ""} ${assumed ? 1 : 0}`;
  return drawnOnce(key, r, (ctx) => {
    (PAINT[state] || PAINT[STATE.UNKNOWN])(ctx, r, icon, step === undefined ? STEPS : step, colour);
    if (assumed) ring(ctx, r * 1.22, 1.4, colour("ink"), 0, TAU, [3, 2.6]);
  });
}

/** A canvas that `paint` has drawn on, its middle at 0, 0; `half` is half its width in css px. */
function drawnOnce(key, r, paint) {
  const held = cache.get(key);
  if (held) return held;
  const scale = Math.max(1, window.devicePixelRatio || 1);
  const half = Math.ceil(r * 1.4) + 1;
  const canvas = Object.assign(document.createElement("canvas"), { half });
  canvas.width = canvas.height = Math.round(2 * half * scale);
  const ctx = canvas.getContext("2d");
  ctx.scale(scale, scale);
  ctx.translate(half, half);
  paint(ctx);
  cache.set(key, canvas);
  return canvas;
}

/** Painters of what became of a prediction: shape first, colour second. */
const VERDICTS = {
  hit(ctx, r, c) {
    disc(ctx, r, c("plate"));
    disc(ctx, r * 0.9, c("good-text"));
    glyph(ctx, "check", c("plate"), r * 1.3);
  },
  near: (ctx, r, c) => PAINT[STATE.DEGRADED](ctx, r, null, 0, c),
  miss(ctx, r, c) {
    disc(ctx, r, c("plate"));
    ring(ctx, r * 0.86, r * 0.16, c("unknown"), 0, TAU);
    glyph(ctx, "cancel", c("unknown"), r * 1.1);
  },
  surprise(ctx, r, c) {
    for (const [size, fill] of [
      [1.3, c("plate")],
      [1.1, c("lost")],
    ]) {
      ctx.beginPath();
      for (const turn of [0, 1, 2]) {
        const angle = TOP + (turn * TAU) / 3;
        ctx.lineTo(r * size * Math.cos(angle), r * size * Math.sin(angle));
      }
      ctx.fillStyle = fill;
      ctx.fill();
    }
    glyph(ctx, "alarm", c("on-lost"), r * 0.9);
  },
};

/** The number of a time band that a user chose. */
function paintBand(ctx, r, band, c) {
  disc(ctx, r, c("plate"));
  disc(ctx, r * 0.9, c("accent"));
  ctx.fillStyle = c("on-accent");
  ctx.font = `700 ${r * 1.1}px system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(String(band + 1), 0, r * 0.05);
}

/**
 * The symbol of a prediction as a canvas, drawn once per theme and size.
 * @param {number | string} what the band that was chosen, or the verdict on it
 * @param {number} r radius in px
 */
export function verdictSign(what, r) {
  return drawnOnce(`verdict ${what} ${r}`, r, (ctx) =>
    typeof what === "number" ? paintBand(ctx, r, what, colour) : VERDICTS[what](ctx, r, colour),
  );
}

/** A state's symbol for legends and lists, of `size` px; redrawn when the theme changes. */
export function stateMark(state, size, icon) {
  const canvas = document.createElement("canvas");
  canvas.className = "mark";
  canvas.setAttribute("aria-hidden", "true");
  canvas.dataset.state = state;
  const draw = () => {
    const scale = Math.max(1, window.devicePixelRatio || 1);
    canvas.width = canvas.height = Math.round(size * scale);
    canvas.style.width = canvas.style.height = `${size}px`;
    const ctx = canvas.getContext("2d");
    ctx.scale(scale, scale);
    ctx.translate(size / 2, size / 2);
    (PAINT[state] || PAINT[STATE.UNKNOWN])(ctx, size / 2.25, icon || null, 6, colour);
  };
  draw();
  canvas.redraw = draw;
  return canvas;
}

export const redrawMarks = () =>
  document.querySelectorAll("canvas.mark").forEach((canvas) => canvas.redraw && canvas.redraw());
