/* Running an exercise: the clock, what comes next, what the room sees, decisions and notes. */
import { el } from "../base/elements.js";
import { t, tn, tp } from "../base/words.js";
import { button, kindIcon } from "./fields.js";
import { body, condition, decisions, holds, key, notes, openQuestion, question } from "./cards.js";
import { actInRun, leave } from "./open.js";
import { predictionPart } from "./reveal.js";
import { RUNS, drawPane, exercise, exerciseClock, minute, paneBody, statusWord } from "./session.js";
import { timeline } from "./timeline.js";

const PHASES = { ready: t("not started"), running: t("running"), paused: t("paused"), ended: t("ended") };
let auto = false;
let releasing = false;

// ---------------------------------------------------------------- the clock
function text(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const pad = (n) => String(n).padStart(2, "0");
  return `${Math.floor(s / 3600)}:${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}`;
}

setInterval(() => {
  const host = paneBody();
  if (!host || !exercise.run) return;
  const ms = exerciseClock();
  const face = host.querySelector(".ex-clock");
  const now = host.querySelector(".ex-now");
  const next = host.querySelector("[data-due]");
  if (face) face.textContent = text(ms);
  if (now) now.style.left = `${Math.min(100, (100 * ms) / 60000 / Number(now.dataset.now))}%`;
  if (next) next.textContent = dueText(Number(next.dataset.due));
  if (exercise.run.leads) automatic();
}, 500);

function dueText(min) {
  const left = min * 60000 - exerciseClock();
  return left > 0 ? t("due in {left}", { left: text(left) }) : t("due now");
}

/** If the facilitator chose it, this page releases due injects automatically, one after another. */
function automatic() {
  if (!auto || releasing || exercise.run.phase !== "running") return;
  const next = waiting().find((one) => one.at_min * 60000 <= exerciseClock() && holds(one) === true);
  if (!next) return;
  releasing = true;
  actInRun({ do: "release", inject: next.id }).finally(() => {
    releasing = false;
    if (exercise.problem) {
      auto = false;
      drawPane();
    }
  });
}

/** What has not come yet and still can: those whose condition failed are passed over. */
const waiting = () => exercise.run.injects.filter((one) => one.status === "waiting" && holds(one) !== false);
const status = (one) =>
  one.status !== "waiting"
    ? one.status
    : holds(one) === false
      ? "off"
      : one.at_min * 60000 <= exerciseClock() && exercise.run.phase !== "ready"
        ? "due"
        : "";

// ---------------------------------------------------------------- the pane
export function runParts() {
  const run = exercise.run;
  const ended = run.phase === "ended";
  return [
    el(
      "div",
      { class: "ex-head" },
      exercise.room
        ? el("span", { class: "tag" }, t("As participants see it"))
        : button(t("‹ All exercises"), leave, { class: "link", ...key("leave") }),
      el("span", { class: "ex-spring" }),
      run.leads ? links(run) : null,
    ),
    el("h2", { class: "ex-run-title" }, run.title),
    el(
      "div",
      { class: "ex-face" },
      el("span", { class: "ex-clock", role: "timer", "aria-label": t("Exercise clock") }, text(exerciseClock())),
      el(
        "span",
        { class: `ex-phase is-${run.phase}`, role: "status" },
        PHASES[run.phase],
        run.take > 1 ? `, ${t("take {n}", { n: run.take })}` : "",
      ),
      run.leads ? steering(run) : null,
    ),
    ...(run.leads ? led(run, ended) : room(run, ended)),
  ];
}

function links(run) {
  const where = `${RUNS}/${run.id}`;
  const link = (words, href) => el("a", { href, target: "_blank", rel: "noopener" }, words);
  return el(
    "details",
    { class: "menu ex-more" },
    el("summary", { "aria-label": t("Debrief, cards, the room's window") }, t("Debrief, cards, room")),
    el(
      "div",
      { class: "popover stack" },
      link(t("Hot debrief"), `${where}/debrief.html`),
      link(t("Hot debrief as PDF"), `${where}/debrief.pdf`),
      link(t("Debrief as CSV"), `${where}/debrief.csv`),
      link(t("Debrief as JSON"), `${where}/debrief.json`),
      link(t("Cards for the room"), `${where}/cards.html`),
      link(t("Facilitator's cards, with notes"), `${where}/cards.html?notes=1`),
      link(t("The room's window"), `/?view=exercise&run=${run.id}&room=1`),
    ),
  );
}

function steering(run) {
  const act = (what, words, attributes) =>
    button(words, () => actInRun({ do: what }), { ...key(what), ...attributes });
  if (run.phase === "ready") return act("start", t("Start"), { class: "primary" });
  if (run.phase === "ended") {
    return el(
      "span",
      { class: "ex-buttons" },
      el(
        "a",
        { href: `${RUNS}/${run.id}/debrief.html`, target: "_blank", rel: "noopener", class: "ex-debrief" },
        t("Open the hot debrief"),
      ),
      el("a", { href: `${RUNS}/${run.id}/debrief.pdf`, target: "_blank", rel: "noopener" }, t("as PDF")),
    );
  }
  return el(
    "span",
    { class: "ex-buttons" },
    run.phase === "running" ? act("pause", t("Pause")) : act("resume", t("Resume"), { class: "primary" }),
    button(tp("exercise", "End"), end, key("end")),
  );
}

function end() {
  const open = exercise.run.predictions.some((one) => !one.reveal);
  if (!exercise.ending) {
    exercise.ending = true;
    exercise.problem = open
      ? t("A prediction was never revealed. Press End once more: an exercise that has ended cannot go on.")
      : t("Press End once more: an exercise that has ended cannot go on.");
    drawPane();
    return;
  }
  exercise.ending = false;
  actInRun({ do: "end" });
}

