/* The map: offline base layers, working links, outlines. Over it lie canvases, so that a change of state need not draw it anew:
   hit and dark links (19_lines.js), assets as dots (18_dots.js), all that is not normal (22_symbols.js). */
(function () {
  "use strict";
  const knockon = window.knockon;
  const { STATE } = knockon.time;
  const colour = knockon.colour;

  /** Layers people can switch, with what they start as. */
  knockon.layers = { links: true, needs: true, unknown: true, labels: true, roads: true, shapes: true };
  /** Sectors and link services that are switched off. */
  knockon.hiddenSectors = new Set();
  knockon.hiddenServices = new Set();

  /** By index, 1 for what is to be seen at all: its sector is switched on. */
  let inSight = new Uint8Array(0);
  knockon.inSight = () => inSight;

  function lookAround() {
    const { columns, sectors } = knockon.world, on = sectors.map((sector) => (knockon.hiddenSectors.has(sector.id) ? 0 : 1)), seen = [];
    inSight = columns.sector.map((sector) => on[sector]);
    inSight.forEach((yes, i) => { if (yes) seen.push(i); });
    knockon.dots.filter(seen);
  }

  /** Whether an asset is to be seen at all, by sector and layer. */
  knockon.isShown = (i) => inSight[i] === 1 && (knockon.layers.unknown || knockon.stateCode(i) !== STATE.UNKNOWN);

  // ---------------------------------------------------------------- style
  const fills = [["green", "map-wood"], ["wood", "map-wood"], ["built", "map-built"], ["water", "map-water"]];
  const wide = (a, b, c) => ["interpolate", ["exponential", 1.5], ["zoom"], 9, a, 13, b, 17, c];
  const round = { "line-join": "round", "line-cap": "round" };

  const lines = [
    ["waterways", "map-water", wide(0.5, 1.6, 6), {}],
    ["roads_minor", "map-road", wide(0.2, 1, 10), { minzoom: 11 }],
    ["roads", "map-road", wide(0.5, 2, 12), {}],
    ["rail", "map-rail", wide(0.6, 1.4, 3), { dash: [5, 2.5] }],
    ["roads_major", "map-road", wide(1.2, 3.6, 16), {}],
  ];

  function baseStyle(base) {
    const sources = {}, layers = [{ id: "land", type: "background", paint: { "background-color": colour("map-land") } }];
    for (const [name, url] of Object.entries(base)) if (name !== "streets" && name !== "places") sources[`base-${name}`] = { type: "geojson", data: new URL(url, location.href).href };
    for (const [name, token] of fills) {
      if (base[name]) layers.push({ id: `base-${name}`, type: "fill", source: `base-${name}`, metadata: { token }, paint: { "fill-color": colour(token) } });
    }
    for (const [name, token, width, more] of lines) {
      if (!base[name]) continue;
      const paint = { "line-color": colour(token), "line-width": width };
      if (more.dash) paint["line-dasharray"] = more.dash;
      layers.push({ id: `base-${name}`, type: "line", source: `base-${name}`, metadata: { token }, layout: more.dash ? {} : round, paint, ...(more.minzoom ? { minzoom: more.minzoom } : {}) });
    }
    return { version: 8, sources, layers };
  }

  // ---------------------------------------------------------------- links
  const SERVICE_TOKENS = { electricity: "link-electricity", heat: "link-heat", gas: "link-gas", road: "link-road", rail: "link-rail" };
  /** Layers of lines by how a line is known. */
  const LINE_LAYERS = [["links-solid", "declared"], ["links-dashed", "inferred"], ["links-dotted", "assumed"]];
  knockon.lineLayers = LINE_LAYERS.map(([id]) => id);
  /** How something is known, by its origin: a rule's name means inferred. */
  knockon.basisOf = (origin) => (origin === "declared" ? "declared" : origin === "assumption" ? "assumed" : "inferred");

  /** How something is known, in words. */
  knockon.basisWords = { declared: knockon.t("declared"), inferred: knockon.t("inferred"), assumed: knockon.t("assumed") };

  function linkColour() {
    const normal = ["match", ["get", "service"]];
    for (const [service, token] of Object.entries(SERVICE_TOKENS)) normal.push(service, colour(token));
    return [...normal, colour("link-other")];
  }

  const collection = (features) => ({ type: "FeatureCollection", features });
  const lineOf = (line, properties, id) => ({ type: "Feature", id, properties, geometry: { type: "LineString", coordinates: line } });

  const linkFeatures = (world) => world.links.map((link, k) =>
    lineOf(link.line, { k, service: link.service, minor: link.minor, basis: knockon.basisOf(link.origin), offset: knockon.lineOffsets[k] }, k));

  function addLinks(map, world) {
    map.addSource("links", { type: "geojson", data: collection(linkFeatures(world)) });
    // a source of its own: a wide glow that is invisible behind most of very many lines costs a third of each frame
    map.addSource("links-near", { type: "geojson", data: collection([]) });
    const paint = { "line-color": linkColour(), "line-width": knockon.quietWidth(world.links.length), "line-offset": ["get", "offset"] };
    map.addLayer({ id: "links-halo", type: "line", source: "links-near", layout: round,
      paint: { "line-color": colour("accent"), "line-opacity": 0.35, "line-width": 9, "line-offset": ["get", "offset"] } });
    for (const [id, basis] of LINE_LAYERS) {
      const dash = knockon.lineDashes[basis];
      map.addLayer({ id, type: "line", source: "links", filter: ["==", ["get", "basis"], basis], layout: dash ? {} : round, paint: dash ? { ...paint, "line-dasharray": dash } : paint });
    }
  }

  // --------------------------------------------------------------- assets
  function addAssets(map, world) {
    const shapes = world.columns.shaped.map((i) => ({ type: "Feature", id: i, properties: { i }, geometry: world.assets[i].shape }));
    map.addSource("shapes", { type: "geojson", data: { type: "FeatureCollection", features: shapes } });
    map.addLayer({ id: "shapes", type: "line", source: "shapes", minzoom: 13, layout: round,
      paint: { "line-color": colour("working"), "line-opacity": 0.6, "line-width": 1.2 } });
  }

  /** Put a glow behind the lines whose card is open. */
  knockon.markLinks = function (ids) {
    if (!knockon.mapReady) return;
    const near = ids.map((id) => knockon.world.linkIndex.get(id)), key = near.join();
    if (key === marked) return;
    marked = key;
    knockon.map.getSource("links-near").setData(collection(near.map((k) => lineOf(knockon.world.links[k].line, { offset: knockon.lineOffsets[k] }))));
  };
  let marked = "";

  /** Show places and assets alone, without states: somebody else draws those (the Compare view). */
  knockon.setQuiet = function (quiet) {
    if (!!knockon.quiet === quiet) return;
    knockon.quiet = quiet;
    if (knockon.mapReady) knockon.emit("filter", null);
  };

  /** Show again after a filter or layer was switched. */
  knockon.refilter = function () {
    if (!knockon.mapReady) return;
    const map = knockon.map;
    lookAround();
    const set = (id, on) => map.getLayer(id) && map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
    const hiddenServices = [...knockon.hiddenServices];
    for (const [id, basis] of LINE_LAYERS) {
      set(id, knockon.layers.links);
      map.setFilter(id, ["all", ["==", ["get", "basis"], basis], ["!", ["in", ["get", "service"], ["literal", hiddenServices]]]]);
    }
    for (const name of ["roads_minor", "roads_major", "roads", "rail"]) set(`base-${name}`, knockon.layers.roads);
    set("shapes", knockon.layers.shapes);
    knockon.emit("filter", null);
  };

  // ---------------------------------------------------------------- theme
  function repaint() {
    const map = knockon.map;
    if (!knockon.mapReady) return;
    map.setPaintProperty("land", "background-color", colour("map-land"));
    for (const layer of map.getStyle().layers) {
      const token = layer.metadata && layer.metadata.token;
      if (token) map.setPaintProperty(layer.id, layer.type === "fill" ? "fill-color" : "line-color", colour(token));
    }
    map.setPaintProperty("links-halo", "line-color", colour("accent"));
    for (const id of knockon.lineLayers) map.setPaintProperty(id, "line-color", linkColour());
    map.setPaintProperty("shapes", "line-color", colour("working"));
    map.triggerRepaint();
  }
  knockon.on("theme", repaint);

  // ---------------------------------------------------------------- start
  function startView(world) {
    const at = (new URLSearchParams(location.search).get("at") || "").split(",").map(Number);
    if (at.length === 3 && at.every(Number.isFinite) && Math.abs(at[1]) < 85) return { center: [at[0], at[1]], zoom: at[2] };
    return { bounds: busyBounds(world), fitBoundsOptions: { padding: knockon.mapRoom } };
  }

  /** What lies over the map leaves this much of it free, in px. */
  Object.defineProperty(knockon, "mapRoom", { get() {
    const bar = document.querySelector(".centre-bar"), above = bar && getComputedStyle(bar).position === "relative";
    return { top: above ? 24 : 70, bottom: 100, left: 30, right: 30 };
  } });

  /** The middle three quarters of the assets: where things happen, not where a line leaves the box. */
  function busyBounds(world) {
    const span = (values, share) => { const v = Float64Array.from(values).sort(); return [v[Math.floor(share * (v.length - 1))], v[Math.ceil((1 - share) * (v.length - 1))]]; };
    if (world.assets.length < 8) return [[world.bbox[0], world.bbox[1]], [world.bbox[2], world.bbox[3]]];
    const [w, e] = span(world.columns.lon, 0.12), [s, n] = span(world.columns.lat, 0.12);
    return [[w, s], [e, n]];
  }

  /** How far out one may look: the whole world, and no less than a region around it. */
  function outermost(world, host) {
    const [w, s, e, n] = world.bbox, [left, bottom] = knockon.mercator(w, Math.max(-85, s)), [right, top] = knockon.mercator(e, Math.min(85, n));
    const fits = Math.min(host.clientWidth / (right - left || 1e-9), host.clientHeight / (bottom - top || 1e-9)) / 512;
    return Math.max(0, Math.min(6, Math.log2(fits) - 0.5));
  }
  knockon.busyBounds = () => busyBounds(knockon.world);

  /** What MapLibre itself says. */
  const MAP_WORDS = { "NavigationControl.ZoomIn": knockon.t("Zoom in"), "NavigationControl.ZoomOut": knockon.t("Zoom out"), "Map.Title": knockon.t("Map") };

  function start(world, host) {
    const gl = window.maplibregl;
    host.replaceChildren();
    let map;
    try {
      map = new gl.Map({
        container: host, style: baseStyle(world.base), attributionControl: false, locale: MAP_WORDS, dragRotate: false, pitchWithRotate: false,
        touchPitch: false, boxZoom: false, fadeDuration: 0, maxZoom: 18.5, minZoom: outermost(world, host), ...startView(world),
      });
    } catch (error) {
      console.warn(error);
      host.replaceChildren(knockon.el("p", { class: "empty map-problem" }, knockon.t("This browser cannot draw the map (WebGL is off). The list shows the same assets.")));
      knockon.emit("mapless", true);
      return;
    }
    knockon.map = map;
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.getCanvas().setAttribute("aria-label", knockon.t("Map of the region. Arrow keys move it, plus and minus zoom. The list shows the same assets."));
    map.addControl(new gl.NavigationControl({ showCompass: false }), "top-left");
    map.addControl(new gl.ScaleControl({ maxWidth: 90, unit: "metric" }), "top-left");
    // not "load": that waits for every base layer, and what is at stake need not wait for the woods
    map.once("style.load", () => {
      addLinks(map, world);
      addAssets(map, world);
      knockon.mapReady = true;
      knockon.emit("map", map);
      knockon.dots.attach(map);
      map.on("render", () => { knockon.dots.moved(); knockon.drawSymbols(); });
      knockon.drawSymbols();
    });
    map.on("error", (event) => console.warn("map:", event.error && event.error.message));
  }

  knockon.on("world", (world) => {
    knockon.dots = new knockon.Dots(world);
    lookAround();
    knockon.ready("map", (host) => start(world, host));
  });

  let resizing = 0;
  knockon.on("layout", () => {
    cancelAnimationFrame(resizing);
    resizing = requestAnimationFrame(() => knockon.map && knockon.map.resize());
  });
})();
