/* The safe public map: areas coloured by the share of people without a service, at the clock's hour. */
import { formatNumber, t, tp } from "../base/words.js";

const $ = (id) => document.getElementById(id);
const { name, layers, bbox } = document.body.dataset;
const here = `/public/${encodeURIComponent(name)}`;
const FEW = -1;
const ASK_MS = 30_000;
const STEP_MS = 250;
const dark = matchMedia("(prefers-color-scheme: dark)");
const colour = (token) => getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim();
const thousands = (n) => formatNumber(n);
const el = (tag, text, attributes) =>
  Object.assign(document.createElement(tag), { textContent: text ?? "" }, attributes);

/** Classes of the share without, from none on; a colour mixes the one for lost into the ground. */
const CLASSES = [
  { words: t("nobody"), mix: 0 },
  { words: t("a few people"), mix: 0.14 },
  { words: t("up to a quarter"), mix: 0.28 },
  { words: t("up to a half"), mix: 0.43 },
  { words: t("up to three quarters"), mix: 0.59 },
  { words: tp("share of people", "more"), mix: 0.76 },
];
let published = null;
let service = "";
let map = null;
let timer = 0;

const classOf = ({ served, without }) =>
  without === FEW ? 1 : without <= 0 ? 0 : Math.min(5, 1 + Math.ceil((4 * without) / served));
const words = (count) => (count === FEW ? t("fewer than {n}", { n: published.least_told }) : thousands(count));

function at(course, hour) {
  let value = 0;
  for (const [t, count] of course) {
    if (t > hour) break;
    value = count;
  }
  return value;
}

/** The public numbers of each area at the clock's hour: number, people served, people without. */
function areas() {
  const hour = Number($("clock").value) * published.step_h;
  const current = published.services.find((s) => s.id === service);
  return (current ? current.cells : []).map(({ cell, served, without }) => ({
    cell,
    served,
    without: at(without, hour),
  }));
}

// ------------------------------------------------------------------ map
const FILLS = [
  ["green", "map-wood"],
  ["wood", "map-wood"],
  ["built", "map-built"],
  ["water", "map-water"],
];
const LINES = [
  ["waterways", "map-water", 1],
  ["roads_minor", "map-road", 0.6],
  ["rail", "map-rail", 1],
  ["roads_major", "map-road", 2],
];

function style() {
  const known = JSON.parse(layers);
  const sources = {};
  /** @type {any[]} */
  const drawn = [{ id: "land", type: "background", paint: { "background-color": colour("map-land") } }];
  const add = (layer, type, paint) => {
    if (!known.includes(layer)) return;
    sources[layer] = { type: "geojson", data: new URL(`${here}/base/${layer}.geojson`, location.href).href };
    drawn.push({ id: layer, type, source: layer, paint });
  };
  for (const [layer, token] of FILLS) add(layer, "fill", { "fill-color": colour(token) });
  for (const [layer, token, width] of LINES) add(layer, "line", { "line-color": colour(token), "line-width": width });
  sources.areas = { type: "geojson", data: features() };
  const share = ["match", ["get", "class"], ...CLASSES.slice(1).flatMap(({ mix }, i) => [i + 1, mix]), 0];
  drawn.push({
    id: "areas",
    type: "fill",
    source: "areas",
    paint: { "fill-color": colour("lost"), "fill-opacity": share },
  });
  drawn.push({
    id: "edges",
    type: "line",
    source: "areas",
    paint: { "line-color": colour("edge"), "line-width": 1, "line-opacity": 0.75 },
  });
  return { version: 8, sources, layers: drawn };
}

const features = () => ({
  type: "FeatureCollection",
  features: areas().map((area) => ({
    type: "Feature",
    properties: { ...area, class: classOf(area) },
    geometry: { type: "Polygon", coordinates: [published.cells[area.cell]] },
  })),
});

function bounds() {
  const box = JSON.parse(bbox);
  const spots = published.cells.flat();
  if (box) return box;
  const [x, y] = [0, 1].map((i) => spots.map((spot) => spot[i]));
  return spots.length ? [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)] : [5, 47, 15, 55];
}

function drawMap() {
  try {
    map = new window.maplibregl.Map({
      container: "map",
      style: style(),
      bounds: bounds(),
      fitBoundsOptions: { padding: 24 },
      attributionControl: false,
      dragRotate: false,
      maxZoom: 12,
    });
  } catch {
    $("map").textContent = t("This browser cannot draw the map. The table has the same numbers.");
    return;
  }
  const popup = new window.maplibregl.Popup({ closeButton: false, closeOnClick: false, offset: 8 });
  map.on("mousemove", "areas", ({ features: [area], lngLat }) =>
    popup.setLngLat(lngLat).setText(sentence(area.properties)).addTo(map),
  );
  map.on("mouseleave", "areas", () => popup.remove());
  map.on("load", () => {
    document.body.dataset.ready = "1";
  });
  dark.addEventListener("change", () => map.setStyle(style()));
}

