/* The clock of the page: a time within the picture, set, played and stored. What is on show follows it. */
import { emit } from "./bus.js";
import { setProps } from "./dash.js";
import { model } from "./model.js";
import { HOUR, lossTimes } from "./time.js";

/** Hours per second. */
const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
/** The delay after the last move until the server gets the time. */
const REST_MS = 250;
/** A frame that took longer moves the clock no further than this. */
const LONGEST_STEP_MS = 200;

let resting = 0;
let times = [];
let moved = { t: 0, changed: [], links: [], all: false };

export const clock = {
  t: 0,
  horizon: 48 * HOUR,
  playing: false,
  speed: 2,
  speeds: SPEEDS,

  /** Go to a time (ms); everything on the page follows. */
  set(t) {
    clock.t = Math.max(0, Math.min(clock.horizon, Math.round(t)));
    follow(false);
    emit("clock", moved);
    window.clearTimeout(resting);
    resting = clock.playing ? 0 : window.setTimeout(store, REST_MS);
  },

  play() {
    if (clock.playing) return;
    if (clock.t >= clock.horizon) clock.set(0);
    clock.playing = true;
    emit("playing", true);
    let before = performance.now();
    const tick = (now) => {
      if (!clock.playing) return;
      const step = (Math.min(LONGEST_STEP_MS, now - before) / 1000) * clock.speed * HOUR;
      before = now;
      clock.set(clock.t + step);
      if (clock.t >= clock.horizon) clock.pause();
      else requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  },

  pause() {
    if (!clock.playing) return;
    clock.playing = false;
    emit("playing", false);
    clock.set(clock.t);
  },

  toggle() {
    if (clock.playing) clock.pause();
    else clock.play();
  },

  /** Go to the next loss; says whether there is one. */
  next() {
    const t = times.find((time) => time > clock.t);
    if (t !== undefined) {
      clock.pause();
      clock.set(t);
    }
    return t !== undefined;
  },

  previous() {
    const before = times.filter((time) => time < clock.t);
    clock.pause();
    clock.set(before.length ? before[before.length - 1] : 0);
  },

  setSpeed(speed) {
    clock.speed = speed;
  },
};

/** The clock's hour as events have it. */
export const clockHour = () => Math.round((clock.t / HOUR) * 1000) / 1000;

/** Whether the clock is stopped, and the server has its time. */
export const clockRests = () => !clock.playing && !resting;

/** Take the bounds of a new picture; `fromStart` goes back to its beginning. */
export function setCourse(picture, fromStart) {
  times = lossTimes(picture);
  clock.horizon = picture.horizon_ms;
  const before = clock.t;
  clock.t = fromStart ? 0 : Math.min(clock.t, clock.horizon);
  if (clock.t !== before) store();
  follow(true);
}

/** Announce the clock's time, after everything was redrawn. */
export const sayClockAnew = () => emit("clock", { t: clock.t, changed: [], links: [], all: true });

function follow(all) {
  if (!model.picture || !model.course) return;
  const { changed, links } = model.course.moveTo(model.picture, clock.t);
  moved = { t: clock.t, changed, links, all };
}

function store() {
  resting = 0;
  setProps("clock", { data: { t_ms: clock.t } });
}
