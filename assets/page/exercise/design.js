/* Designing an exercise: the timeline and the list of injects. */
import { el } from "../base/elements.js";
import { t } from "../base/words.js";
import { about, setting } from "./about.js";
import { button, fold, kindIcon } from "./fields.js";
import { form } from "./form.js";
import { changePlan, leave, startRun } from "./open.js";
import { PLANS, drawPane, exercise, minute, paneBody } from "./session.js";
import { keys, timeline } from "./timeline.js";

const chosen = () => exercise.plan.plan.injects.find((inject) => inject.id === exercise.chosen) || null;

/** The parts of the pane while a plan is designed. */
export function planParts() {
  const { plan, can_undo: canUndo, can_redo: canRedo, id } = exercise.plan;
  const inject = chosen();
  const where = `${PLANS}/${id}`;
  const choose = (name) => {
    exercise.chosen = name;
    drawPane();
  };
  return [
    el(
      "div",
      { class: "ex-head" },
      button(t("‹ All exercises"), leave, { class: "link", "data-key": "leave" }),
      el("span", { class: "ex-spring" }),
      button("↶", () => changePlan({ do: "undo" }), {
        "aria-label": t("Undo"),
        title: t("Undo"),
        disabled: !canUndo,
        "data-key": "plan-undo",
      }),
      button("↷", () => changePlan({ do: "redo" }), {
        "aria-label": t("Redo"),
        title: t("Redo"),
        disabled: !canRedo,
        "data-key": "plan-redo",
      }),
    ),
    setting("title", plan.title, { maxlength: 120, class: "ex-title", "aria-label": t("Title of the exercise") }),
    timeline(plan.injects, { choose, move: (name, min) => changePlan({ do: "time", inject: name, at_min: min }) }),
    el(
      "div",
      { class: "ex-buttons" },
      button(t("Start a run"), startRun, { class: "primary", "data-key": "start-run" }),
      button(t("+ Add an inject"), add, { "data-key": "add-inject" }),
      button(t("Duplicate"), () => changePlan({ do: "copy", inject: exercise.chosen }), {
        disabled: !inject,
        "data-key": "copy-inject",
        title: t("Duplicate the chosen inject (D)"),
      }),
      button(t("Delete"), () => changePlan({ do: "remove", inject: exercise.chosen }), {
        disabled: !inject,
        "data-key": "delete-inject",
        title: t("Delete the chosen inject (Del)"),
      }),
      el(
        "details",
        { class: "menu ex-more" },
        el("summary", { "aria-label": t("Print and save"), title: t("Print and save") }, t("Print, save")),
        el(
          "div",
          { class: "popover stack" },
          page(t("Cards for the room"), `${where}/cards.html`),
          page(t("Facilitator's cards, with notes"), `${where}/cards.html?notes=1`),
          page(t("Save as a file"), `${where}/exercise.json`),
        ),
      ),
    ),
    plan.injects.length
      ? el(
          "ol",
          { class: "ex-rows" },
          ...plan.injects.flatMap((entry) => [
            row(entry, choose, plan),
            ...(entry.id === exercise.chosen ? [el("li", { class: "ex-form-row" }, form(entry, plan))] : []),
          ]),
        )
      : el(
          "p",
          { class: "empty" },
          t("No inject yet. Add one: a message, a knock-out, a repair, a supply, a status report or a question."),
        ),
    fold("fold-about", t("What it is about, who plays, how it begins"), about(plan)),
    el(
      "p",
      { class: "fine-print" },
      t(
        "In the list: ↑ ↓ select, ← → move by a minute (Shift: five), Alt ↑ ↓ reorder, D duplicates, Del deletes, Ctrl Z undoes.",
      ),
    ),
  ];
}

const page = (text, href) => el("a", { href, target: "_blank", rel: "noopener" }, text);

async function add() {
  const { injects } = exercise.plan.plan;
  const after = chosen() || injects[injects.length - 1];
  const before = new Set(injects.map((inject) => inject.id));
  await changePlan({
    do: "put",
    inject: { at_min: after ? Math.min(1440, after.at_min + 5) : 0, kind: "message", title: t("New inject") },
  });
  const made = exercise.plan.plan.injects.find((inject) => !before.has(inject.id));
  if (made) {
    exercise.chosen = made.id;
    drawPane();
    const field = paneBody().querySelector(`[data-key="${made.id}-title"]`);
    if (field) {
      field.focus();
      field.select();
    }
  }
}

function row(inject, choose, plan) {
  const to = (inject.to || [])
    .map((id) => (plan.roles.find((role) => role.id === id) || { name: id }).name)
    .join(", ");
  const node = button(
    [
      el("span", { class: "ex-time" }, minute(inject.at_min)),
      kindIcon(inject.kind),
      el("span", { class: "ex-name" }, inject.title),
      el("span", { class: "ex-to" }, inject.when ? "◇ " : "", to || t("all")),
    ],
    () => choose(inject.id === exercise.chosen ? null : inject.id),
    { class: "ex-row", "data-key": `row-${inject.id}`, "aria-expanded": String(inject.id === exercise.chosen) },
  );
  node.addEventListener("keydown", (event) => keys(event, inject));
  return el("li", {}, node);
}
