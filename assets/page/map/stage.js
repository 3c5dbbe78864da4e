/* The map that is on the page, what lies over it, and how places on earth become px of it. */
import { mercator } from "./geometry.js";

/** Side of a tile in px at zoom 0. */
export const TILE = 512;

export const stage = {
  /** The MapLibre map, or null before it is made. */
  map: null,
  /** Whether the map has its layers. */
  ready: false,
  /** All assets as dots (dots.js). */
  dots: null,
  /** How many px beside its place each link is drawn, by index. */
  lineOffsets: [],
};

/** What lies over the map leaves this much of it free, in px. */
export function mapRoom() {
  const bar = document.querySelector(".centre-bar");
  const above = bar && getComputedStyle(bar).position === "relative";
  // in a pane the tools are below the search, and the legend takes more rows
  const tools = bar?.querySelector(".map-bar")?.clientHeight || 0;
  const legend = document.getElementById("legend")?.clientHeight || 0;
  return { top: above ? 24 : Math.max(70, tools + 24), bottom: Math.max(100, legend + 60), left: 30, right: 30 };
}

/** A function from mercator to px of the map at its current position. */
export function onScreen() {
  const { map } = stage;
  const scale = TILE * 2 ** map.getZoom();
  const centre = map.getCenter();
  const [cx, cy] = mercator(centre.lng, centre.lat);
  const box = map.getContainer();
  const [w, h] = [box.clientWidth / 2, box.clientHeight / 2];
  return (x, y) => [(x - cx) * scale + w, (y - cy) * scale + h];
}

/** Make a canvas as large as the map and empty; the pen and its size in css px. */
export function emptied(sheet, map) {
  const box = map.getContainer();
  const scale = Math.max(1, window.devicePixelRatio || 1);
  const [w, h] = [box.clientWidth, box.clientHeight];
  if (sheet.width !== Math.round(w * scale) || sheet.height !== Math.round(h * scale)) {
    sheet.width = Math.round(w * scale);
    sheet.height = Math.round(h * scale);
    sheet.style.width = `${w}px`;
    sheet.style.height = `${h}px`;
  }
  const pen = sheet.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, w, h);
  return { pen, w, h };
}