// ------------------------------------------------------------- facilitator
function led(run, ended) {
  const next = waiting()[0];
  return [
    timeline(run.injects, {
      now: true,
      status,
      choose: (id) => {
        exercise.chosen = id === exercise.chosen ? null : id;
        drawPane();
        const opened = paneBody().querySelector(`[data-key="row-${id}"]`);
        if (opened) opened.scrollIntoView({ block: "nearest" });
      },
    }),
    ...(run.phase === "ready"
      ? [
          el(
            "p",
            { class: "empty" },
            t(
              "Participants see nothing yet. Press Start when everyone is ready; the exercise clock begins at 0:00:00.",
            ),
            run.note ? el("span", { class: "ex-noted" }, run.note) : null,
          ),
        ]
      : []),
    ...(ended || run.phase === "ready"
      ? []
      : [
          el(
            "section",
            { class: "ex-next", "aria-label": t("Next") },
            ...(next
              ? upNext(next)
              : [
                  el(
                    "p",
                    { class: "empty" },
                    t("No more injects. Release skipped ones from the list, or end the exercise."),
                  ),
                ]),
          ),
        ]),
    ...(run.phase === "ready" ? [] : [predictionPart(run)]),
    ...(ended
      ? []
      : run.injects
          .filter((one) => one.kind === "question" && !one.bands_h.length && one.status === "released")
          .slice(-2)
          .map(openQuestion)),
    el("h3", {}, t("All injects")),
    el(
      "ol",
      { class: "ex-rows" },
      ...run.injects.flatMap((one) => [
        row(one),
        ...(one.id === exercise.chosen ? [el("li", { class: "ex-form-row" }, detail(one, ended))] : []),
      ]),
    ),
    ...(run.phase === "ready" ? [] : [decisions(run, ended), notes(run, ended)]),
    ...run.aside.map((one) =>
      el(
        "p",
        { class: "fine-print" },
        tn(
          "Take {take} was set aside with {n} entry; it stays in the debrief.",
          "Take {take} was set aside with {n} entries; it stays in the debrief.",
          one.lines,
          { take: one.take },
        ),
      ),
    ),
  ];
}

function upNext(one) {
  const tick = el("input", {
    type: "checkbox",
    ...key("auto"),
    onchange: () => {
      auto = tick.checked;
    },
  });
  tick.checked = auto;
  return [
    el(
      "div",
      { class: "ex-next-head" },
      kindIcon(one.kind),
      el("b", {}, `${minute(one.at_min)} ${one.title}`),
      exercise.run.phase === "paused"
        ? null
        : el("span", { class: "fine-print", "data-due": one.at_min }, dueText(one.at_min)),
    ),
    ...body(one),
    ...condition(one),
    el(
      "div",
      { class: "ex-buttons" },
      button(t("Release now"), () => actInRun({ do: "release", inject: one.id }), {
        class: "primary",
        ...key("release-next"),
      }),
      button(t("Skip"), () => actInRun({ do: "skip", inject: one.id }), key("skip-next")),
      el("label", { class: "tick" }, tick, t("Release automatically when due")),
    ),
  ];
}

function row(one) {
  const now = status(one);
  return el(
    "li",
    {},
    button(
      [
        el("span", { class: "ex-time" }, minute(one.at_min)),
        kindIcon(one.kind),
        el("span", { class: "ex-name" }, one.title),
        el(
          "span",
          { class: `ex-to is-${now}` },
          now ? `${statusWord(now)}${one.status === "released" ? ` ${minute(one.came_min)}` : ""}` : "",
        ),
      ],
      () => {
        exercise.chosen = one.id === exercise.chosen ? null : one.id;
        drawPane();
      },
      { class: `ex-row is-${now}`, ...key(`row-${one.id}`), "aria-expanded": String(one.id === exercise.chosen) },
    ),
  );
}

function detail(one, ended) {
  const act = (what, words) =>
    button(
      words,
      async () => {
        await actInRun({ do: what, inject: one.id });
        if (what === "rewind" && !exercise.problem) paneBody().scrollTop = 0;
      },
      key(`${what}-${one.id}`),
    );
  const given = (one.answers || []).map((answer) => el("li", {}, el("b", {}, answer.who), `: ${answer.answer}`));
  return el(
    "div",
    { class: "ex-form" },
    ...body(one),
    ...condition(one),
    given.length ? el("ul", {}, ...given) : null,
    ended || exercise.run.phase === "ready"
      ? null
      : el(
          "div",
          { class: "ex-buttons" },
          ...(one.status === "waiting"
            ? [act("release", t("Release now")), act("skip", t("Skip"))]
            : [act("rewind", t("Rewind to before this"))]),
        ),
  );
}

// -------------------------------------------------------------------- room
function room(run, ended) {
  const came = [...run.injects].reverse();
  return [
    run.phase === "ready"
      ? el("p", { class: "empty" }, t("The exercise has not started. Injects will appear here."))
      : null,
    ended ? el("p", { class: "empty" }, t("The exercise has ended. Thank you; the debrief follows.")) : null,
    run.phase === "ready" ? null : predictionPart(run),
    ...came.map((one) =>
      el(
        "article",
        { class: "ex-card", "aria-label": one.title },
        el(
          "header",
          {},
          kindIcon(one.kind),
          el("span", { class: "ex-time" }, minute(one.came_min)),
          el("b", {}, one.title),
        ),
        ...body(one),
        one.options ? question(one, ended) : null,
      ),
    ),
    run.phase === "ready" ? null : decisions(run, ended),
  ].filter(Boolean);
}
