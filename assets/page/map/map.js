/* The map: offline base layers, working links, outlines. Over it lie canvases, so that a change of state need not
   redraw it: hit and dark links (lines.js), assets as dots (dots.js), all that is not normal (symbols.js). */
import { emit, on } from "../base/bus.js";
import { el, whenReady } from "../base/elements.js";
import { colour } from "../base/icons.js";
import { model } from "../base/model.js";
import { lookAgain, sight } from "../base/sight.js";
import { t } from "../base/words.js";
import { LINE_LAYERS, basisOf, lineLayers } from "./basis.js";
import { Dots } from "./dots.js";
import { mercator } from "./geometry.js";
import { lineDashes, quietWidth } from "./lines.js";
import { mapRoom, stage } from "./stage.js";

// ---------------------------------------------------------------- style
const fills = [
  ["green", "map-wood"],
  ["wood", "map-wood"],
  ["built", "map-built"],
  ["water", "map-water"],
];
const wide = (a, b, c) => ["interpolate", ["exponential", 1.5], ["zoom"], 9, a, 13, b, 17, c];
const round = { "line-join": "round", "line-cap": "round" };

/** @type {[string, string, any, { dash?: number[], minzoom?: number }][]} */
const lines = [
  ["waterways", "map-water", wide(0.5, 1.6, 6), {}],
  ["roads_minor", "map-road", wide(0.2, 1, 10), { minzoom: 11 }],
  ["roads", "map-road", wide(0.5, 2, 12), {}],
  ["rail", "map-rail", wide(0.6, 1.4, 3), { dash: [5, 2.5] }],
  ["roads_major", "map-road", wide(1.2, 3.6, 16), {}],
];

function baseStyle(base) {
  const sources = {};
  /** @type {any[]} */
  const layers = [{ id: "land", type: "background", paint: { "background-color": colour("map-land") } }];
  for (const [name, url] of Object.entries(base)) {
    if (name !== "streets" && name !== "places") {
      sources[`base-${name}`] = { type: "geojson", data: new URL(url, location.href).href };
    }
  }
  for (const [name, token] of fills) {
    if (base[name]) {
      layers.push({
        id: `base-${name}`,
        type: "fill",
        source: `base-${name}`,
        metadata: { token },
        paint: { "fill-color": colour(token) },
      });
    }
  }
  for (const [name, token, width, more] of lines) {
    if (!base[name]) continue;
    const paint = { "line-color": colour(token), "line-width": width };
    if (more.dash) paint["line-dasharray"] = more.dash;
    layers.push({
      id: `base-${name}`,
      type: "line",
      source: `base-${name}`,
      metadata: { token },
      layout: more.dash ? {} : round,
      paint,
      ...(more.minzoom ? { minzoom: more.minzoom } : {}),
    });
  }
  return { version: 8, sources, layers };
}

// ---------------------------------------------------------------- links
const SERVICE_TOKENS = {
  electricity: "link-electricity",
  heat: "link-heat",
  gas: "link-gas",
  road: "link-road",
  rail: "link-rail",
};
function linkColour() {
  const normal = ["match", ["get", "service"]];
  for (const [service, token] of Object.entries(SERVICE_TOKENS)) normal.push(service, colour(token));
  return [...normal, colour("link-other")];
}

const collection = (features) => ({ type: "FeatureCollection", features });
const lineOf = (line, properties, id) => ({
  type: "Feature",
  id,
  properties,
  geometry: { type: "LineString", coordinates: line },
});

const linkFeatures = (world) =>
  world.links.map((link, k) =>
    lineOf(
      link.line,
      { k, service: link.service, minor: link.minor, basis: basisOf(link.origin), offset: stage.lineOffsets[k] },
      k,
    ),
  );

function addLinks(map, world) {
  map.addSource("links", { type: "geojson", data: collection(linkFeatures(world)) });
  // a separate source: a wide glow that is invisible behind most of very many lines costs a third of each frame
  map.addSource("links-near", { type: "geojson", data: collection([]) });
  const paint = {
    "line-color": linkColour(),
    "line-width": quietWidth(world.links.length),
    "line-offset": ["get", "offset"],
  };
  map.addLayer({
    id: "links-halo",
    type: "line",
    source: "links-near",
    layout: round,
    paint: {
      "line-color": colour("accent"),
      "line-opacity": 0.35,
      "line-width": 9,
      "line-offset": ["get", "offset"],
    },
  });
  for (const [id, basis] of LINE_LAYERS) {
    const dash = lineDashes[basis];
    map.addLayer({
      id,
      type: "line",
      source: "links",
      filter: ["==", ["get", "basis"], basis],
      layout: dash ? {} : round,
      paint: dash ? { ...paint, "line-dasharray": dash } : paint,
    });
  }
}

// --------------------------------------------------------------- assets
function addAssets(map, world) {
  const shapes = world.columns.shaped.map((i) => ({
    type: "Feature",
    id: i,
    properties: { i },
    geometry: world.assets[i].shape,
  }));
  map.addSource("shapes", { type: "geojson", data: { type: "FeatureCollection", features: shapes } });
  map.addLayer({
    id: "shapes",
    type: "line",
    source: "shapes",
    minzoom: 13,
    layout: round,
    paint: { "line-color": colour("working"), "line-opacity": 0.6, "line-width": 1.2 },
  });
}

/** Put a glow behind the lines whose card is open. */
export function markLinks(ids) {
  if (!stage.ready) return;
  const near = ids.map((id) => model.world.linkIndex.get(id));
  const key = near.join();
  if (key === marked) return;
  marked = key;
  stage.map
    .getSource("links-near")
    .setData(collection(near.map((k) => lineOf(model.world.links[k].line, { offset: stage.lineOffsets[k] }))));
}
let marked = "";

