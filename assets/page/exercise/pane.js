/* The exercise view: the pane, and its part of the address. The server side is api/exercises.py. */
import { emit, on } from "../base/bus.js";
import { el } from "../base/elements.js";
import { t } from "../base/words.js";
import { planParts } from "./design.js";
import { button } from "./fields.js";
import { listParts } from "./list.js";
import { lookAround, openPlan, openRun } from "./open.js";
import { runParts } from "./run.js";
import { drawPane, exercise, paneBody, paneVisible } from "./session.js";

const query = new URLSearchParams(location.search);

function draw() {
  const host = paneBody();
  if (!host || !paneVisible()) return;
  const here = host.contains(document.activeElement) ? document.activeElement : null;
  const key = here && here.dataset.key;
  const at = here && "selectionStart" in here ? [here.selectionStart, here.selectionEnd] : null;
  const top = host.scrollTop;
  host.replaceChildren(
    ...(exercise.problem
      ? [
          el(
            "p",
            { class: "problem ex-problem", role: "alert" },
            exercise.problem,
            " ",
            button(
              t("Dismiss"),
              () => {
                exercise.problem = "";
                drawPane();
              },
              { class: "link" },
            ),
          ),
        ]
      : []),
    ...(exercise.run ? runParts() : exercise.plan ? planParts() : listParts()),
  );
  host.scrollTop = top;
  const again = key && host.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (again) {
    again.focus({ preventScroll: true });
    if (at && again.setSelectionRange && again.type !== "number") {
      try {
        again.setSelectionRange(...at);
      } catch {
        /* no text */
      }
    }
  }
  emit("exercise-drawn", null);
}
on("exercise-draw", draw);

const id = (name) => (/^[\w-]{1,64}$/.test(query.get(name) || "") ? query.get(name) : "");
// until what the address names has come, it stays in the address
const asked = ["run", "plan"].filter(id).map((name) => `${name}=${id(name)}`)[0] || "";
/** The exercise's part of the address. */
export const exerciseAddress = () =>
  !exercise.started
    ? asked + (asked && exercise.room ? "&room=1" : "")
    : exercise.run
      ? `run=${exercise.run.id}${exercise.room ? "&room=1" : ""}`
      : exercise.plan
        ? `plan=${exercise.plan.id}`
        : "";

let begunOnce = false;
on("view", () => {
  if (!paneVisible()) return emit("exercise-drawn", null);
  if (!exercise.run && !exercise.plan && !exercise.list) lookAround();
  drawPane();
});
on("picture", () => {
  if (begunOnce) return;
  begunOnce = true;
  const opening = id("run") ? openRun(id("run")) : id("plan") ? openPlan(id("plan")) : Promise.resolve();
  opening.finally(() => {
    exercise.started = true;
  });
});
