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
  const next = waiting().find((inject) => inject.at_min * 60000 <= exerciseClock() && holds(inject) === true);
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
const waiting = () => exercise.run.injects.filter((inject) => inject.status === "waiting" && holds(inject) !== false);
const status = (inject) =>
  inject.status !== "waiting"
    ? inject.status
    : holds(inject) === false
      ? "off"
      : inject.at_min * 60000 <= exerciseClock() && exercise.run.phase !== "ready"
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
  const open = exercise.run.predictions.some((prediction) => !prediction.reveal);
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
          .filter((inject) => inject.kind === "question" && !inject.bands_h.length && inject.status === "released")
          .slice(-2)
          .map(openQuestion)),
    el("h3", {}, t("All injects")),
    el(
      "ol",
      { class: "ex-rows" },
      ...run.injects.flatMap((inject) => [
        row(inject),
        ...(inject.id === exercise.chosen ? [el("li", { class: "ex-form-row" }, detail(inject, ended))] : []),
      ]),
    ),
    ...(run.phase === "ready" ? [] : [decisions(run, ended), notes(run, ended)]),
    ...run.aside.map((take) =>
      el(
        "p",
        { class: "fine-print" },
        tn(
          "Take {take} was set aside with {n} entry; it stays in the debrief.",
          "Take {take} was set aside with {n} entries; it stays in the debrief.",
          take.lines,
          { take: take.take },
        ),
      ),
    ),
  ];
}

function upNext(inject) {
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
      kindIcon(inject.kind),
      el("b", {}, `${minute(inject.at_min)} ${inject.title}`),
      exercise.run.phase === "paused"
        ? null
        : el("span", { class: "fine-print", "data-due": inject.at_min }, dueText(inject.at_min)),
    ),
    ...body(inject),
    ...condition(inject),
    el(
      "div",
      { class: "ex-buttons" },
      button(t("Release now"), () => actInRun({ do: "release", inject: inject.id }), {
        class: "primary",
        ...key("release-next"),
      }),
      button(t("Skip"), () => actInRun({ do: "skip", inject: inject.id }), key("skip-next")),
      el("label", { class: "tick" }, tick, t("Release automatically when due")),
    ),
  ];
}

function row(inject) {
  const now = status(inject);
  return el(
    "li",
    {},
    button(
      [
        el("span", { class: "ex-time" }, minute(inject.at_min)),
        kindIcon(inject.kind),
        el("span", { class: "ex-name" }, inject.title),
        el(
          "span",
          { class: `ex-to is-${now}` },
          now ? `${statusWord(now)}${inject.status === "released" ? ` ${minute(inject.came_min)}` : ""}` : "",
        ),
      ],
      () => {
        exercise.chosen = inject.id === exercise.chosen ? null : inject.id;
        drawPane();
      },
      {
        class: `ex-row is-${now}`,
        ...key(`row-${inject.id}`),
        "aria-expanded": String(inject.id === exercise.chosen),
      },
    ),
  );
}

function detail(inject, ended) {
  const act = (what, words) =>
    button(
      words,
      async () => {
        await actInRun({ do: what, inject: inject.id });
        if (what === "rewind" && !exercise.problem) paneBody().scrollTop = 0;
      },
      key(`${what}-${inject.id}`),
    );
  const answers = (inject.answers || []).map((answer) => el("li", {}, el("b", {}, answer.who), `: ${answer.answer}`));
  return el(
    "div",
    { class: "ex-form" },
    ...body(inject),
    ...condition(inject),
    answers.length ? el("ul", {}, ...answers) : null,
    ended || exercise.run.phase === "ready"
      ? null
      : el(
          "div",
          { class: "ex-buttons" },
          ...(inject.status === "waiting"
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
    ...came.map((inject) =>
      el(
        "article",
        { class: "ex-card", "aria-label": inject.title },
        el(
          "header",
          {},
          kindIcon(inject.kind),
          el("span", { class: "ex-time" }, minute(inject.came_min)),
          el("b", {}, inject.title),
        ),
        ...body(inject),
        inject.options ? question(inject, ended) : null,
      ),
    ),
    run.phase === "ready" ? null : decisions(run, ended),
  ].filter(Boolean);
}
