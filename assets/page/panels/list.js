/* The list follows the clock; choosing rows in it selects everywhere. */
import { emit, on } from "../base/bus.js";
import { clock, clockHour } from "../base/clock.js";
import { takeFromGrid } from "../base/dash.js";
import { whenReady } from "../base/elements.js";
import { model, stateAt } from "../base/model.js";
import { act } from "../base/scenario.js";
import { selectAssets, selection } from "../base/selection.js";
import { countdown, hoursText } from "../base/time.js";
import { currentView } from "../base/views.js";
import { formatNumber, t } from "../base/words.js";
import { failSelection, repairSelection } from "../map/card.js";

let api = null;
let stale = true;
let onlyChanged = false;

// ------------------------------------------------------------- a cell
/** A state as shape and word; the colour only repeats them. */
function stateCell(props) {
  const code = props.data ? props.data.s || 0 : 0;
  const shape = window.React.createElement(
    "span",
    { className: "state-shape", "aria-hidden": "true" },
    model.states[code] ? model.states[code].glyph : "",
  );
  return window.React.createElement("span", { className: `state-cell state-${code}` }, shape, " ", props.value || "");
}

/** A whole number as the page's language writes it; nothing where there is none. */
const whole = (value) => (value === null || value === undefined ? "" : formatNumber(Math.round(value)));
/** @type {[number, string][]} */
const PARTS = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];
/** Three figures of a number, as the page's language writes them: `23.6M`; below a thousand the whole number. */
function short(value) {
  if (value === null || value === undefined) return "";
  if (value < 1000) return formatNumber(Math.round(value));
  const rounded = Number(value.toPrecision(3));
  const [size, sign] = PARTS.find(([least]) => rounded >= least);
  return formatNumber(rounded / size, 2 - Math.floor(Math.log10(rounded / size))) + sign;
}

takeFromGrid({ stateCell, whole, short });

// --------------------------------------------------------------- rows
/** `Drinking water` for `drinking_water`, as `readable` in `layouts/words.py`. */
const readable = (id) => {
  const words = id.replace(/[_-]/g, " ").trim();
  return words.slice(0, 1).toUpperCase() + words.slice(1);
};

const ORIGINS = { declared: t("Declared"), assumption: t("Assumption") };

/** The rows of the grid, by index; made when the list is first shown. `since` is when the current state began. */
let rows = null;
let since = new Map();
let begunFor = null;
let begunRow = 0;
const timed = new Set();

function rowOf(asset, i) {
  const { sectorLabel, columns } = model.world;
  return {
    // a column of the grid that nothing below fills shows the asset's field of that name
    ...Object.fromEntries(api.getColumnDefs().map(({ field }) => [field, asset[field] ?? ""])),
    id: asset.id,
    i,
    s: 0,
    state: model.states[0].label,
    since: "",
    deadline: "",
    people: columns.people[i] || null,
    type: asset.type_label,
    sector: sectorLabel.get(asset.sector) || asset.sector,
    origin: ORIGINS[asset.origin] || readable(asset.origin),
  };
}

/** Follow the picture's rows to a time: what changed on the way, by index. Back in time it restarts. */
function follows(t) {
  const { picture } = model;
  const states = picture.states;
  const touched = new Set();
  if (begunFor !== picture || (begunRow > 0 && states.t[begunRow - 1] > t)) {
    for (const i of since.keys()) touched.add(i);
    begunFor = picture;
    begunRow = 0;
    since = new Map();
  }
  for (; begunRow < states.t.length && states.t[begunRow] <= t; begunRow++) {
    const i = states.a[begunRow];
    const held = since.get(i);
    touched.add(i);
    if (!held || held.s !== states.s[begunRow]) since.set(i, { s: states.s[begunRow], t: states.t[begunRow] });
  }
  return touched;
}

function rowAt(row, t) {
  const now = stateAt(row.i);
  const held = since.get(row.i);
  return {
    ...row,
    s: now.state,
    state: model.states[now.state].label,
    since: now.state && held ? hoursText(held.t) : "",
    deadline: now.deadline >= 0 ? countdown(now.deadline - t) : "",
  };
}

