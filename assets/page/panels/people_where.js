/* Where people lack something, and whom it hits hardest: the switch of the map's layer, municipalities and groups. */
import { on } from "../base/bus.js";
import { byMunicipality, peopleNow } from "../base/cells.js";
import { el, whenReady } from "../base/elements.js";
import { model } from "../base/model.js";
import { sight } from "../base/sight.js";
import { thousands } from "../base/time.js";
import { t, tn } from "../base/words.js";
import { refilter } from "../map/map.js";

/** Municipalities that are listed at most. */
const MOST_PLACES = 12;

/** The switch of the map's layer, and the tables of municipalities and groups; nothing where no cell is known. */
function whereParts(world) {
  if (!world.cells.length) return [];
  const box = el("input", { type: "checkbox", id: "people-layer" });
  box.addEventListener("change", () => {
    sight.layers.cells = box.checked;
    refilter();
  });
  const more = el(
    "details",
    { class: "people-where" },
    el("summary", {}, t("Where, and whom it hits hardest")),
    el("table", { class: "numbers people-groups" }),
    el("table", { class: "numbers people-places" }),
    el("p", { class: "fine-print people-rest" }),
  );
  more.addEventListener("toggle", where);
  return [el("label", { class: "tick people-layer" }, box, t("Show on the map who lacks something")), more];
}

/** Write the tables of the clock's hour, while they are open. */
function where() {
  const more = /** @type {HTMLDetailsElement | null} */ (document.querySelector(".people-where"));
  if (!more || !more.open || !model.picture) return;
  const groups = model.picture.groups
    .map((group) => [group.name, peopleNow(group), group.people])
    .sort((a, b) => b[1] / b[2] - a[1] / a[2] || a[0].localeCompare(b[0]));
  const places = byMunicipality();
  const hit = places.filter(([, n]) => n >= 0.5);
  const rest = hit.length - MOST_PLACES;
  table(more.querySelector(".people-groups"), t("Groups who lack something, hardest hit first"), groups);
  const caption = hit.length
    ? t("Municipalities where people lack something, most people first")
    : t("Nobody lacks anything in any municipality.");
  table(more.querySelector(".people-places"), caption, hit.slice(0, MOST_PLACES));
  more.querySelector(".people-rest").textContent =
    rest > 0 ? tn("{n} more municipality has fewer.", "{n} more municipalities have fewer.", rest) : "";
}

function table(host, caption, listed) {
  host.hidden = !listed.length && host.matches(".people-groups");
  const head = ["", t("lacking"), t("of"), "%"];
  host.replaceChildren(
    el("caption", {}, caption),
    ...(listed.length
      ? [
          el("thead", {}, el("tr", {}, ...head.map((text) => el("th", { scope: "col" }, text)))),
          el("tbody", {}, ...listed.map(tableRow)),
        ]
      : []),
  );
}

function tableRow([name, n, all]) {
  const cells = [thousands(n), thousands(all), thousands((100 * n) / all)];
  return el("tr", {}, el("th", { scope: "row" }, name), ...cells.map((text) => el("td", {}, text)));
}

on("world", (world) => whenReady("people-where", (host) => host.replaceChildren(...whereParts(world))));
on("filter", () => {
  const box = /** @type {HTMLInputElement | null} */ (document.getElementById("people-layer"));
  if (box) box.checked = sight.layers.cells;
});
on("clock", where);
