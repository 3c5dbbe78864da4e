/* The help sheet, and the tour of three steps that a first visit offers. */
import { on } from "../base/bus.js";
import { el, whenReady } from "../base/elements.js";
import { stateMark } from "../base/icons.js";
import { remember, remembered } from "../base/memory.js";
import { model } from "../base/model.js";
import { t, tp } from "../base/words.js";

/** By room: keys with a space between them, which no name of a key may have, and what they do. */
const KEYS = [
  [
    t("Time"),
    [
      [tp("key", "Space"), t("play or pause")],
      ["← →", t("half an hour; with Shift six hours")],
      ["N P", t("next loss, loss before")],
      [tp("key", "Home") + " " + tp("key", "End"), t("first and last hour")],
    ],
  ],
  [
    t("Change"),
    [
      ["K", t("knock out what is selected, at the clock's hour")],
      ["R", t("repair it")],
      [tp("key", "Ctrl") + " Z", t("undo")],
      [tp("key", "Ctrl") + " Y", t("redo")],
    ],
  ],
  [
    t("Look"),
    [
      ["/", t("find an asset, line or place")],
      ["1 2 3 4 5 6 7", t("map, graph, both, list, weak points, compare, exercise")],
      ["B L", t("select with a box, a lasso: arrows move the cross, Enter sets a corner")],
      ["0", t("whole region")],
      ["T", t("light, dark, projector")],
      [tp("key", "Esc"), t("close, clear the selection")],
      ["?", t("this sheet")],
    ],
  ],
];

export function openHelp() {
  let sheet = document.getElementById("help-sheet");
  if (!sheet) {
    const close = () => sheet.close();
    sheet = el(
      "dialog",
      { id: "help-sheet", class: "sheet", "aria-labelledby": "help-title" },
      el(
        "header",
        {},
        el("h2", { id: "help-title" }, t("How this works")),
        el("button", { type: "button", class: "close", "aria-label": t("Close"), onclick: close }, "×"),
      ),
      el(
        "p",
        {},
        t(
          "Knock something out, and see what else fails, when, who goes without, and why. Everything follows one clock at the foot of the page.",
        ),
      ),
      el(
        "ul",
        { class: "help-states" },
        ...model.states.map((state, code) =>
          el(
            "li",
            {},
            stateMark(code, 22, code && code !== 8 ? "bolt" : null),
            el("span", {}, el("b", {}, state.label), ` · ${state.shape}`),
          ),
        ),
      ),
      el(
        "p",
        { class: "fine-print" },
        t(
          "Solid lines are declared, dashed ones inferred by a rule, dotted ones assumed; thin lines lead from the selection to what it needs and what needs it. A dashed outline marks an assumed asset. Anything not known is shown as unknown, never as working.",
        ),
      ),
      el(
        "div",
        { class: "help-keys" },
        ...KEYS.map(([title, rows]) =>
          el(
            "section",
            {},
            el("h3", {}, title),
            el(
              "dl",
              {},
              ...rows.flatMap(([keys, text]) => [
                el("dt", {}, ...keys.split(" ").flatMap((k) => [el("kbd", {}, k), " "])),
                el("dd", {}, text),
              ]),
            ),
          ),
        ),
      ),
      el(
        "footer",
        {},
        el(
          "button",
          {
            type: "button",
            onclick: () => {
              close();
              tour(0);
            },
          },
          t("Show the tour"),
        ),
        el("button", { type: "button", class: "primary", onclick: close }, t("Close")),
      ),
    );
    document.body.append(sheet);
    sheet.addEventListener("click", (event) => {
      if (event.target === sheet) close();
    });
  }
  if (!sheet.open) sheet.showModal();
}
whenReady("help-button", (button) => button.addEventListener("click", openHelp));

const STEPS = [
  [
    "map-pane",
    t("Knock something out"),
    t("Click a substation on the map and press “Knock out”, or open a ready scenario under “What happens”."),
  ],
  [
    "foot",
    t("Play it"),
    t("Drag the clock or press Space. The bars show losses over time; N jumps to the next loss."),
  ],
  [
    "right",
    t("See who is affected, and why"),
    t("On the right: people without each service, the next losses, and the reason for the selected asset's state."),
  ],
];
let card = null;
let shown = null;

export function tour(n) {
  end();
  if (n >= STEPS.length) return remember("knockon-tour", "done");
  const [id, title, text] = STEPS[n];
  const target = document.getElementById(id);
  if (!target) return;
  const last = n === STEPS.length - 1;
  const before = document.activeElement;
  shown = target;
  target.classList.add("tour-target");
  const skip = () => {
    end();
    remember("knockon-tour", "done");
    if (before && before.focus) before.focus();
  };
  card = el(
    "div",
    {
      id: "tour",
      class: `tour tour-${id}`,
      role: "dialog",
      "aria-labelledby": "tour-title",
      "aria-describedby": "tour-text",
    },
    el("h2", { id: "tour-title" }, title),
    el("p", { id: "tour-text" }, text),
    el(
      "div",
      {},
      el("span", { class: "fine-print" }, t("{n} of {all}", { n: n + 1, all: STEPS.length })),
      el("button", { type: "button", onclick: skip }, last ? t("Close") : t("Skip")),
      last ? null : el("button", { type: "button", class: "primary", onclick: () => tour(n + 1) }, t("Next")),
    ),
  );
  card.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      skip();
    }
  });
  document.body.append(card);
  (card.querySelector("button.primary") || card.querySelector("button")).focus();
}

function end() {
  if (shown) shown.classList.remove("tour-target");
  if (card) card.remove();
  card = shown = null;
}

/** Whether the tour is about to be offered; for tests. */
export const offer = { due: false };

// offered once, on an empty page, and never in the way of an opened scenario
on("picture", (picture) => {
  offer.due = !(remembered("knockon-tour") || picture.scenario || card || location.search);
  if (offer.due) {
    setTimeout(() => {
      if (!card && !remembered("knockon-tour")) tour(0);
    }, 600);
  }
});
on("asked", () => {
  if (card) {
    end();
    remember("knockon-tour", "done");
  }
});
