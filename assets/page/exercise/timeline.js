/* The timeline of an exercise, and the keys and drags that move injects. */
import { el } from "../base/elements.js";
import { t } from "../base/words.js";
import { button, kindIcon } from "./fields.js";
import { changePlan } from "./open.js";
import { exercise, exerciseClock, kindWord, minute, paneBody, statusWord } from "./session.js";

/** Return the injects on a track; `now` draws the exercise clock, `status` gives the state of each. */
export function timeline(injects, options) {
  const last = Math.max(30, ...injects.map((inject) => inject.at_min));
  const total = Math.ceil(last / 15) * 15;
  const lanes = [];
  const place = injects.map((inject) => {
    const at = inject.at_min / total;
    let lane = lanes.findIndex((end) => end < at - 0.045);
    if (lane < 0) lane = lanes.length < 5 ? lanes.push(0) - 1 : lanes.indexOf(Math.min(...lanes));
    lanes[lane] = at;
    return { inject, at, lane };
  });
  const every = total <= 60 ? 10 : total <= 150 ? 15 : total <= 300 ? 30 : 120;
  const ticks = Array.from({ length: Math.floor(total / every) + 1 }, (_, n) => n * every);
  const track = el(
    "div",
    { class: "ex-track", style: `--lanes:${Math.max(1, lanes.length)}` },
    ...ticks.map((min) => el("span", { class: "ex-tick", style: `left:${(100 * min) / total}%` }, minute(min))),
    ...place.map(({ inject, at, lane }) => marker(inject, at, lane, total, options)),
    options.now
      ? el("div", {
          class: "ex-now",
          "data-now": total,
          style: `left:${Math.min(100, (100 * exerciseClock()) / 60000 / total)}%`,
          "aria-hidden": "true",
        })
      : null,
  );
  return el("div", { class: "ex-timeline", role: "group", "aria-label": t("Timeline of the exercise") }, track);
}

function marker(inject, at, lane, total, options) {
  const status = options.status ? options.status(inject) : "";
  const node = button(kindIcon(inject.kind), () => options.choose(inject.id), {
    class: `ex-marker ${status ? `is-${status}` : ""}`,
    style: `left:${100 * at}%;--lane:${lane}`,
    "data-key": `mark-${inject.id}`,
    title: `${minute(inject.at_min)} ${inject.title}`,
    "aria-label": `${minute(inject.at_min)} ${kindWord(inject.kind)}: ${inject.title}${status ? `, ${statusWord(status)}` : ""}`,
    "aria-pressed": String(inject.id === exercise.chosen),
  });
  if (options.move) {
    node.addEventListener("keydown", (event) => keys(event, inject));
    node.addEventListener("pointerdown", (event) => drag(event, node, inject, total, options));
  }
  return node;
}

function drag(event, node, inject, total, options) {
  if (event.button) return;
  const box = node.parentElement.getBoundingClientRect();
  const from = event.clientX;
  let min = inject.at_min;
  const move = (moved) => {
    if (Math.abs(moved.clientX - from) < 4) return;
    min = Math.max(0, Math.min(1440, Math.round(((moved.clientX - box.left) / box.width) * total)));
    node.style.left = `${(100 * min) / total}%`;
    node.title = minute(min);
  };
  const done = () => {
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", done);
    if (min !== inject.at_min) options.move(inject.id, min);
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", done);
}

/** Keys on an inject, in the list and on the timeline: none of them moves the map or the clock. */
export function keys(event, inject) {
  const { key } = event;
  const many = event.shiftKey ? 5 : 1;
  const time = (by) => changePlan({ do: "time", inject: inject.id, at_min: Math.max(0, inject.at_min + by * many) });
  const run =
    event.altKey && key === "ArrowUp"
      ? () => changePlan({ do: "swap", inject: inject.id, by: -1 })
      : event.altKey && key === "ArrowDown"
        ? () => changePlan({ do: "swap", inject: inject.id, by: 1 })
        : key === "ArrowLeft"
          ? () => time(-1)
          : key === "ArrowRight"
            ? () => time(1)
            : key === "ArrowUp"
              ? () => step(-1)
              : key === "ArrowDown"
                ? () => step(1)
                : key === "Delete"
                  ? () => changePlan({ do: "remove", inject: inject.id })
                  : key.toLowerCase() === "d" && !event.ctrlKey
                    ? () => changePlan({ do: "copy", inject: inject.id })
                    : (event.ctrlKey || event.metaKey) && key.toLowerCase() === "z"
                      ? () => changePlan({ do: event.shiftKey ? "redo" : "undo" })
                      : null;
  if (!run) return;
  event.preventDefault();
  event.stopPropagation();
  run();
}

function step(by) {
  const rows = [...paneBody().querySelectorAll(".ex-rows .ex-row")];
  const at = rows.indexOf(document.activeElement);
  const to = rows[at < 0 ? 0 : at + by];
  if (to) to.focus();
}
