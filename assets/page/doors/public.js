/* The safe public map: areas coloured by the share of people without a service, at the clock's hour. */
(function () {
  "use strict";
  const knockon = window.knockon;
  const $ = (id) => document.getElementById(id);
  const { name, layers, bbox } = document.body.dataset;
  const here = `/public/${encodeURIComponent(name)}`;
  const FEW = -1, ASK_MS = 30_000, STEP_MS = 250;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const colour = (token) => getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim();
  const thousands = (n) => knockon.number(n);
  const el = (tag, text, attributes) => Object.assign(document.createElement(tag), { textContent: text ?? "" }, attributes);

  /** Classes of the share without, from none on; a colour mixes the one for lost into the ground. */
  const CLASSES = [
    { words: knockon.t("nobody"), mix: 0 }, { words: knockon.t("a few people"), mix: 0.14 }, { words: knockon.t("up to a quarter"), mix: 0.28 },
    { words: knockon.t("up to a half"), mix: 0.43 }, { words: knockon.t("up to three quarters"), mix: 0.59 }, { words: knockon.tp("share of people", "more"), mix: 0.76 },
  ];
  let told = null, service = "", map = null, timer = 0;

  const classOf = ({ served, without }) => (without === FEW ? 1 : without <= 0 ? 0 : Math.min(5, 1 + Math.ceil((4 * without) / served)));
  const words = (count) => (count === FEW ? knockon.t("fewer than {n}", { n: told.least_told }) : thousands(count));

  function at(course, hour) {
    let value = 0;
    for (const [t, count] of course) { if (t > hour) break; value = count; }
    return value;
  }

  /** What is told of each area at the clock's hour: number, people served, people without. */
  function areas() {
    const hour = Number($("clock").value) * told.step_h, one = told.services.find((s) => s.id === service);
    return (one ? one.cells : []).map(({ cell, served, without }) => ({ cell, served, without: at(without, hour) }));
  }

  // ------------------------------------------------------------------ map
  const FILLS = [["green", "map-wood"], ["wood", "map-wood"], ["built", "map-built"], ["water", "map-water"]];
  const LINES = [["waterways", "map-water", 1], ["roads_minor", "map-road", 0.6], ["rail", "map-rail", 1], ["roads_major", "map-road", 2]];

  function style() {
    const known = JSON.parse(layers), sources = {}, drawn = [{ id: "land", type: "background", paint: { "background-color": colour("map-land") } }];
    const add = (layer, type, paint) => {
      if (!known.includes(layer)) return;
      sources[layer] = { type: "geojson", data: new URL(`${here}/base/${layer}.geojson`, location.href).href };
      drawn.push({ id: layer, type, source: layer, paint });
    };
    for (const [layer, token] of FILLS) add(layer, "fill", { "fill-color": colour(token) });
    for (const [layer, token, width] of LINES) add(layer, "line", { "line-color": colour(token), "line-width": width });
    sources.areas = { type: "geojson", data: features() };
    const share = ["match", ["get", "class"], ...CLASSES.slice(1).flatMap(({ mix }, i) => [i + 1, mix]), 0];
    drawn.push({ id: "areas", type: "fill", source: "areas", paint: { "fill-color": colour("lost"), "fill-opacity": share } });
    drawn.push({ id: "edges", type: "line", source: "areas", paint: { "line-color": colour("edge"), "line-width": 1, "line-opacity": 0.75 } });
    return { version: 8, sources, layers: drawn };
  }

  const features = () => ({
    type: "FeatureCollection",
    features: areas().map((area) => ({
      type: "Feature", properties: { ...area, class: classOf(area) }, geometry: { type: "Polygon", coordinates: [told.cells[area.cell]] },
    })),
  });

  function bounds() {
    const box = JSON.parse(bbox), spots = told.cells.flat();
    if (box) return box;
    const [x, y] = [0, 1].map((i) => spots.map((spot) => spot[i]));
    return spots.length ? [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)] : [5, 47, 15, 55];
  }

  function drawMap() {
    try {
      map = new maplibregl.Map({ container: "map", style: style(), bounds: bounds(), fitBoundsOptions: { padding: 24 }, attributionControl: false, dragRotate: false, maxZoom: 12 });
    } catch {
      $("map").textContent = knockon.t("This browser cannot draw the map. The table has the same numbers.");
      return;
    }
    const popup = new maplibregl.Popup({ closeButton: false, closeOnClick: false, offset: 8 });
    map.on("mousemove", "areas", ({ features: [one], lngLat }) => popup.setLngLat(lngLat).setText(sentence(one.properties)).addTo(map));
    map.on("mouseleave", "areas", () => popup.remove());
    map.on("load", () => { document.body.dataset.ready = "1"; });
    dark.addEventListener("change", () => map.setStyle(style()));
  }

  // ---------------------------------------------------------------- words
  const label = () => told.services.find((one) => one.id === service);
  const sentence = ({ cell, served, without }) => knockon.t("Area {area}: {n} of about {all} people {without}", { area: cell + 1, n: words(without), all: thousands(served), without: label().without });

  function total(listed) {
    const sum = listed.reduce((all, { without }) => all + Math.max(0, without), 0), few = listed.some(({ without }) => without === FEW);
    if (!service) return knockon.t("Nothing is told about people here.");
    if (!sum && few) return knockon.t("A few people are {without}.", label());
    if (!sum) return knockon.t("Nobody is {without}.", label());
    const told = { n: thousands(sum), without: label().without };
    return few ? knockon.t("More than {n} people are {without}.", told) : knockon.t("About {n} people are {without}.", told);
  }

  function table(listed) {
    const rows = listed.filter(({ without }) => without).sort((a, b) => b.without - a.without);
    if (!rows.length) return el("p", knockon.t("Nobody, in any area."));
    const made = el("table"), head = made.createTHead().insertRow();
    for (const text of [knockon.t("Area"), knockon.t("People"), knockon.tp("people", "Without")]) head.append(el("th", text, { scope: "col" }));
    const body = made.createTBody();
    for (const { cell, served, without } of rows) {
      const row = body.insertRow();
      for (const text of [`${cell + 1}`, thousands(served), words(without)]) row.insertCell().textContent = text;
    }
    return made;
  }

  // ----------------------------------------------------------------- page
  function show() {
    const listed = areas(), hour = Number($("clock").value) * told.step_h;
    $("hour").textContent = hour < 48 ? `${hour} h` : knockon.t("day {n}, {hour} h", { n: Math.floor(hour / 24) + 1, hour: hour % 24 });
    $("total").textContent = total(listed);
    $("table").replaceChildren(table(listed));
    $("services").querySelectorAll("button").forEach((one) => one.setAttribute("aria-pressed", String(one.value === service)));
    const source = map && map.getSource("areas");
    if (source) source.setData(features());
  }

  function choices() {
    $("services").replaceChildren(...told.services.filter((one) => one.cells.length).map((one) => {
      const button = el("button", one.label, { type: "button", value: one.id });
      button.addEventListener("click", () => { service = one.id; show(); });
      return button;
    }));
    if (!told.services.some((one) => one.id === service)) service = (told.services.find((one) => one.cells.length) || { id: "" }).id;
    $("clock").max = Math.floor(told.horizon_h / told.step_h);
    $("legend").replaceChildren(...CLASSES.map(({ words: text, mix }) => {
      const item = el("li"), swatch = el("span");
      swatch.style.background = `color-mix(in srgb, var(--lost) ${mix * 100}%, var(--map-land))`;
      item.append(swatch, document.createTextNode(text));
      return item;
    }));
    $("rules").textContent = `${knockon.t("Areas are squares of {km} km. Numbers are rounded to {round}; from 1 to {most} only “fewer than {least}” is told.", { km: told.cell_m / 1000, round: told.round_to, most: told.least_told - 1, least: told.least_told })} ${knockon.t("No facility is named or placed, and people count where what serves them stands. People served by facilities that are not public are not counted.")}`;
  }

  function play(on) {
    clearInterval(timer);
    timer = 0;
    $("play").textContent = on ? "❚❚" : "▶";
    $("play").setAttribute("aria-label", on ? knockon.t("Pause") : knockon.t("Play"));
    if (!on) return;
    const clock = $("clock");
    if (clock.value === clock.max) clock.value = 0;
    timer = setInterval(() => { clock.stepUp(); show(); if (clock.value === clock.max) play(false); }, STEP_MS);
  }

  async function ask() {
    try {
      const answer = await fetch(`${here}/map.json`, { cache: "no-store" });
      if (!answer.ok) throw new Error((await answer.json()).error);
      const now = await answer.json(), news = !told || told.revision !== now.revision;
      $("problem").hidden = true;
      if (!news) return;
      told = now;
      choices();
      if (!map) drawMap();
      show();
    } catch (error) {
      $("problem").textContent = told ? knockon.t("No connection. The map may be out of date.") : error.message;
      $("problem").hidden = false;
    }
  }

  $("clock").addEventListener("input", () => { play(false); show(); });
  $("play").addEventListener("click", () => play(!timer));
  setInterval(() => { if (!document.hidden) ask(); }, ASK_MS);
  ask();
})();
