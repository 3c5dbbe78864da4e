/* Sectors: how many assets of each are lost, and which are on the map. */
import { on } from "../base/bus.js";
import { el, whenReady } from "../base/elements.js";
import { iconSvg, sectorIcon } from "../base/icons.js";
import { model } from "../base/model.js";
import { sight } from "../base/sight.js";
import { STATE, isLost, thousands } from "../base/time.js";
import { t, tn } from "../base/words.js";
import { refilter } from "../map/map.js";
import { heading } from "./losses.js";

const rows = new Map();

function drawSectors(world) {
  whenReady("sectors", (host) => {
    const totals = new Map();
    world.columns.sector.forEach((n) => totals.set(world.sectors[n].id, (totals.get(world.sectors[n].id) || 0) + 1));
    rows.clear();
    const list = world.sectors.map((sector) => {
      const lost = el("b", {}, "0");
      const backup = el("span", { class: "sector-backup" });
      const toggle = el(
        "button",
        {
          type: "button",
          class: "sector",
          "aria-pressed": "true",
          title: t("Show or hide on the map. Double-click: only this"),
          onclick: () => flip(sector.id),
          ondblclick: () => only(sector.id),
        },
        el("span", { class: "sector-icon" }, iconSvg(sectorIcon(sector.id))),
        el("span", { class: "sector-name" }, sector.label),
        backup,
        el("span", { class: "sector-count" }, lost, ` / ${thousands(totals.get(sector.id) || 0)}`),
      );
      rows.set(sector.id, { toggle, lost, backup, label: sector.label, total: totals.get(sector.id) || 0 });
      return el("li", {}, toggle);
    });
    host.replaceChildren(
      heading(t("Sectors"), ""),
      el("p", { class: "fine-print sector-key" }, t("lost / all")),
      el("ul", { class: "sectors" }, ...list),
    );
    sectors();
  });
}

function flip(id) {
  if (!sight.hiddenSectors.delete(id)) sight.hiddenSectors.add(id);
  showSectors();
}
function only(id) {
  const alone = [...rows.keys()].every((sector) => sector === id || sight.hiddenSectors.has(sector));
  sight.hiddenSectors = new Set(alone ? [] : [...rows.keys()].filter((sector) => sector !== id));
  showSectors();
}
function showSectors() {
  for (const [id, row] of rows) row.toggle.setAttribute("aria-pressed", String(!sight.hiddenSectors.has(id)));
  refilter();
}

function sectors() {
  if (!rows.size) return;
  const {
    sectors: all,
    columns: { sector },
  } = model.world;
  const { state } = model.course;
  const counts = all.map(() => new Uint32Array(model.states.length));
  for (let i = 0; i < state.length; i++) counts[sector[i]][state[i]]++;
  const place = new Map(all.map((row, n) => [row.id, n]));
  const lostOf = (count) => count.reduce((sum, n, s) => sum + (isLost(s) ? n : 0), 0);
  for (const [id, row] of rows) {
    const count = counts[place.get(id)];
    const n = lostOf(count);
    const b = count[STATE.BACKUP];
    const h = count[STATE.HIT];
    if (row.lost.textContent !== thousands(n)) row.lost.textContent = thousands(n);
    row.lost.classList.toggle("some", n > 0);
    row.backup.textContent = [h ? tn("{n} hit", "{n} hit", h) : "", b ? tn("{n} on backup", "{n} on backup", b) : ""]
      .filter(Boolean)
      .join(" · ");
    row.toggle.setAttribute(
      "aria-label",
      b
        ? t("{sector}: {n} of {all} lost, {hit} of them hit directly, {backup} on backup. Show on the map", {
            sector: row.label,
            n,
            all: row.total,
            hit: h,
            backup: b,
          })
        : t("{sector}: {n} of {all} lost, {hit} of them hit directly. Show on the map", {
            sector: row.label,
            n,
            all: row.total,
            hit: h,
          }),
    );
  }
}

on("world", drawSectors);
on("clock", (now) => {
  if (model.picture && model.world && (now.all || now.changed.length)) sectors();
});
