/* Compare: two futures under one clock, or what one changes against the other, as marks on the map,
   a table and words. The work is the server's (api/leaving.py). */
import { emit, on } from "../base/bus.js";
import { clock } from "../base/clock.js";
import * as columns from "../base/columns.js";
import { el } from "../base/elements.js";
import { iconOf, stateSymbol } from "../base/icons.js";
import { model } from "../base/model.js";
import { request } from "../base/server.js";
import { inSight } from "../base/sight.js";
import { Course, STATE } from "../base/time.js";
import { currentView } from "../base/views.js";
import { t } from "../base/words.js";
import { paintLines } from "../map/lines.js";
import { setQuiet } from "../map/map.js";
import { onScreen, stage } from "../map/stage.js";
import { words } from "../map/state_words.js";
import { act, mark, sheet, title } from "./compare_marks.js";
import { comparisonParts } from "./compare_words.js";

/** Symbols drawn at most on one map, and rows of the list of assets. */
const MOST_DRAWN = 3000;
const R = 8;
/** What matters most is drawn last. */
const GRAVITY = [
  STATE.UNKNOWN,
  STATE.RESTART,
  STATE.REPAIR,
  STATE.BACKUP,
  STATE.DEGRADED,
  STATE.LOST,
  STATE.STUCK,
  STATE.HIT,
];
let choices = [];
let picked = { a: null, b: null };
let mode = "difference";
let comparison = null;
let asked = "";
let problem = "";
let number = 0;
let courses = [null, null];
let pictures = [null, null];
let byHand = false;
let over = null;
let under = null;

const visible = () => currentView() === "compare";
const shown = () => ({
  scenario: model.scenario.id || null,
  rev: model.scenario.id ? model.scenario.rev : 0,
  at_ms: 0,
});
const part = (name) => document.querySelector(`[data-compare="${name}"]`);

// ------------------------------------------------------------- asking
/** Ask which futures there are, then for the two that are picked; a newer question drops an older one. */
async function begin() {
  if (!model.world || !model.picture) return;
  const key = JSON.stringify(shown());
  if (asked === key && comparison) return;
  const mine = ++number;
  asked = key;
  try {
    const answer = await request("POST", "/api/comparisons/choices", shown());
    if (mine !== number) return;
    choices = answer.choices;
    pick(answer.shown);
    await compare(mine);
  } catch (error) {
    if (mine === number) fail(error);
  }
}

/**
 * Keep the user's choice while it exists;
 * else the first other option and the one on show, or nothing done.
 */
function pick(here) {
  const there = new Set(choices.map((choice) => choice.key));
  const options = choices.filter((choice) => choice.key.startsWith("option:")).map((choice) => choice.key);
  const other = options.find((key) => key !== here) || (there.has("bare") ? "bare" : "nothing");
  if (byHand && there.has(picked.a) && there.has(picked.b)) return fillPicks();
  byHand = false;
  picked = { a: other, b: here };
  fillPicks();
}

async function compare(mine) {
  problem = "";
  comparison = null;
  show();
  const rest = choices
    .map((choice) => choice.key)
    .filter((key) => key.startsWith("option:") && key !== picked.a && key !== picked.b);
  const answer = await request("POST", "/api/comparisons", {
    ...shown(),
    keys: [picked.a, picked.b, ...rest].slice(0, 6),
  });
  if (mine !== number) return;
  pictures = answer.pictures.map((picture) => columns.picture(picture));
  courses = pictures.map(() => new Course(model.world.assets.length, model.world.links.length));
  comparison = answer;
  show();
}

function fail(error) {
  comparison = null;
  asked = "";
  problem = error.message;
  show();
}

