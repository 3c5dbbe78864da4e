/* The foot: the clock in words, play and speed, and the timeline with what is lost when. */
import { on } from "../base/bus.js";
import { clock } from "../base/clock.js";
import { el, svg, whenReady } from "../base/elements.js";
import { model } from "../base/model.js";
import { HOUR, hoursText, isLost, lossBars, stepAt, tickStep } from "../base/time.js";
import { t, tn } from "../base/words.js";

const W = 1000;
const H = 56;
const BARS = 160;

const PATH = {
  play: "M8 5v14l11-7z",
  pause: "M7 5h3.500v14H7zM13.500 5H17v14h-3.500z",
  next: "M5 5v14l9-7zM15.500 5H18v14h-2.500z",
  previous: "M19 5v14l-9-7zM6 5h2.500v14H6z",
};
const glyph = (name) =>
  svg(
    "svg",
    { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" },
    svg("path", { d: PATH[name], fill: "currentColor" }),
  );
const part = {};

whenReady("foot", (foot) => {
  part.play = el(
    "button",
    {
      type: "button",
      id: "play",
      class: "play",
      "aria-label": t("Play (Space)"),
      title: t("Play (Space)"),
      onclick: () => clock.toggle(),
    },
    glyph("play"),
  );
  part.text = el("strong", { id: "clock-text", class: "clock-text" }, "0 h");
  part.speed = el(
    "select",
    { id: "speed", "aria-label": t("Speed of playback") },
    ...clock.speeds.map((speed) =>
      el(
        "option",
        { value: speed },
        t("{hours} per second", { hours: speed < 1 ? `${speed * 60} min` : `${speed} h` }),
      ),
    ),
  );
  part.speed.value = String(clock.speed);
  part.speed.addEventListener("change", () => clock.setSpeed(Number(part.speed.value)));
  part.chart = svg("svg", {
    viewBox: `0 0 ${W} ${H}`,
    preserveAspectRatio: "none",
    class: "time-chart",
    "aria-hidden": "true",
  });
  part.ticks = el("div", { class: "ticks", "aria-hidden": "true" });
  part.marks = el("div", { class: "time-marks", "aria-hidden": "true" });
  part.slider = el("input", {
    id: "time-slider",
    type: "range",
    min: 0,
    max: 48 * 60,
    step: 1,
    value: 0,
    "aria-label": t("Hour shown"),
  });
  part.slider.addEventListener("input", () => {
    clock.pause();
    clock.set(snapped(Number(part.slider.value) * 60_000));
  });
  part.next = el(
    "button",
    {
      type: "button",
      class: "step",
      "aria-label": t("Jump to next loss (N)"),
      title: t("Jump to next loss (N)"),
      onclick: () => clock.next(),
    },
    el("span", {}, t("Next loss")),
    glyph("next"),
  );
  part.previous = el(
    "button",
    {
      type: "button",
      class: "step",
      "aria-label": t("Previous loss (P)"),
      title: t("Previous loss (P)"),
      onclick: () => clock.previous(),
    },
    glyph("previous"),
  );
  part.note = el("p", { class: "foot-note" });
  foot.replaceChildren(
    el("div", { class: "foot-clock" }, part.play, el("div", {}, part.text, part.speed)),
    el(
      "div",
      { id: "timeline", class: "timeline" },
      part.chart,
      part.marks,
      el("span", { class: "cursor", "aria-hidden": "true" }),
      part.slider,
      part.ticks,
    ),
    el("div", { class: "foot-steps" }, el("div", { class: "step-row" }, part.previous, part.next), part.note),
  );
  on("picture", draw);
  on("clock", follow);
  on("playing", showPlaying);
});

/** A hand on the slider lands on a moment of loss when it is within a few pixels of it. */
function snapped(t) {
  const width = part.slider.clientWidth || W;
  const reach = (clock.horizon / width) * 4;
  let best = t;
  let least = reach;
  for (const time of model.picture ? model.picture.lossTimes : []) {
    const d = Math.abs(time - t);
    if (d < least) {
      least = d;
      best = time;
    }
  }
  return best;
}

function showPlaying(playing) {
  const label = playing ? t("Pause (Space)") : t("Play (Space)");
  part.play.replaceChildren(glyph(playing ? "pause" : "play"));
  part.play.setAttribute("aria-label", label);
  part.play.title = label;
}

const KINDS = [
  ["direct", "hit"],
  ["cascade", "lost"],
  ["autonomy", "backup"],
];

function draw(picture) {
  const horizon = Math.max(1, picture.horizon_ms);
  const x = (t) => (t / horizon) * W;
  part.slider.max = String(Math.round(horizon / 60_000));
  part.chart.replaceChildren(
    ...shade(picture, x),
    svg("line", { x1: 0, x2: W, y1: H, y2: H, class: "axis" }),
    ...bars(picture),
  );
  part.marks.replaceChildren(
    ...(picture.marks || [])
      .filter((mark) => mark.t <= horizon)
      .map((mark) => {
        const node = el("span", { class: "time-mark", title: `${hoursText(mark.t)}: ${mark.text}` });
        node.style.left = `${(mark.t / horizon) * 100}%`;
        return node;
      }),
  );
  const step = tickStep(horizon, innerWidth < 700 ? 4 : 9);
  const ticks = [];
  for (let t = 0; t <= horizon; t += step) {
    const tick = el("span", {}, t > 48 * HOUR && t % (24 * HOUR) === 0 ? `${t / (24 * HOUR)} d` : `${t / HOUR} h`);
    tick.style.left = `${(t / horizon) * 100}%`;
    ticks.push(tick);
  }
  part.ticks.replaceChildren(...ticks);
  const service = shaded(picture);
  const label = service && model.world.serviceOf.get(service.service);
  const losses = picture.losses.length;
  part.note.textContent = losses
    ? t("Bars: losses over time. Shade: people {without}.", { without: label ? label.people_label : t("affected") })
    : t("Losses over time appear here.");
  follow({ t: clock.t });
}

/** The service that the shade shows: the first of the panel that people lose. */
function shaded(picture) {
  const hit = picture.people.filter((person) => person.peak > 0);
  return hit.find((course) => course.service === "electricity") || hit[0] || null;
}

function shade(picture, x) {
  const course = shaded(picture);
  if (!course) return [];
  const y = (n) => H - (n / course.peak) * (H - 6);
  let path = `M0 ${H} L0 ${y(stepAt(course.t, course.n, 0, 0))}`;
  let before = stepAt(course.t, course.n, 0, 0);
  course.t.forEach((t, i) => {
    if (t > 0) {
      path += ` L${x(t)} ${y(before)} L${x(t)} ${y(course.n[i])}`;
      before = course.n[i];
    }
  });
  return [svg("path", { d: `${path} L${W} ${y(before)} L${W} ${H} Z`, class: "shade" })];
}

function bars(picture) {
  const result = lossBars(picture, BARS);
  const width = W / BARS;
  const most = Math.max(1, ...result.map((bar) => bar.direct + bar.cascade + bar.autonomy));
  // the square root keeps a single loss visible beside a hundred
  const height = (n) => Math.max(7, Math.sqrt(n / most) * (H - 8));
  return result.flatMap((bar) => {
    const total = bar.direct + bar.cascade + bar.autonomy;
    const full = height(total);
    const left = (bar.t / Math.max(1, picture.horizon_ms)) * W;
    let y = H;
    return KINDS.filter(([kind]) => bar[kind]).map(([kind, token]) => {
      const h = Math.max(5, (bar[kind] / total) * full);
      y -= h;
      const rect = svg("rect", {
        x: Math.min(left, W - width),
        y,
        width: width * 0.9,
        height: h,
        class: `bar bar-${token}`,
      });
      return rect;
    });
  });
}

let shown = "";
function follow(now) {
  const share = clock.horizon ? (now.t / clock.horizon) * 100 : 0;
  document.documentElement.style.setProperty("--clock", String(share));
  part.slider.value = String(Math.round(now.t / 60_000));
  const text = hoursText(now.t);
  if (text !== shown) {
    shown = text;
    part.text.textContent = text;
    part.slider.setAttribute(
      "aria-valuetext",
      tn("{at}, {n} asset lost", "{at}, {n} assets lost", lostNow(), { at: text }),
    );
  }
  if (model.picture) {
    const { losses, lossTimes } = model.picture;
    part.next.disabled = !losses.length || lossTimes[losses.length - 1] <= now.t;
    part.previous.disabled = now.t <= 0;
  }
}

function lostNow() {
  let n = 0;
  const { state } = model.course || { state: [] };
  const lost = Array.from(model.states, (_, s) => (isLost(s) ? 1 : 0));
  for (let i = 0; i < state.length; i++) n += lost[state[i]];
  return n;
}
