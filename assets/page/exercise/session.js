/* The exercise on show: a plan that is designed, or a run; and the words for its parts. */
import { emit } from "../base/bus.js";
import { model } from "../base/model.js";
import { HOUR, hoursText } from "../base/time.js";
import { currentView } from "../base/views.js";
import { t, tp } from "../base/words.js";
import { lineName } from "../map/things.js";

export const PLANS = "/api/exercises";
export const RUNS = "/api/runs";

/** Kinds of injects: name, word, pictogram. */
export const KINDS = [
  ["message", tp("inject", "Message"), "M4 5h16v11H9l-5 4z"],
  ["knock_out", tp("inject", "Knock-out"), "M13 2 5 14h6l-1 8 9-13h-6z"],
  ["repair", tp("inject", "Repair"), "M20 6a5 5 0 0 1-7 5l-7 8-3-3 8-7a5 5 0 0 1 6-6l-3 3 3 3z"],
  [
    "supply",
    tp("inject", "Supply"),
    "M3 7h11v9H3zM14 10h4l3 3v3h-7zM7 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM17 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  ],
  ["status_report", tp("inject", "Status report"), "M4 20V10M10 20V4M16 20v-8M21 20H3"],
  ["question", tp("inject", "Question"), "M8 9a4 4 0 1 1 5 4c-1 .5-1 1-1 2M12 19v.5"],
];

export const exercise = {
  /** What there is to open: ready exercises, plans, runs. */
  list: null,
  plan: null,
  run: null,
  /** Whether this window shows what the room sees. */
  room: new URLSearchParams(location.search).get("room") === "1",
  /** When the run's clock was received, in ms of this browser. */
  came: 0,
  /** Id of the inject that is open. */
  chosen: null,
  /** What was typed and not sent yet, by key. */
  drafts: new Map(),
  problem: "",
  /** Whether what the address names has come. */
  started: false,
  /** Whether the user pressed End once. */
  ending: false,
};

export const paneVisible = () => currentView() === "exercise";
export const paneBody = () => document.querySelector('[data-exercise="body"]');

/** Redraw the pane; pane.js does it. */
export const drawPane = () => emit("exercise-draw", null);

/** Do something and show an error, if any; the page keeps its content. */
export async function attempt(work) {
  try {
    await work();
    exercise.problem = "";
  } catch (error) {
    exercise.problem = error.message;
  }
  drawPane();
}

export const kindWord = (kind) => (KINDS.find(([name]) => name === kind) || [kind, kind])[1];

const STATUS = { released: t("came"), skipped: t("skipped"), off: t("does not apply"), due: t("due") };

/** What became of an inject, in a word. */
export const statusWord = (name) => STATUS[name] || name;

/** The exercise clock in ms; it runs on between two answers of the server. */
export function exerciseClock() {
  const { run, came } = exercise;
  if (!run) return 0;
  return run.clock_ms + (run.phase === "running" ? Date.now() - came : 0);
}

/** Minutes as `1:05`. */
export function minute(min) {
  const whole = Math.floor(min + 1e-9);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** An hour of the cascade in words. */
export const hours = (h) => hoursText(Math.round(h * HOUR));

/** What a line is called; its id where there is none. */
export function lineText(id) {
  const k = model.world ? model.world.linkIndex.get(id) : undefined;
  return k === undefined ? id : lineName(k);
}

/** What an asset is called; its id where there is none. */
export function assetText(id) {
  const i = model.world ? model.world.index.get(id) : undefined;
  return i === undefined ? id : model.world.assets[i].name;
}
