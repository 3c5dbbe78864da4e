/* Weak points: one more knock-out on top of the scenario, ranked, as rings on the map.
   The work is the server's (api/screenings.py). */
import { on } from "../base/bus.js";
import { clock } from "../base/clock.js";
import { el, motion, whenReady } from "../base/elements.js";
import { colour } from "../base/icons.js";
import { model } from "../base/model.js";
import { selectAssets } from "../base/selection.js";
import { request } from "../base/server.js";
import { hoursText, thousands } from "../base/time.js";
import { currentView } from "../base/views.js";
import { t, textParts, tn } from "../base/words.js";
import { failSelection, repairSelection } from "../map/card.js";
import { emptied, stage } from "../map/stage.js";
import { allThings, corridorName, openThing } from "../map/things.js";
import { question } from "../map/what_if.js";

const POLL_MS = 400;
const DRAWN = 60;
const SMALL_WORLD = 2000;
const COST = {
  person_hours: t("{n} cost person-hours."),
  people: t("{n} cost people."),
  assets: t("{n} cost assets."),
};

let kind = "single";
let by = "person_hours";
let api = null;
let canvas = null;
let polling = 0;
/** The screening on show or under way, and the question it answers. */
let screening = null;
let asked = null;
let began = 0;

const part = (name) => document.querySelector(`[data-weak="${name}"]`);
const visible = () => currentView() === "weak";
const at = () => Math.round(clock.t);
const same = (one, other) =>
  !!one &&
  !!other &&
  one.scenario === other.scenario &&
  one.rev === other.rev &&
  one.at_ms === other.at_ms &&
  one.kind === other.kind;

// ------------------------------------------------------------ running
async function start() {
  clearTimeout(polling);
  const mine = { ...question(), kind };
  asked = mine;
  screening = null;
  began = performance.now();
  show({ state: "running", done: 0, of: 0 });
  try {
    follow(await request("POST", "/api/screenings", mine), mine);
  } catch (error) {
    fail(error);
  }
}

function follow(result, mine) {
  if (asked !== mine) return;
  screening = result;
  show(result);
  if (result.state === "done") bringIntoView();
  if (result.state === "running") {
    polling = setTimeout(async () => {
      try {
        follow(await request("GET", `/api/screenings/${result.id}`), mine);
      } catch (error) {
        if (asked === mine) fail(error);
      }
    }, POLL_MS);
  }
}

async function stop() {
  clearTimeout(polling);
  if (!screening) return;
  // other users may have requested the same: for them it keeps running
  try {
    screening = { ...(await request("DELETE", `/api/screenings/${screening.id}`)), state: "cancelled" };
    show(screening);
  } catch (error) {
    fail(error);
  }
}

function fail(error) {
  clearTimeout(polling);
  screening = { state: "failed", message: error.message, rows: [], done: 0, of: 0 };
  show(screening);
}

// ------------------------------------------------------------ showing
function show(result) {
  const host = part("progress");
  if (!host) return;
  const beginButton = (text) => el("button", { type: "button", class: "primary", onclick: start }, text);
  const runs = result.of ? t("{n} of {all}", { n: thousands(result.done), all: thousands(result.of) }) : "";
  if (result.state === "running") {
    host.replaceChildren(
      el("progress", {
        max: result.of || 1,
        value: result.of ? result.done : null,
        "aria-label": t("Knock-outs tried"),
      }),
      el("span", { class: "weak-count" }, runs + left(result)),
      el("button", { type: "button", onclick: stop }, t("Stop")),
    );
  } else if (result.state === "done") host.replaceChildren(el("span", { class: "fine-print" }, summary(result)));
  else if (result.state === "cancelled") {
    host.replaceChildren(
      el("span", { class: "fine-print" }, t("Stopped after {runs}.", { runs })),
      beginButton(t("Start again")),
    );
  } else if (result.state === "failed") {
    host.replaceChildren(
      el("span", { class: "problem", role: "alert" }, result.message),
      beginButton(t("Try again")),
    );
  } else host.replaceChildren(beginButton(kind === "pairs" ? t("Try all pairs") : t("Knock out each one")));
  fill();
}

/** How long it will still take, where that is worth saying. */
function left(result) {
  const seconds = result.done ? ((performance.now() - began) / 1000 / result.done) * (result.of - result.done) : 0;
  return performance.now() - began > 5000 && seconds > 60
    ? `, ${t("about {n} min left", { n: Math.ceil(seconds / 60) })}`
    : "";
}