function fillPicks() {
  for (const which of ["a", "b"]) {
    const host = document.querySelector(`[data-compare-pick="${which}"]`);
    if (!host) continue;
    const groups = [...new Set(choices.map((choice) => choice.group))];
    const select = el(
      "select",
      {
        "aria-label": t("Future {letter}", { letter: which.toUpperCase() }),
        onchange: (event) => repick(which, event.target.value),
      },
      ...groups.map((group) =>
        el(
          "optgroup",
          { label: group },
          ...choices
            .filter((choice) => choice.group === group)
            .map((choice) => el("option", { value: choice.key }, choice.name)),
        ),
      ),
    );
    select.value = picked[which];
    host.replaceChildren(select);
  }
}

function repick(which, key) {
  byHand = true;
  const other = which === "a" ? "b" : "a";
  // a user who picks the same twice means to swap them
  if (picked[other] === key) picked[other] = picked[which];
  picked[which] = key;
  fillPicks();
  const mine = ++number;
  compare(mine).catch((error) => {
    if (mine === number) fail(error);
  });
}

// ------------------------------------------------------------ showing
const nameOf = (which) => (choices.find((choice) => choice.key === picked[which]) || { name: "" }).name;

function show() {
  const host = part("body");
  if (!host) return;
  if (problem) {
    host.replaceChildren(
      el("p", { class: "problem", role: "alert" }, problem),
      el("button", { type: "button", onclick: () => begin() }, t("Try again")),
    );
  } else if (!comparison) host.replaceChildren(el("p", { class: "empty" }, t("Comparing…")));
  else host.replaceChildren(...comparisonParts(comparison));
  part("status").textContent = problem || (comparison ? comparison.outcome[0] || "" : t("Comparing"));
  document.getElementById("centre")?.setAttribute("data-compared", comparison ? "1" : "");
  draw();
}

// ------------------------------------------------------------ drawing
function draw() {
  const { map } = stage;
  if (!map || !stage.ready) return;
  if (!over) attach(map);
  const box = map.getContainer();
  const w = box.clientWidth;
  const h = box.clientHeight;
  const isOn = visible() && comparison;
  const pen = sheet(over, isOn ? w : 1, isOn ? h : 1);
  under.hidden = !isOn || mode !== "side";
  if (!isOn) return;
  if (mode === "difference") return drawDifference(pen, w, h);
  courses.forEach((course, n) => course.moveTo(pictures[n], clock.t));
  drawFuture(pen, 0, w, h);
  title(pen, "A", nameOf("a"), w, h - 30);
  const low = sheet(under, w, h);
  low.drawImage(ground, 0, 0, w, h);
  drawFuture(low, 1, w, h);
  title(low, "B", nameOf("b"), w, 8);
}

/** The map and its names, kept for B: only within its own frame can the map's canvas be read. */
const ground = document.createElement("canvas");
function grab() {
  if (visible() && comparison && mode === "side") {
    const { map } = stage;
    const of = map.getCanvas();
    const pen = ground.getContext("2d");
    ground.width = of.width;
    ground.height = of.height;
    pen.drawImage(of, 0, 0);
    // assets as dots, then the names of places
    for (const feature of map
      .getContainer()
      .querySelectorAll("canvas.map-sheet, canvas.symbols:not(.compare-sheet):not(.weak-rings)")) {
      pen.drawImage(feature, 0, 0, ground.width, ground.height);
    }
  }
  draw();
}

const place = (i) => {
  const a = model.world.assets[i];
  return stage.map.project([a.lon, a.lat]);
};

function drawFuture(pen, n, w, h) {
  const { state } = courses[n];
  const seen = inSight();
  const result = [];
  const taken = new Set();
  for (let i = 0; i < state.length; i++) if (state[i] !== STATE.WORKING && seen[i]) result.push(i);
  const weight = (i) => GRAVITY.indexOf(state[i]) * 1e8 + model.world.columns.people[i];
  paintLines(pen, courses[n].link, onScreen(), { w, h });
  result.sort((a, b) => weight(b) - weight(a));
  const drawn = [];
  for (const i of result) {
    const p = place(i);
    const key = `${Math.round(p.x / 7)} ${Math.round(p.y / 7)}`;
    if (p.x < -R || p.y < -R || p.x > w + R || p.y > h + R || taken.has(key)) continue;
    taken.add(key);
    drawn.push([i, p]);
    if (drawn.length >= MOST_DRAWN) break;
  }
  for (const [i, p] of drawn.reverse()) {
    const sign = stateSymbol(
      state[i],
      R < 7.5 ? null : iconOf(model.world.assets[i]),
      R,
      8,
      model.world.assets[i].origin === "assumption",
    );
    pen.drawImage(sign, p.x - sign.half, p.y - sign.half, 2 * sign.half, 2 * sign.half);
  }
  for (const deed of comparison.acts[n]) {
    if (deed.t <= clock.t) {
      const p = place(deed.a);
      act(pen, p.x + R, p.y - R, 8);
    }
  }
}

