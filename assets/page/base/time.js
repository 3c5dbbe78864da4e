/* Pure functions over a picture: states at a time, losses, words for hours. No page, no clock. */
import { formatNumber } from "./words.js";

export const HOUR = 3_600_000;
const WORKING = 0;
const BACKUP = 1;
const DEGRADED = 2;
const HIT = 3;
const LOST = 4;
const REPAIR = 5;
const RESTART = 6;
const STUCK = 7;
const UNKNOWN = 8;

/** Codes of the states, as `layouts/palette.py` has them. */
export const STATE = { WORKING, BACKUP, DEGRADED, HIT, LOST, REPAIR, RESTART, STUCK, UNKNOWN };

/** Index of the first element above `value` in a sorted list. */
export function firstAbove(list, value) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Value of a step function (times `t`, values `n`) at a time. */
export function stepAt(t, n, time, before) {
  const i = firstAbove(t, time);
  return i === 0 ? before : n[i - 1];
}

/** A step function from 0 to `end` as the path of a line in a box of `w` x `h`, `most` at its top. */
export function stepPath(t, n, end, most, w, h) {
  const round = (px) => Math.round(px * 100) / 100;
  const y = (value) => round(h - (value / most) * h);
  const first = t[0] > 0 ? 0 : n[0];
  const steps = Array.from(t, (time, i) => (time > 0 ? `H${round((time / end) * w)}V${y(n[i])}` : "")).join("");
  return `M0 ${y(first)}${steps}H${w}`;
}

/**
 * Which of many things were touched: by the current move, and since the initial state.
 * Lists, so that no caller has to scan all things.
 */
class Touched {
  constructor(size) {
    this.moved = new Uint32Array(size);
    this.since = new Uint32Array(size);
    this.was = new Uint32Array(size);
    this.move = 0;
    this.began = 1;
    this.now = [];
    this.held = [];
  }

  next() {
    this.move++;
    this.now = [];
  }

  /** Reset; returns what was touched until now. */
  restart() {
    const { held, was, move } = this;
    for (const i of held) was[i] = move;
    this.held = [];
    this.began++;
    return held;
  }

  add(i) {
    if (this.moved[i] === this.move) return;
    this.moved[i] = this.move;
    this.now.push(i);
    if (this.since[i] === this.began) return;
    this.since[i] = this.began;
    this.held.push(i);
  }

  /** Of what this move touched, what was not touched before the reset. */
  fresh() {
    return this.now.filter((i) => this.was[i] !== this.move);
  }
}

/**
 * Follows the columns of a picture to a time and collects what changed on the way. Forward it applies only the rows
 * between; backward it restarts. Either way it reads what the rows touch, never all assets.
 */
export class Course {
  /** @param {number} size assets  @param {number} links */
  constructor(size, links) {
    this.state = new Uint8Array(size);
    this.level = new Float32Array(size).fill(1);
    this.delivered = new Float32Array(size).fill(1);
    this.deadline = new Float64Array(size).fill(-1);
    this.link = new Uint8Array(links);
    this.assets = new Touched(size);
    this.links = new Touched(links);
    this.picture = null;
    this.row = this.linkRow = 0;
  }

  /** Move to `time` in `picture`; returns the asset and link indices that differ from before. */
  moveTo(picture, time) {
    const { assets, links } = this;
    const rows = picture.states;
    const lines = picture.links;
    const last = this.row > 0 ? rows.t[this.row - 1] : -1;
    const lastLink = this.linkRow > 0 ? lines.t[this.linkRow - 1] : -1;
    const on = picture === this.picture && time >= last && time >= lastLink;
    assets.next();
    links.next();
    const before = on ? null : this._begin(picture);
    this._apply(rows, lines, time);
    return on ? { changed: assets.now, links: links.now } : this._differing(before);
  }

  /** Reset all that was touched to its initial state; returns the state before. */
  _begin(picture) {
    const { state, deadline, level, delivered, link } = this;
    const assets = this.assets.restart();
    const links = this.links.restart();
    const before = {
      assets,
      links,
      state: new Uint8Array(assets.length),
      deadline: new Float64Array(assets.length),
      level: new Float32Array(assets.length),
      link: new Uint8Array(links.length),
    };
    assets.forEach((a, n) => {
      before.state[n] = state[a];
      before.deadline[n] = deadline[a];
      before.level[n] = level[a];
      state[a] = 0;
      deadline[a] = -1;
      level[a] = delivered[a] = 1;
    });
    links.forEach((k, n) => {
      before.link[n] = link[k];
      link[k] = 0;
    });
    Object.assign(this, { picture, row: 0, linkRow: 0 });
    return before;
  }

