/* The fields of hazards on the map: drawn areas with their intensity at the clock's hour, epicentres, and a legend. */
import { on } from "../base/bus.js";
import { clock } from "../base/clock.js";
import { el } from "../base/elements.js";
import { colour } from "../base/icons.js";
import { model } from "../base/model.js";
import { sight } from "../base/sight.js";
import { HOUR } from "../base/time.js";
import { spoken, t } from "../base/words.js";
import { stage } from "./stage.js";

const FILL = "hazard-fill";
const EDGE = "hazard-edge";
const QUAKE = "hazard-quake";
/** Below all lines. */
const BELOW = "links-halo";
/** Classes of a field: equal parts of its own highest intensity. */
const CLASSES = 4;
const EMPTY = { type: "FeatureCollection", features: [] };

let drawn = "";
let legend = null;
let kinds = null;

/** The hazards of the scenario that have a field the page can draw. */
const hazards = () =>
  ((model.scenario && model.scenario.plain && model.scenario.plain.events) || []).filter(
    ({ do: kind, field }) => kind === "hazard" && field && (field.polygon || field.magnitude !== undefined),
  );

/** Label and unit of a hazard. */
function kindOf(id) {
  kinds = kinds || JSON.parse(document.getElementById("add-dialog").dataset.hazardKinds);
  return kinds.find((kind) => kind.id === id) || { label: id.replaceAll("_", " "), unit: "", sign: "" };
}

/** The highest intensity of a field over time. */
export const peakOf = (field) =>
  Math.max(...(field.steps || [{ intensity: field.intensity ?? 1 }]).map((s) => s.intensity));

/** The intensity of a drawn field at an hour; null while it is not there. */
export function intensityAt(event, hour) {
  if (hour < event.at_h || (event.until_h !== undefined && hour >= event.until_h)) return null;
  const { steps, intensity } = event.field;
  if (!steps) return intensity ?? 1;
  const held = steps.filter(({ after_h }) => event.at_h + after_h <= hour + 1e-9);
  return held.length ? held[held.length - 1].intensity : null;
}

const classOf = (value, peak) => Math.max(1, Math.min(CLASSES, Math.ceil((CLASSES * value) / (peak || 1) - 1e-9)));

function features(hour) {
  return hazards().flatMap((event) => {
    const { field } = event;
    if (field.magnitude !== undefined) {
      if (hour < event.at_h) return [];
      return [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [field.lon, field.lat] } }];
    }
    const value = intensityAt(event, hour);
    if (value === null) return [];
    return [{ type: "Feature", properties: { level: classOf(value, peakOf(field)) }, geometry: field.polygon }];
  });
}

const shade = () => ["interpolate", ["linear"], ["get", "level"], 1, 0.16, CLASSES, 0.5];

function addLayers(map) {
  map.addSource("hazards", { type: "geojson", data: EMPTY });
  const area = ["==", ["geometry-type"], "Polygon"];
  map.addLayer(
    {
      id: FILL,
      type: "fill",
      source: "hazards",
      filter: area,
      paint: { "fill-color": colour("accent"), "fill-opacity": shade() },
    },
    BELOW,
  );
  map.addLayer(
    {
      id: EDGE,
      type: "line",
      source: "hazards",
      filter: area,
      paint: { "line-color": colour("accent"), "line-width": 1.6 },
    },
    BELOW,
  );
  map.addLayer({
    id: QUAKE,
    type: "circle",
    source: "hazards",
    filter: ["==", ["geometry-type"], "Point"],
    paint: {
      "circle-radius": 11,
      "circle-color": "rgba(0,0,0,0)",
      "circle-stroke-color": colour("accent"),
      "circle-stroke-width": 3,
    },
  });
}

const figure = (value) => value.toLocaleString(spoken.code, { maximumFractionDigits: 2 });

/** The legend says what each field is now, and its classes with their breaks. */
function legendItems(hour) {
  return hazards().map((event) => {
    const { label, unit, sign } = kindOf(event.hazard);
    const { field } = event;
    if (field.magnitude !== undefined) {
      return el("p", {}, el("b", {}, label), " ", t("magnitude {value}", { value: figure(field.magnitude) }));
    }
    const peak = peakOf(field);
    const now = intensityAt(event, hour);
    const held = !field.unit || field.unit === unit ? sign : field.unit;
    const said = now === null ? t("not here at this hour") : `${figure(now)} ${held}`;
    const breaks = Array.from({ length: CLASSES }, (_, n) =>
      el(
        "span",
        { class: "legend-item" },
        el("span", { class: `hazard-mark hazard-mark-${n + 1}`, "aria-hidden": "true" }),
        t("up to {value}", { value: figure((peak * (n + 1)) / CLASSES) }),
      ),
    );
    return el("div", {}, el("p", {}, el("b", {}, label), ` ${said}`), ...(field.steps ? breaks : []));
  });
}

function draw() {
  if (!stage.ready) return;
  const hour = clock.t / HOUR;
  const shown = sight.layers.hazards && !sight.quiet;
  const data = { type: "FeatureCollection", features: shown ? features(hour) : [] };
  const items = shown ? legendItems(hour) : [];
  const key = JSON.stringify(data) + items.map((item) => item.textContent).join();
  if (key === drawn) return;
  drawn = key;
  const { map } = stage;
  if (!map.getSource("hazards")) {
    if (!data.features.length && !items.length) return;
    addLayers(map);
  }
  map.getSource("hazards").setData(data);
  if (!legend) {
    legend = el("div", { id: "hazard-legend", class: "hazard-legend" });
    map.getContainer().append(legend);
  }
  legend.hidden = !items.length;
  legend.replaceChildren(...items);
}

function repaint() {
  if (!stage.ready || !stage.map.getLayer(FILL)) return;
  stage.map.setPaintProperty(FILL, "fill-color", colour("accent"));
  stage.map.setPaintProperty(EDGE, "line-color", colour("accent"));
  stage.map.setPaintProperty(QUAKE, "circle-stroke-color", colour("accent"));
}
on("scenario", draw);
on("clock", draw);
on("filter", draw);
on("map", draw);
on("theme", repaint);