// ---------------------------------------------------------------- words
const label = () => published.services.find((entry) => entry.id === service);
const sentence = ({ cell, served, without }) =>
  t("Area {area}: {n} of about {all} people {without}", {
    area: cell + 1,
    n: words(without),
    all: thousands(served),
    without: label().without,
  });

function total(listed) {
  const sum = listed.reduce((all, { without }) => all + Math.max(0, without), 0);
  const few = listed.some(({ without }) => without === FEW);
  if (!service) return t("This map contains no numbers of people.");
  if (!sum && few) return t("A few people are {without}.", label());
  if (!sum) return t("Nobody is {without}.", label());
  const values = { n: thousands(sum), without: label().without };
  return few ? t("More than {n} people are {without}.", values) : t("About {n} people are {without}.", values);
}

function table(listed) {
  const rows = listed.filter(({ without }) => without).sort((a, b) => b.without - a.without);
  if (!rows.length) return el("p", t("Nobody, in any area."));
  const made = el("table");
  const head = made.createTHead().insertRow();
  for (const text of [t("Area"), t("People"), tp("people", "Without")]) head.append(el("th", text, { scope: "col" }));
  const body = made.createTBody();
  for (const { cell, served, without } of rows) {
    const row = body.insertRow();
    for (const text of [`${cell + 1}`, thousands(served), words(without)]) row.insertCell().textContent = text;
  }
  return made;
}

// ----------------------------------------------------------------- page
function show() {
  const listed = areas();
  const hour = Number($("clock").value) * published.step_h;
  $("hour").textContent =
    hour < 48 ? `${hour} h` : t("day {n}, {hour} h", { n: Math.floor(hour / 24) + 1, hour: hour % 24 });
  $("total").textContent = total(listed);
  $("table").replaceChildren(table(listed));
  $("services")
    .querySelectorAll("button")
    .forEach((node) => node.setAttribute("aria-pressed", String(node.value === service)));
  const source = map && map.getSource("areas");
  if (source) source.setData(features());
}

function choices() {
  $("services").replaceChildren(
    ...published.services
      .filter((entry) => entry.cells.length)
      .map((entry) => {
        const button = el("button", entry.label, { type: "button", value: entry.id });
        button.addEventListener("click", () => {
          service = entry.id;
          show();
        });
        return button;
      }),
  );
  if (!published.services.some((entry) => entry.id === service)) {
    service = (published.services.find((entry) => entry.cells.length) || { id: "" }).id;
  }
  $("clock").max = Math.floor(published.horizon_h / published.step_h);
  $("legend").replaceChildren(
    ...CLASSES.map(({ words: text, mix }) => {
      const item = el("li");
      const swatch = el("span");
      swatch.style.background = `color-mix(in srgb, var(--lost) ${mix * 100}%, var(--map-land))`;
      item.append(swatch, document.createTextNode(text));
      return item;
    }),
  );
  $("rules").textContent =
    `${t("Areas are squares of {km} km. Numbers are rounded to {round}; from 1 to {most} only “fewer than {least}” is shown.", { km: published.cell_m / 1000, round: published.round_to, most: published.least_told - 1, least: published.least_told })} ${t("No facility is named or located. People are counted where they live as far as that is known, else at the facility that serves them; people served by non-public facilities are not counted.")}`;
}

function play(on) {
  clearInterval(timer);
  timer = 0;
  $("play").textContent = on ? "❚❚" : "▶";
  $("play").setAttribute("aria-label", on ? t("Pause") : t("Play"));
  if (!on) return;
  const clock = $("clock");
  if (clock.value === clock.max) clock.value = 0;
  timer = setInterval(() => {
    clock.stepUp();
    show();
    if (clock.value === clock.max) play(false);
  }, STEP_MS);
}

async function ask() {
  try {
    const answer = await fetch(`${here}/map.json`, { cache: "no-store" });
    if (!answer.ok) throw new Error((await answer.json()).error);
    const now = await answer.json();
    const news = !published || published.revision !== now.revision;
    $("problem").hidden = true;
    if (!news) return;
    published = now;
    choices();
    if (!map) drawMap();
    show();
  } catch (error) {
    $("problem").textContent = published ? t("No connection. The map may be out of date.") : error.message;
    $("problem").hidden = false;
  }
}

$("clock").addEventListener("input", () => {
  play(false);
  show();
});
$("play").addEventListener("click", () => play(!timer));
setInterval(() => {
  if (!document.hidden) ask();
}, ASK_MS);
ask();