/** Show places and assets alone, without states: the Compare view draws those. */
export function setQuiet(quiet) {
  if (sight.quiet === quiet) return;
  sight.quiet = quiet;
  if (stage.ready) emit("filter", null);
}

/** Show again after a filter or layer was switched. */
export function refilter() {
  if (!stage.ready) return;
  const map = stage.map;
  stage.dots.filter(lookAgain());
  const set = (id, visible) =>
    map.getLayer(id) && map.setLayoutProperty(id, "visibility", visible ? "visible" : "none");
  const hiddenServices = [...sight.hiddenServices];
  for (const [id, basis] of LINE_LAYERS) {
    set(id, sight.layers.links);
    map.setFilter(id, [
      "all",
      ["==", ["get", "basis"], basis],
      ["!", ["in", ["get", "service"], ["literal", hiddenServices]]],
    ]);
  }
  for (const name of ["roads_minor", "roads_major", "roads", "rail"]) set(`base-${name}`, sight.layers.roads);
  set("shapes", sight.layers.shapes);
  emit("filter", null);
}

// ---------------------------------------------------------------- theme
function repaint() {
  const map = stage.map;
  if (!stage.ready) return;
  map.setPaintProperty("land", "background-color", colour("map-land"));
  for (const layer of map.getStyle().layers) {
    const token = layer.metadata && layer.metadata.token;
    if (token) map.setPaintProperty(layer.id, layer.type === "fill" ? "fill-color" : "line-color", colour(token));
  }
  map.setPaintProperty("links-halo", "line-color", colour("accent"));
  for (const id of lineLayers) map.setPaintProperty(id, "line-color", linkColour());
  map.setPaintProperty("shapes", "line-color", colour("working"));
  map.triggerRepaint();
}
on("theme", repaint);

// ---------------------------------------------------------------- start
function startView(world) {
  const at = (new URLSearchParams(location.search).get("at") || "").split(",").map(Number);
  if (at.length === 3 && at.every(Number.isFinite) && Math.abs(at[1]) < 85) {
    return { center: [at[0], at[1]], zoom: at[2] };
  }
  return { bounds: busyBounds(world), fitBoundsOptions: { padding: mapRoom() } };
}

/** The lowest and the highest of some values, without a share of them at each end. */
export function span(values, share) {
  const v = Float64Array.from(values).sort();
  return [v[Math.floor(share * (v.length - 1))], v[Math.ceil((1 - share) * (v.length - 1))]];
}

/** The middle three quarters of the assets: where things happen, not where a line leaves the box. */
export function busyBounds(world = model.world) {
  if (world.assets.length < 8) {
    return [
      [world.bbox[0], world.bbox[1]],
      [world.bbox[2], world.bbox[3]],
    ];
  }
  const [w, e] = span(world.columns.lon, 0.12);
  const [s, n] = span(world.columns.lat, 0.12);
  return [
    [w, s],
    [e, n],
  ];
}

/** How far out one may look: the whole world, and no less than a region around it. */
export function outermost(world, host) {
  const [w, s, e, n] = world.bbox;
  const [left, bottom] = mercator(w, Math.max(-85, s));
  const [right, top] = mercator(e, Math.min(85, n));
  const fits = Math.min(host.clientWidth / (right - left || 1e-9), host.clientHeight / (bottom - top || 1e-9)) / 512;
  return Math.max(0, Math.min(6, Math.log2(fits) - 0.5));
}

/** The texts of MapLibre itself. */
const MAP_WORDS = {
  "NavigationControl.ZoomIn": t("Zoom in"),
  "NavigationControl.ZoomOut": t("Zoom out"),
  "Map.Title": t("Map"),
};

function start(world, host) {
  const gl = window.maplibregl;
  host.replaceChildren();
  let map;
  try {
    map = new gl.Map({
      container: host,
      style: baseStyle(world.base),
      attributionControl: false,
      locale: MAP_WORDS,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      boxZoom: false,
      fadeDuration: 0,
      maxZoom: 18.5,
      minZoom: outermost(world, host),
      ...startView(world),
    });
  } catch (error) {
    console.warn(error);
    host.replaceChildren(
      el(
        "p",
        { class: "empty map-problem" },
        t("This browser cannot draw the map (WebGL is off). The list shows the same assets."),
      ),
    );
    emit("mapless", true);
    return;
  }
  stage.map = map;
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map
    .getCanvas()
    .setAttribute(
      "aria-label",
      t("Map of the region. Arrow keys move it, plus and minus zoom. The list shows the same assets."),
    );
  map.addControl(new gl.NavigationControl({ showCompass: false }), "top-left");
  map.addControl(new gl.ScaleControl({ maxWidth: 90, unit: "metric" }), "top-left");
  // not "load": that waits for every base layer, but states should not wait for the woods
  map.once("style.load", () => {
    addLinks(map, world);
    addAssets(map, world);
    stage.ready = true;
    stage.dots.attach(map);
    emit("map", map);
  });
  map.on("error", (event) => console.warn("map:", event.error && event.error.message));
}

on("world", (world) => {
  stage.dots = new Dots(world);
  stage.dots.filter(lookAgain());
  whenReady("map", (host) => start(world, host));
});

let resizing = 0;
on("layout", () => {
  cancelAnimationFrame(resizing);
  resizing = requestAnimationFrame(() => stage.map && stage.map.resize());
});
