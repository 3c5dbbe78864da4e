/* What Compare draws: what one future gains or loses against another, and what is done in each. */
import { el } from "../base/elements.js";
import { colour } from "../base/icons.js";
import { t } from "../base/words.js";

/** How an asset fares in B: the colour, the words. */
export const KINDS = {
  saved: ["good-text", t("kept in B")],
  better: ["good-text", t("later or shorter in B")],
  worse: ["lost", t("earlier or longer in B")],
  lost: ["lost", t("lost in B only")],
};

/** A gain points up and is green, a loss down and red; filled where it is all or nothing. */
export function mark(pen, kind, x, y, r) {
  if (kind === "act") return act(pen, x, y, r);
  const up = kind === "saved" || kind === "better" ? -1 : 1;
  const full = kind === "saved" || kind === "lost";
  const own = colour(KINDS[kind][0]);
  pen.beginPath();
  pen.moveTo(x, y + up * r);
  pen.lineTo(x + r * 0.95, y - up * r * 0.75);
  pen.lineTo(x - r * 0.95, y - up * r * 0.75);
  pen.closePath();
  pen.fillStyle = full ? own : colour("plate");
  pen.strokeStyle = full ? colour("plate") : own;
  pen.lineWidth = full ? 1.2 : 2;
  pen.lineJoin = "round";
  pen.fill();
  pen.stroke();
}

/** A measure, a supply or a repair. */
export function act(pen, x, y, r) {
  pen.beginPath();
  pen.moveTo(x, y - r);
  pen.lineTo(x + r, y);
  pen.lineTo(x, y + r);
  pen.lineTo(x - r, y);
  pen.closePath();
  pen.fillStyle = colour("accent");
  pen.fill();
  pen.strokeStyle = colour("plate");
  pen.lineWidth = 1;
  pen.stroke();
  pen.lineWidth = Math.max(1.6, r / 5);
  pen.beginPath();
  pen.moveTo(x - r / 2, y);
  pen.lineTo(x + r / 2, y);
  pen.moveTo(x, y - r / 2);
  pen.lineTo(x, y + r / 2);
  pen.stroke();
}

/** A mark for legends and lists, of `px` px. */
export function markOf(kind, px) {
  const canvas = el("canvas", { class: "mark", "aria-hidden": "true" });
  canvas.redraw = () => {
    const scale = Math.max(1, devicePixelRatio || 1);
    const pen = canvas.getContext("2d");
    canvas.width = canvas.height = Math.round(px * scale);
    canvas.style.width = canvas.style.height = `${px}px`;
    pen.scale(scale, scale);
    mark(pen, kind, px / 2, px / 2, px * 0.44);
  };
  canvas.redraw();
  return canvas;
}

/** Make a canvas of this size in css px and empty; the pen on it. */
export function sheet(canvas, w, h) {
  const scale = Math.max(1, devicePixelRatio || 1);
  const pen = canvas.getContext("2d");
  canvas.width = Math.round(w * scale);
  canvas.height = Math.round(h * scale);
  canvas.style.width = `${w}px`;
  canvas.style.height = `${h}px`;
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  return pen;
}

/** A line of words on a plate, cut to the width. */
export function title(pen, letter, text, w, y) {
  pen.font = "650 14px system-ui, sans-serif";
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  let said = letter ? `${letter} · ${text}` : text;
  while (said.length > 4 && pen.measureText(said).width > w - 40) said = `${said.slice(0, -2).trimEnd()}…`;
  const wide = pen.measureText(said).width + 20;
  pen.fillStyle = colour("plate");
  pen.globalAlpha = 0.94;
  pen.beginPath();
  pen.roundRect(10, y, wide, 24, 6);
  pen.fill();
  pen.globalAlpha = 1;
  pen.fillStyle = colour("ink");
  pen.fillText(said, 20, y + 12.5);
}