function drawDifference(pen, w, h) {
  const most = Math.max(1, ...comparison.assets.map((asset) => Math.abs(asset.person_hours)));
  for (const asset of comparison.assets.slice(0, MOST_DRAWN).reverse()) {
    const p = place(asset.a);
    if (p.x < -30 || p.y < -30 || p.x > w + 30 || p.y > h + 30) continue;
    mark(pen, asset.kind, p.x, p.y, 5 + 17 * Math.sqrt(Math.abs(asset.person_hours) / most));
  }
  for (const deed of comparison.acts[1]) {
    const p = place(deed.a);
    act(pen, p.x + 9, p.y - 9, 9);
  }
  // above who made the map
  if (!comparison.assets.length) title(pen, "", t("No asset differs"), w, h - 64);
}

function attach(map) {
  over = el("canvas", { class: "symbols compare-sheet", "aria-hidden": "true" });
  map.getCanvasContainer().append(over);
  under = el("canvas", { class: "compare-under", "aria-hidden": "true", hidden: true });
  map.getContainer().parentElement.append(under);
  map.on("render", grab);
  let from = null;
  under.addEventListener("pointerdown", (event) => {
    from = [event.clientX, event.clientY];
    under.setPointerCapture(event.pointerId);
  });
  under.addEventListener("pointermove", (event) => {
    if (!from) return;
    map.panBy([from[0] - event.clientX, from[1] - event.clientY], { duration: 0 });
    from = [event.clientX, event.clientY];
  });
  under.addEventListener("pointerup", () => {
    from = null;
  });
  under.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      map.zoomTo(map.getZoom() - event.deltaY / 400, { duration: 0 });
    },
    { passive: false },
  );
}

// ------------------------------------------------------------- wiring
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-compare-mode]");
  if (!button) return;
  mode = button.dataset.compareMode;
  for (const child of button.parentElement.children) child.setAttribute("aria-pressed", String(child === button));
  lay();
});

function lay() {
  document.getElementById("centre")?.setAttribute("data-compare-mode", mode);
  emit("layout", null);
  requestAnimationFrame(() => {
    stage.map && stage.map.resize();
    draw();
    stage.map && stage.map.triggerRepaint();
  });
}

/** In words: what an asset is in A and in B, while both are on show. */
words.of((i) => {
  if (!visible() || !comparison || mode !== "side") return null;
  return courses.map((course, n) => `${"AB"[n]}: ${model.states[course.state[i]].label}`).join(" · ");
});

on("view", () => {
  setQuiet(visible());
  if (visible()) {
    lay();
    begin();
  } else draw();
});
on("picture", () => {
  if (visible()) begin();
});
on("scenario", () => {
  if (visible()) begin();
});
on("clock", () => {
  if (visible() && mode === "side" && stage.map) {
    draw();
    stage.map.triggerRepaint();
  }
});
on("theme", draw);
// later than the map's own listeners: names of places are drawn before they are copied
on("map", () =>
  setTimeout(() => {
    setQuiet(visible());
    draw();
  }),
);

/** For tests: the compared futures and the drawn differences. */
export const compared = () =>
  comparison && {
    keys: comparison.keys,
    mode,
    assets: comparison.assets.length,
    counts: comparison.counts,
    states: courses.map((course) => Array.from(course.state)),
  };
