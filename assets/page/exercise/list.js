/* What there is to open: runs, ready exercises, one's own plans. */
import { el } from "../base/elements.js";
import { t, tn, tp } from "../base/words.js";
import { button } from "./fields.js";
import { begin, openPlan, openRun } from "./open.js";
import { attempt, exercise, minute } from "./session.js";

/** The parts of the pane while nothing is open. */
export function listParts() {
  if (!exercise.list) return [el("h2", {}, t("Exercise")), el("p", { class: "empty" }, t("Loading…"))];
  const { leads, ready, plans, runs } = exercise.list;
  const entry = (title, more, ...buttons) =>
    el(
      "li",
      { class: "ex-entry" },
      el("div", {}, el("b", {}, title), more ? el("p", { class: "fine-print" }, more) : null),
      el("div", { class: "ex-buttons" }, ...buttons),
    );
  const day = (iso) => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
  return [
    el("h2", {}, t("Exercise")),
    el(
      "p",
      { class: "fine-print" },
      leads
        ? t(
            "Exercises with timed injects on this region: design, run, predict, reveal, debrief. Two are ready to run.",
          )
        : t("When your facilitator has started an exercise, it is listed here."),
    ),
    ...(runs.length
      ? [
          el("h3", {}, t("Current and past runs")),
          el(
            "ul",
            { class: "ex-list" },
            ...runs.map((run) =>
              entry(
                run.title,
                t("started {day}", { day: day(run.created) }),
                button(t("Open"), () => openRun(run.id), { "data-key": `run-${run.id}`, class: "primary" }),
              ),
            ),
          ),
        ]
      : []),
    ...(!leads && !runs.length ? [el("p", { class: "empty" }, t("None yet."))] : []),
    ...(leads
      ? [
          el("h3", {}, t("Ready exercises")),
          ...(ready.length
            ? [
                el(
                  "ul",
                  { class: "ex-list" },
                  ...ready.map((plan) =>
                    entry(
                      plan.title,
                      `${plan.about} ${tn("{n} inject, {hours} h.", "{n} injects, {hours} h.", plan.injects, { hours: minute(plan.minutes) })}`,
                      button(tp("exercise", "Use"), () => attempt(() => begin({ ready: plan.name })), {
                        "data-key": `ready-${plan.name}`,
                        class: "primary",
                      }),
                    ),
                  ),
                ),
              ]
            : [el("p", { class: "empty" }, t("This region has none."))]),
          el("h3", {}, t("Your exercises")),
          plans.length
            ? el(
                "ul",
                { class: "ex-list" },
                ...plans.map((plan) =>
                  entry(
                    plan.title,
                    t("of {day}", { day: day(plan.created) }),
                    button(t("Open"), () => openPlan(plan.id), { "data-key": `plan-${plan.id}` }),
                  ),
                ),
              )
            : el(
                "p",
                { class: "fine-print" },
                t("None yet. Create one, open a file, or use a ready one: you get your own copy."),
              ),
          el(
            "div",
            { class: "ex-buttons" },
            button(t("New exercise"), () => attempt(() => begin({})), { "data-key": "new-exercise" }),
            filePicker(),
          ),
        ]
      : []),
  ];
}

function filePicker() {
  const input = el("input", {
    type: "file",
    accept: ".json,application/json",
    class: "sr-only",
    tabindex: "-1",
    "aria-hidden": "true",
    onchange: () =>
      attempt(async () => {
        let plan;
        try {
          plan = JSON.parse(await input.files[0].text());
        } catch {
          throw new Error(t("This file is no exercise: it is not JSON. Choose one that was saved here."));
        }
        await begin({ plan });
      }),
  });
  return el(
    "span",
    {},
    button(t("Open a file…"), () => input.click(), { "data-key": "open-file" }),
    input,
  );
}