function summary(result) {
  const some = result.rows.filter((row) => row[by] > 0).length;
  if (result.kind !== "pairs") {
    return `${tn("{n} knock-out tried;", "{n} knock-outs tried;", result.of)} ${COST[by].replace("{n}", thousands(some))}`;
  }
  const tried = tn("{n} pair tried;", "{n} pairs tried;", result.of);
  const n = { n: thousands(some) };
  if (!some) return `${tried} ${t("no pair loses more than its two assets alone.")}`;
  const counted =
    result.rows.length >= 1000
      ? t("{n} or more lose more together than alone.", n)
      : tn("{n} loses more together than alone.", "{n} lose more together than alone.", some);
  return `${tried} ${counted} ${t("The numbers are losses that neither causes alone.")}`;
}

const nameOf = (id) => {
  const i = model.world.index.get(id);
  return i === undefined ? id : model.world.assets[i].name;
};
const corridor = (id) => model.world.corridors.find((other) => other.id === id);

function rowOf(row, n) {
  const shares = row.causes
    .map(corridor)
    .filter(Boolean)
    .map((entry) =>
      entry.assets
        .filter((a) => a !== row.id && a !== row.other)
        .map(nameOf)
        .concat(entry.links.length ? [tn("{n} line", "{n} lines", entry.links.length)] : [])
        .join(", "),
    );
  const name =
    row.kind === "cause"
      ? corridorName(corridor(row.id))
      : row.kind === "pair"
        ? `${nameOf(row.id)} + ${nameOf(row.other)}`
        : nameOf(row.id);
  // there is no room for a separate column beside the numbers
  const also =
    row.kind === "asset" && shares.length
      ? `\n${t("Also shares a cause with {what}", { what: shares.join("; ") })}`
      : "";
  return { ...row, label: name + also, key: `${row.kind} ${row.id} ${row.other || ""}`, name, n };
}

function ranked() {
  if (!screening || screening.state !== "done" || !model.world) return [];
  const rows = screening.rows.filter((row) => row.assets > 0 || row.person_hours > 0).map(rowOf);
  return rows.sort(
    (a, b) => b[by] - a[by] || b.person_hours - a.person_hours || b.assets - a.assets || a.name.localeCompare(b.name),
  );
}

let rows = [];
function fill() {
  rows = ranked();
  if (api) {
    api.setGridOption("rowData", rows);
    api.applyColumnState({ state: [{ colId: by, sort: "desc" }], defaultState: { sort: null } });
    if (rows.length) api.ensureIndexVisible(0);
  }
  askAgain();
  draw();
}

/** Describe what the numbers are about; later changes make them outdated, not wrong. */
function askAgain() {
  const host = part("question");
  if (!host || !model.picture) return;
  const many = ((model.scenario.plain || {}).events || []).length;
  const about = (t) => ({ at: hoursText(t), horizon: hoursText(model.picture.horizon_ms) });
  const pairs = many
    ? t("All pairs of assets, knocked out at {at}, on top of this scenario, up to {horizon}.")
    : t("All pairs of assets, knocked out at {at}, alone, up to {horizon}.");
  const single = many
    ? t("Each asset, and each common cause, knocked out at {at}, on top of this scenario, up to {horizon}.")
    : t("Each asset, and each common cause, knocked out at {at}, alone, up to {horizon}.");
  const words = (t) => textParts(kind === "pairs" ? pairs : single, about(t)).join("");
  const old = screening && asked && !same(asked, { ...question(), kind });
  host.replaceChildren(
    ...(old && screening.state === "done"
      ? [
          `${asked.rev !== question().rev || asked.scenario !== question().scenario ? t("These numbers are for {at}, before the last change.", { at: hoursText(asked.at_ms) }) : t("These numbers are for {at}.", { at: hoursText(asked.at_ms) })} `,
          el(
            "button",
            { type: "button", class: "link", onclick: start },
            t("Recompute for {at}", { at: hoursText(at()) }),
          ),
        ]
      : [words(asked && screening ? asked.at_ms : at())]),
  );
}

// -------------------------------------------------------------- rings
const FIRST = 10;
const ROOM_PX = 60;
const CLOSEST = 12;

/** Where none of the first rows is on the map, the map goes to them. */
function bringIntoView() {
  const map = stage.ready && stage.map;
  if (!map || !visible()) return;
  const spots = rows
    .slice(0, FIRST)
    .flatMap((row) => [row.id, row.other])
    .map((id) => model.world.index.get(id))
    .filter((i) => i !== undefined)
    .map((i) => [model.world.columns.lon[i], model.world.columns.lat[i]]);
  const bounds = map.getBounds();
  if (!spots.length || spots.some((spot) => bounds.contains(spot))) return;
  const [lons, lats] = [spots.map((spot) => spot[0]), spots.map((spot) => spot[1])];
  map.fitBounds(
    [
      [Math.min(...lons), Math.min(...lats)],
      [Math.max(...lons), Math.max(...lats)],
    ],
    { padding: ROOM_PX, maxZoom: CLOSEST, animate: motion() },
  );
}

