/* Parts of a run: the text of an inject, its condition, questions, decisions, notes. */
import { el } from "../base/elements.js";
import { model } from "../base/model.js";
import { t, tn } from "../base/words.js";
import { button, field, forget, kindIcon, typed } from "./fields.js";
import { actInRun } from "./open.js";
import { assetText, exercise, hours, kindWord, lineText, minute } from "./session.js";

/** The key that identifies an element after the pane was redrawn. */
export const key = (name) => ({ "data-key": name });

/** Whether the condition of an inject holds: yes, no, or not known yet. */
export const holds = (inject) => (inject.when ? exercise.run.holds[inject.id] : true);
/** The text of an inject. */
export function body(inject) {
  const things = [...(inject.assets || []).map(assetText), ...(inject.links || []).map(lineText)];
  return [
    inject.text ? el("p", { class: "ex-text" }, inject.text) : null,
    things.length
      ? el(
          "p",
          { class: "fine-print" },
          `${kindWord(inject.kind)}: ${things.join(", ")}${inject.at_h === null || inject.at_h === undefined ? "" : `, ${t("hour {at}", { at: hours(inject.at_h) })}`}`,
        )
      : null,
    report(inject.report),
    inject.note ? el("p", { class: "ex-noted" }, el("b", {}, `${t("Only you see this:")} `), inject.note) : null,
  ].filter(Boolean);
}

const SOMEBODY = {
  fail: t("somebody knocked out {asset}"),
  repair: t("somebody repaired {asset}"),
  supply: t("somebody supplied {asset}"),
};
const NOBODY = {
  fail: t("nobody knocked out {asset}"),
  repair: t("nobody repaired {asset}"),
  supply: t("nobody supplied {asset}"),
};

/** When an inject is meant to come, and whether that is so. */
export function condition(inject) {
  if (!inject.when) return [];
  const { when } = inject;
  const asked = exercise.run.injects.find((other) => other.id === when.inject);
  const names = {
    option: when.option,
    question: asked ? asked.title : "",
    asset: when.asset ? assetText(when.asset) : "",
  };
  const by =
    when.by_min === null || when.by_min === undefined ? "" : ` ${t("by {minute}", { minute: minute(when.by_min) })}`;
  const words =
    when.test === "answered"
      ? t("most answered “{option}” to “{question}”", names)
      : (when.test === "done" ? SOMEBODY : NOBODY)[when.do].replace("{asset}", () => names.asset) + by;
  const so =
    holds(inject) === true ? t("condition met") : holds(inject) === false ? t("condition not met") : t("still open");
  return [el("p", { class: "fine-print" }, t("Only if {what}: {so}.", { what: words, so }))];
}

function report(payload) {
  if (!payload) return null;
  const label = (id) => model.world.sectorLabel.get(id) || id;
  const service = (id) => (model.world.serviceOf.get(id) || {}).people_label || id;
  return el(
    "div",
    { class: "ex-report" },
    el("p", {}, t("As computed for hour {at}:", { at: hours(payload.hour) })),
    el(
      "ul",
      {},
      ...payload.sectors.map((sector) =>
        el(
          "li",
          {},
          sector.reduced
            ? t("{sector}: {lost} of {of} lost, {reduced} on backup or degraded", {
                ...sector,
                sector: label(sector.sector),
              })
            : t("{sector}: {lost} of {of} lost", { ...sector, sector: label(sector.sector) }),
        ),
      ),
      ...payload.people.map((person) =>
        el(
          "li",
          {},
          tn("{n} person {without}", "{n} people {without}", person.without, { without: service(person.service) }),
        ),
      ),
      ...(payload.sectors.length + payload.people.length ? [] : [el("li", {}, t("Nothing is lost."))]),
    ),
  );
}

