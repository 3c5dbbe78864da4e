/* The layer of people: each cell shaded by how many services are missing there, at the clock's time. Off at first. */
import { on } from "../base/bus.js";
import { CELL, cellClass, cellsNow, missingIn } from "../base/cells.js";
import { el } from "../base/elements.js";
import { colour } from "../base/icons.js";
import { model } from "../base/model.js";
import { sight } from "../base/sight.js";
import { thousands } from "../base/time.js";
import { t, tn } from "../base/words.js";
import { LINE_LAYERS, basisWords } from "./basis.js";
import { lineDashes } from "./lines.js";
import { stage } from "./stage.js";

/** A cell without an outline is a disc; its area grows with its people, within bounds, in metres. */
const DISC = { perRoot: 9, least: 50, most: 350, corners: 24 };
const METRES_PER_DEGREE = 111_320;
/** How much of the map a shade covers; the legend mixes its colours the same way (06_map.css). */
const COVER = 0.78;
const FILL = "cells-fill";
/** Below all lines. */
const BELOW = "links-halo";
const OUTLINES = LINE_LAYERS.map(([, basis]) => [`cells-${basis}`, basis]);

let classes = new Uint8Array(0);

const isOn = () => sight.layers.cells && !sight.quiet && model.world.cells.length > 0;

function disc({ lon, lat, people }) {
  const r = Math.max(DISC.least, Math.min(DISC.most, DISC.perRoot * Math.sqrt(people))) / METRES_PER_DEGREE;
  const wide = r / Math.max(0.01, Math.cos((lat * Math.PI) / 180));
  const ring = Array.from({ length: DISC.corners + 1 }, (_, n) => {
    const angle = (2 * Math.PI * (n % DISC.corners)) / DISC.corners;
    return [lon + wide * Math.cos(angle), lat + r * Math.sin(angle)];
  });
  return { type: "Polygon", coordinates: [ring] };
}

const shade = () => [
  "match",
  ["coalesce", ["feature-state", "shade"], 0],
  ...[CELL.SOME, CELL.ONE, CELL.TWO, CELL.MORE].flatMap((n) => [n, colour(`cell-${n}`)]),
  "rgba(0,0,0,0)",
];
const outline = () => ["case", [">", ["coalesce", ["feature-state", "shade"], 0], 0], colour("ink"), colour("edge")];

/** Make the layer when it is switched on for the first time: most never need it. */
function addLayer(map) {
  const features = model.world.cells.map((cell, c) => ({
    type: "Feature",
    id: c,
    properties: { basis: cell.basis },
    geometry: cell.shape || disc(cell),
  }));
  map.addSource("cells", { type: "geojson", data: { type: "FeatureCollection", features } });
  const paint = { "fill-color": shade(), "fill-opacity": COVER };
  map.addLayer({ id: FILL, type: "fill", source: "cells", paint }, BELOW);
  for (const [id, basis] of OUTLINES) {
    const dash = lineDashes[basis] ? { "line-dasharray": lineDashes[basis] } : {};
    map.addLayer(
      {
        id,
        type: "line",
        source: "cells",
        filter: ["==", ["get", "basis"], basis],
        paint: { "line-color": outline(), "line-width": 1, "line-opacity": 0.55, ...dash },
      },
      BELOW,
    );
  }
  classes = new Uint8Array(features.length);
}

/** Shade what differs from what is drawn. */
function draw() {
  if (!stage.ready || !model.picture || !isOn()) return;
  const { map } = stage;
  if (!map.getSource("cells")) addLayer(map);
  cellsNow();
  for (let c = 0; c < classes.length; c++) {
    const level = cellClass(c);
    if (level === classes[c]) continue;
    classes[c] = level;
    map.setFeatureState({ source: "cells", id: c }, { shade: level });
  }
}

function show() {
  if (!stage.ready) return;
  draw();
  const visibility = isOn() ? "visible" : "none";
  for (const id of [FILL, ...OUTLINES.map(([name]) => name)]) {
    if (stage.map.getLayer(id)) stage.map.setLayoutProperty(id, "visibility", visibility);
  }
}

/** The cell at a point of the map, while the layer is on. */
export function cellAt(point) {
  if (!stage.ready || !isOn() || !stage.map.getLayer(FILL)) return null;
  const [hit] = stage.map.queryRenderedFeatures([point.x, point.y], { layers: [FILL] });
  return hit ? { cell: Number(hit.id) } : null;
}

/** What the card beside the pointer says of a cell. */
export function cellLines(c) {
  const { lacking } = cellsNow();
  const cell = model.world.cells[c];
  const missing = missingIn(c);
  const people = t("{n} of {all} people lack something", { n: thousands(lacking[c]), all: thousands(cell.people) });
  return [
    el("strong", {}, cell.municipality || cell.id),
    el("span", {}, lacking[c] > 0 ? people : tn("{n} person lives here", "{n} people live here", cell.people)),
    missing.length ? el("span", {}, t("Missing: {services}", { services: missing.join(", ") })) : null,
    el("small", {}, t("Who serves them: {basis}", { basis: basisWords[cell.basis] })),
  ].filter(Boolean);
}

/** The words of the legend, by shade. */
export const CELL_WORDS = [
  [CELL.SOME, t("some lack something")],
  [CELL.ONE, t("1 service missing")],
  [CELL.TWO, t("2 missing")],
  [CELL.MORE, t("3 or more missing")],
];

function repaint() {
  if (!stage.ready || !stage.map.getLayer(FILL)) return;
  stage.map.setPaintProperty(FILL, "fill-color", shade());
  for (const [id] of OUTLINES) stage.map.setPaintProperty(id, "line-color", outline());
}
on("clock", draw);
on("filter", show);
on("map", show);
on("theme", repaint);