/** Bring the grid to the clock's time: only rows that changed, and those whose deadline runs. */
function refresh() {
  if (!api || !model.world || !model.picture) return;
  if (!visible()) {
    stale = true;
    return;
  }
  stale = false;
  const first = !rows;
  const t = clock.t;
  const update = [];
  if (first) rows = model.world.assets.map(rowOf);
  for (const i of new Set([...follows(t), ...timed])) {
    // the grid's own rows count, not those that were sent to it
    const node = first ? null : api.getRowNode(rows[i].id);
    const row = node ? node.data : rows[i];
    const next = rowAt(row, t);
    if (next.deadline) timed.add(i);
    else timed.delete(i);
    if (next.s === row.s && next.since === row.since && next.deadline === row.deadline) continue;
    rows[i] = next;
    update.push(next);
  }
  if (first) api.setGridOption("rowData", rows);
  else if (update.length) api.applyTransaction({ update });
  if (onlyChanged) api.onFilterChanged();
}

/** While it plays, sorting and filtering very many rows again for each frame would delay the clock. */
const AT_LEAST_MS = 250;
const MANY_ROWS = 5000;
let later = 0;
function refreshSoon() {
  if (!clock.playing || !model.world || model.world.assets.length < MANY_ROWS) return refresh();
  later =
    later ||
    window.setTimeout(() => {
      later = 0;
      refresh();
    }, AT_LEAST_MS);
}

function visible() {
  // called in every frame: measuring the grid would trigger a layout of the whole page
  return currentView() === "list";
}

// ---------------------------------------------------------- selection
/** What people do in the grid; all else (a new row, our own calls) only follows the page. */
const BY_HAND = new Set([
  "rowClicked",
  "checkboxSelected",
  "spaceKey",
  "uiSelectAll",
  "uiSelectAllFiltered",
  "uiSelectAllCurrentPage",
  "keyboardSelectAll",
]);

function chosenInList(event) {
  if (!BY_HAND.has(event.source)) return;
  const ids = api.getSelectedRows().map((row) => row.id);
  selectAssets(ids, "list");
}

function follow(value) {
  if (!api || !rows || (value && value.from === "list")) return;
  const chosen = new Set(selection.assets);
  for (const node of api.getSelectedNodes()) if (!chosen.has(node.id)) node.setSelected(false);
  for (const id of chosen) {
    const node = api.getRowNode(id);
    if (node && !node.isSelected()) node.setSelected(true);
  }
  const first = chosen.size ? api.getRowNode([...chosen][0]) : null;
  if (first && visible()) bring(first);
}

/** Scroll to a row, and look a few times more: a scroll that was under way can end later and win. */
function bring(node, again = 4) {
  const { top, bottom } = api.getVerticalPixelRange();
  if (again === 4 || node.rowTop < top || node.rowTop + node.rowHeight > bottom) {
    api.ensureNodeVisible(node, "middle");
  }
  if (again) {
    window.setTimeout(() => {
      if (selection.assets[0] === node.id && visible()) bring(node, again - 1);
    }, 120);
  }
}

// ------------------------------------------------------------- wiring
function wire(grid) {
  api = grid;
  api.addEventListener("selectionChanged", chosenInList);
  api.setGridOption("isExternalFilterPresent", () => onlyChanged);
  api.setGridOption("doesExternalFilterPass", (node) => !!node.data.s);
  refresh();
  follow(null);
}

function attach() {
  const library = window.dash_ag_grid;
  if (!library || !library.getApiAsync) {
    window.setTimeout(attach, 100);
    return;
  }
  library
    .getApiAsync("asset-list")
    .then(wire)
    .catch(() => window.setTimeout(attach, 300));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-list]");
  if (!button) return;
  if (button.dataset.list === "changed") {
    onlyChanged = !onlyChanged;
    button.setAttribute("aria-pressed", String(onlyChanged));
    if (api) {
      refresh();
      api.onFilterChanged();
    }
    return;
  }
  const assets = selection.assets;
  if (assets.length) act({ do: button.dataset.list, assets, links: [], at_h: clockHour() });
  else emit("message", { text: t("Select one or more rows first."), kind: "info" });
});

// the page's own keys leave the grid alone; knocking out and repairing work in it all the same
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !event.target.closest("#asset-list")) return;
  if (event.target.closest("input:not([type=checkbox])")) return;
  const run = { k: failSelection, r: repairSelection }[event.key.toLowerCase()];
  if (run) {
    event.preventDefault();
    run();
  }
});

whenReady("asset-list", attach);
on("picture", refresh);
on("clock", refreshSoon);
on("selection", follow);
on("view", () =>
  window.setTimeout(() => {
    if (stale) refresh();
    follow(null);
  }, 60),
);