/** A released question: its answers, and a form for a table's answer. */
export function openQuestion(inject) {
  const counted = inject.options.map((option) => [
    option,
    inject.answers.filter((answer) => answer.answer === option).length,
  ]);
  return el(
    "section",
    { class: "ex-card", "aria-label": inject.title },
    el("header", {}, kindIcon(inject.kind), el("b", {}, inject.title)),
    el(
      "p",
      { class: "fine-print", role: "status" },
      inject.answers.length
        ? inject.options.length
          ? counted.map(([option, n]) => `${option}: ${n}`).join(" · ")
          : tn("{n} answered.", "{n} answered.", inject.answers.length)
        : t("Nobody has answered yet."),
    ),
    el(
      "div",
      { class: "ex-say" },
      field("input", "says", {
        placeholder: t("Which table"),
        maxlength: 60,
        "aria-label": t("Which table"),
      }),
    ),
    question({ ...inject, mine: {} }, false, "says"),
  );
}

/** A question and the ways to answer it. */
export function question(inject, ended, name = "table") {
  const mine = Object.entries(inject.mine);
  const send = (answer) => {
    const who = typed(name);
    forget(`answer-${inject.id}`, "says");
    actInRun({ do: "answer", inject: inject.id, answer, name: who });
  };
  const said = mine.length
    ? el(
        "p",
        { class: "fine-print" },
        t("Answered: {what}.", { what: mine.map(([who, answer]) => `${who}: ${answer}`).join("; ") }),
      )
    : null;
  if (ended) return said;
  return el(
    "div",
    { class: "ex-question" },
    said,
    inject.options.length
      ? el(
          "div",
          { class: "ex-buttons" },
          ...inject.options.map((option, n) =>
            button(option, () => send(option), {
              ...key(`answer-${inject.id}-${n}`),
              "aria-pressed": String(mine.some(([, answer]) => answer === option)),
            }),
          ),
        )
      : el(
          "div",
          { class: "ex-say" },
          field("textarea", `answer-${inject.id}`, {
            rows: 2,
            maxlength: 2000,
            "aria-label": t("Answer to {title}", { title: inject.title }),
          }),
          button(
            t("Answer"),
            () => {
              const words = typed(`answer-${inject.id}`);
              if (words) send(words);
            },
            key(`send-${inject.id}`),
          ),
        ),
  );
}

/** What was decided, and a way to write down more. */
export function decisions(run, ended) {
  const send = () => {
    const words = typed("decision");
    if (!words) return;
    const reason = typed("reason");
    forget("decision", "reason");
    actInRun({ do: "decide", text: words, reason, name: typed("table") });
  };
  return el(
    "section",
    {},
    el("h3", {}, t("Decisions")),
    el(
      "ul",
      { class: "ex-said" },
      ...run.decisions.map((decision) =>
        el(
          "li",
          {},
          el("span", { class: "ex-time" }, minute(decision.min)),
          el(
            "span",
            {},
            el("b", {}, decision.who),
            `: ${decision.text}`,
            decision.reason ? el("small", {}, t("Why: {reason}", decision)) : null,
          ),
        ),
      ),
    ),
    ended
      ? null
      : el(
          "div",
          { class: "ex-say" },
          field("textarea", "decision", {
            rows: 1,
            maxlength: 2000,
            placeholder: t("What was decided"),
            "aria-label": t("What was decided"),
          }),
          field("textarea", "reason", { rows: 1, maxlength: 2000, placeholder: t("Why"), "aria-label": t("Why") }),
          button(t("Write down"), send, key("send-decision")),
        ),
    ended
      ? null
      : el(
          "p",
          { class: "fine-print" },
          t("Make repairs and supplies on the map; the debrief lists each with its effect."),
        ),
  );
}

/** The facilitator's own notes. */
export function notes(run, ended) {
  const send = () => {
    const words = typed("note");
    if (words) {
      forget("note");
      actInRun({ do: "note", text: words });
    }
  };
  return el(
    "section",
    {},
    el("h3", {}, t("Your notes (visible to facilitators only)")),
    el(
      "ul",
      { class: "ex-said" },
      ...run.notes.map((note) =>
        el("li", {}, el("span", { class: "ex-time" }, minute(note.min)), el("span", {}, note.text)),
      ),
    ),
    ended
      ? null
      : el(
          "div",
          { class: "ex-say" },
          field("textarea", "note", { rows: 1, maxlength: 2000, "aria-label": t("Note") }),
          button(t("Keep"), send, key("send-note")),
        ),
  );
}