  _apply(rows, lines, time) {
    for (; this.row < rows.t.length && rows.t[this.row] <= time; this.row++) {
      const a = rows.a[this.row];
      this.state[a] = rows.s[this.row];
      this.deadline[a] = rows.d[this.row];
      this.level[a] = rows.l[this.row];
      this.delivered[a] = rows.v[this.row];
      this.assets.add(a);
    }
    for (; this.linkRow < lines.t.length && lines.t[this.linkRow] <= time; this.linkRow++) {
      const k = lines.k[this.linkRow];
      this.link[k] = lines.s[this.linkRow];
      this.links.add(k);
    }
  }

  /** What stood elsewhere before, and what only now stands elsewhere than everything begins. */
  _differing(before) {
    const { state, deadline, level, link } = this;
    const changed = before.assets.filter(
      (a, n) => before.state[n] !== state[a] || before.deadline[n] !== deadline[a] || before.level[n] !== level[a],
    );
    const links = before.links.filter((k, n) => before.link[n] !== link[k]);
    for (const a of this.assets.fresh()) if (state[a] !== 0 || deadline[a] !== -1 || level[a] !== 1) changed.push(a);
    for (const k of this.links.fresh()) if (link[k] !== 0) links.push(k);
    return { changed, links };
  }
}

/** Whether a state counts as lost to the people who need it. */
export function isLost(state) {
  return state === HIT || state === LOST || state === REPAIR || state === RESTART || state === STUCK;
}

/** Whole minutes, halves to the even one: as Python rounds. */
function minutesOf(ms) {
  const minutes = Math.round(ms / 60_000);
  return minutes - ms / 60_000 === 0.5 && minutes % 2 ? minutes - 1 : minutes;
}

/**
 * `45 min`, `7 h 40 min`, `2 d 3 h 45 min`, `0 h`:
 * word for word as the server writes it (`hours_text` in `models/units.py`).
 */
export function hoursText(ms) {
  const all = minutesOf(ms);
  const total = Math.floor(all / 60);
  const days = total >= 48 ? Math.floor(total / 24) : 0;
  const parts = [
    [days, "d"],
    [total - 24 * days, "h"],
    [all % 60, "min"],
  ];
  return (
    parts
      .filter(([n]) => n)
      .map(([n, unit]) => `${n} ${unit}`)
      .join(" ") || "0 h"
  );
}

/** `0:40`, `16:05`: hours and minutes until something. */
export function countdown(ms) {
  const minutes = Math.max(0, Math.ceil(ms / 60_000));
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

/** Whole number with thousands separators. */
export function thousands(n) {
  return formatNumber(Math.round(n));
}

/** Distinct times of losses, in order. */
export function lossTimes(picture) {
  const result = [];
  const all = picture.lossTimes;
  for (let n = 0; n < all.length; n++) if (n === 0 || all[n] !== all[n - 1]) result.push(all[n]);
  return result;
}

/** Steps of the axis, so that a width has at most about ten ticks. */
export function tickStep(horizonMs, ticks) {
  const steps = [1, 2, 3, 6, 12, 24, 48, 72, 168, 336, 720];
  const hours = horizonMs / HOUR;
  return (steps.find((step) => hours / step <= ticks) || steps[steps.length - 1]) * HOUR;
}

/** Losses grouped into `count` equal parts of the horizon, each counted by kind of colour. */
export function lossBars(picture, count) {
  const bars = new Map();
  for (const loss of picture.losses) {
    const i = Math.min(count - 1, Math.floor((loss.t / Math.max(1, picture.horizon_ms)) * count));
    const bar = bars.get(i) || { i, t: loss.t, direct: 0, cascade: 0, autonomy: 0 };
    bar[barKind(loss)] += 1;
    bars.set(i, bar);
  }
  return [...bars.values()].sort((a, b) => a.i - b.i);
}

export function barKind(loss) {
  if (loss.kind === "direct" || loss.kind === "common-cause") return "direct";
  return loss.kind === "autonomy" ? "autonomy" : "cascade";
}
