/* The address of what is on show: read once at the start, written as the page changes. */
import { latest, on } from "../base/bus.js";
import { clock } from "../base/clock.js";
import { whenReady } from "../base/elements.js";
import { model } from "../base/model.js";
import { openLines, selectAssets, selection } from "../base/selection.js";
import { HOUR } from "../base/time.js";
import { idList, idsOf } from "../base/text.js";
import { currentView } from "../base/views.js";
import { exerciseAddress } from "../exercise/pane.js";
import { stage } from "../map/stage.js";
import { allThings } from "../map/things.js";

const query = new URLSearchParams(location.search);
let started = false;

/** Servers and proxies refuse a longer address. */
const LONGEST_LIST = 4000;
/** Some programs encode the commas between ids, too, when an address is passed on. */
const known = (id) => (model.world.index.has(id) ? [id] : id.split(",").filter(Boolean));

function writeAddress() {
  if (!started) return;
  const parts = [];
  const { scenario } = model;
  const { assets, opened } = selection;
  const { map } = stage;
  if (scenario && scenario.id) parts.push(`s=${encodeURIComponent(scenario.id)}`);
  if (clock.t > 0) parts.push(`t=${Math.round((clock.t / HOUR) * 1e7) / 1e7}`);
  if (assets.length && assets.length <= 40) {
    const list = idList(assets);
    if (list.length <= LONGEST_LIST) parts.push(`sel=${list}`);
  }
  if (opened) {
    const kind = opened.kind === "line" ? "line" : "cause";
    parts.push(`${kind}=${idList([opened.id])}`);
  }
  const view = currentView();
  if (view !== "map") parts.push(`view=${view}`);
  const exercise = exerciseAddress();
  if (exercise) parts.push(exercise);
  if (query.get("look") === "1") parts.push("look=1");
  if (map && moved) {
    const c = map.getCenter();
    parts.push(`at=${c.lng.toFixed(5)},${c.lat.toFixed(5)},${map.getZoom().toFixed(2)}`);
  }
  const search = parts.length ? `?${parts.join("&")}` : "";
  if (search !== location.search) history.replaceState(history.state, "", location.pathname + search + location.hash);
}
let writing = 0;
let moved = query.has("at");
const soon = () => {
  clearTimeout(writing);
  writing = setTimeout(writeAddress, 300);
};
for (const topic of ["clock", "selection", "opened", "view", "scenario", "exercise"]) on(topic, soon);
on("map", (map) =>
  map.on("moveend", (event) => {
    if (event.originalEvent) moved = true;
    soon();
  }),
);

on("picture", () => {
  if (started) return;
  started = true;
  const hour = Number(query.get("t"));
  if (Number.isFinite(hour) && hour > 0) clock.set(hour * HOUR);
  const ids = idsOf(location.search, "sel").flatMap(known);
  if (ids.length) selectAssets(ids, "address");
  const named = query.get("line") || query.get("cause");
  const thing = named && allThings().find((other) => other.id === named);
  if (thing && thing.kind !== "asset") openLines(thing, !query.has("at"));
  settle();
});

/** `data-ready` on the page: the picture has come and the map, if there can be one, is drawn. */
function settle() {
  if (started && (stage.ready || latest("mapless"))) {
    whenReady("page", (page) => {
      page.dataset.ready = "1";
    });
  }
}
on("map", settle);
on("mapless", settle);