function draw() {
  const map = stage.map;
  if (!map || !stage.ready) return;
  if (!canvas) {
    canvas = el("canvas", { class: "symbols weak-rings", "aria-hidden": "true" });
    map.getCanvasContainer().append(canvas);
    map.on("render", draw);
  }
  if (!visible() || !rows.length) {
    if (canvas.width !== 1) canvas.width = 1;
    return;
  }
  const { pen } = emptied(canvas, map);
  const most = rows[0][by] || 1;
  for (const row of rows.slice(0, DRAWN).reverse()) drawRow(pen, row, Math.sqrt(Math.max(0, row[by]) / most));
}

function drawRow(pen, row, share) {
  if (share <= 0) return;
  const spots = [row.id, row.other]
    .map((id) => model.world.index.get(id))
    .filter((i) => i !== undefined)
    .map((i) => {
      const a = model.world.assets[i];
      return stage.map.project([a.lon, a.lat]);
    });
  pen.strokeStyle = pen.fillStyle = colour("deadlock");
  if (spots.length === 2) {
    pen.globalAlpha = 0.25 + 0.5 * share;
    pen.lineWidth = 1 + 3 * share;
    pen.beginPath();
    pen.moveTo(spots[0].x, spots[0].y);
    pen.lineTo(spots[1].x, spots[1].y);
    pen.stroke();
  }
  for (const p of spots) {
    const r = 5 + 29 * share;
    pen.beginPath();
    pen.arc(p.x, p.y, r, 0, 7);
    pen.globalAlpha = 0.14;
    pen.fill();
    pen.globalAlpha = 0.9;
    pen.lineWidth = 1.6;
    pen.stroke();
    if (row.n !== undefined && rows.indexOf(row) < 9 && spots.length === 1) number(pen, p, r, rows.indexOf(row) + 1);
  }
  pen.globalAlpha = 1;
}

function number(pen, p, r, text) {
  pen.globalAlpha = 1;
  pen.font = "700 12px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  const x = p.x + r * 0.72;
  const y = p.y - r * 0.72;
  pen.beginPath();
  pen.arc(x, y, 9, 0, 7);
  pen.fill();
  pen.fillStyle = colour("plate");
  pen.fillText(String(text), x, y + 0.5);
  pen.fillStyle = colour("deadlock");
}

// ------------------------------------------------------------- wiring
function chosen(event) {
  if (!new Set(["rowClicked", "checkboxSelected", "spaceKey"]).has(event.source)) return;
  const [row] = api.getSelectedRows();
  if (!row) return;
  if (row.kind === "cause") {
    openThing(
      allThings().find((thing) => thing.id === row.id),
      "list",
    );
  } else selectAssets([row.id, row.other].filter(Boolean), "panel");
}

whenReady("weak-list", () =>
  (function attach() {
    const library = window.dash_ag_grid;
    if (!library || !library.getApiAsync) {
      setTimeout(attach, 100);
      return;
    }
    library
      .getApiAsync("weak-list")
      .then((grid) => {
        api = grid;
        api.addEventListener("selectionChanged", chosen);
        fill();
      })
      .catch(() => setTimeout(attach, 300));
  })(),
);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-weak-choice]");
  if (!button) return;
  for (const child of button.parentElement.children) child.setAttribute("aria-pressed", String(child === button));
  if (button.dataset.weakChoice === "by") {
    by = button.dataset.value;
    if (screening) show(screening);
    return;
  }
  kind = button.dataset.value;
  clearTimeout(polling);
  screening = asked = null;
  if (kind === "single") begin();
  else show({ state: "new" });
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !event.target.closest("#weak-list")) return;
  const run = { k: failSelection, r: repairSelection }[event.key.toLowerCase()];
  if (run) {
    event.preventDefault();
    run();
  }
});

/** A small world is screened at once; a large one when the user starts it. */
function begin() {
  if (!model.world || !model.picture) return; // an address that opens here: the picture comes
  if (model.world.assets.length <= SMALL_WORLD) start();
  else show({ state: "new" });
}
on("view", () => {
  if (!visible()) return draw();
  if (!screening && !asked) begin();
  else {
    askAgain();
    draw();
    bringIntoView();
  }
});
on("picture", () => {
  if (visible() && !screening && !asked) begin();
  else askAgain();
});
on("clock", () => {
  if (visible()) askAgain();
});
on("theme", draw);
