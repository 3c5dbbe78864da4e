/* Predict, then reveal: marks made on the map or by search, and what became of them, as shapes. */
import { on } from "../base/bus.js";
import { clock, clockHour } from "../base/clock.js";
import { el, motion } from "../base/elements.js";
import { verdictSign } from "../base/icons.js";
import { model } from "../base/model.js";
import { selectAssets, selection } from "../base/selection.js";
import { HOUR } from "../base/time.js";
import { t, tn, tp } from "../base/words.js";
import { mapRoom, stage } from "../map/stage.js";
import { drawSymbols, signs } from "../map/symbols.js";
import { key } from "./cards.js";
import { button, field, fold, forget, typed } from "./fields.js";
import { actInRun } from "./open.js";
import { assetText, drawPane, exercise, hours, paneVisible } from "./session.js";
import { COUNTED, LOOK, glyphOf, why } from "./verdicts.js";

/** Radius of a verdict on the map, in px. */
const RADIUS = 12;

/** Marks of the prediction that is open, before they are handed in: asset → band. */
let marks = new Map();
let of = "";
let shown = "";

const open = () => exercise.run && exercise.run.predictions.find((prediction) => !prediction.reveal);
const done = () => (exercise.run ? exercise.run.predictions.filter((prediction) => prediction.reveal) : []);
const bands = (prediction) =>
  prediction.ends_h.map((end, n) => `${hours(n ? prediction.ends_h[n - 1] : prediction.from_h)} – ${hours(end)}`);

export function predictionPart(run) {
  const now = open();
  const past = done();
  return el(
    "section",
    { class: "ex-predict", "aria-label": t("Predictions") },
    ...(now ? [asked(now, run)] : run.leads && run.phase !== "ended" ? [opening()] : []),
    ...(past.length ? [revealed(past)] : []),
  );
}

// ----------------------------------------------------------------- opening
function opening() {
  const send = () =>
    actInRun({
      do: "ask",
      from_h: Number(exercise.drafts.get("ask-from") ?? clockHour()),
      bands_h: (exercise.drafts.get("ask-bands") ?? "2, 6, 12")
        .split(/[,;\s]+/)
        .filter(Boolean)
        .map(Number),
    });
  return fold(
    "fold-ask",
    t("Ask what fails next"),
    el(
      "div",
      { class: "ex-form" },
      el(
        "label",
        { class: "ex-line" },
        el("span", {}, t("From hour of the cascade")),
        field("input", "ask-from", {
          type: "number",
          min: 0,
          step: 0.25,
          class: "short",
          value: String(clockHour()),
        }),
      ),
      el(
        "label",
        { class: "ex-line" },
        el("span", {}, t("Time bands end after … hours")),
        field("input", "ask-bands", { value: "2, 6, 12" }),
      ),
      button(t("Open the prediction"), send, key("ask")),
    ),
  );
}

// -------------------------------------------------------------- predicting
function asked(prediction, run) {
  if (of !== `${run.id}/${run.take}/${prediction.id}`) {
    of = `${run.id}/${run.take}/${prediction.id}`;
    marks = new Map(Object.entries(Object.values(prediction.mine)[0] || {}));
  }
  const names = bands(prediction);
  const selected = selection.assets.slice(0, 3);
  const counted = tn("{n} prediction is in", "{n} predictions are in", prediction.in);
  const form = [
    el(
      "p",
      {},
      t(
        "What fails between {from} and {to} on the cascade's clock, and when? Click an asset on the map, or find it (key /), then choose the time.",
        { from: hours(prediction.from_h), to: hours(prediction.ends_h[prediction.ends_h.length - 1]) },
      ),
    ),
    selected.length
      ? el(
          "ul",
          { class: "ex-marking" },
          ...selected.map((id) =>
            el(
              "li",
              {},
              el("b", {}, assetText(id)),
              el(
                "div",
                { class: "segments", role: "group", "aria-label": t("When {name} fails", { name: assetText(id) }) },
                ...names.map((name, n) =>
                  button(name, () => mark(id, n), {
                    ...key(`band-${id}-${n}`),
                    "aria-pressed": String(marks.get(id) === n),
                  }),
                ),
              ),
            ),
          ),
        )
      : el("p", { class: "empty" }, t("Nothing is selected.")),
    el(
      "ol",
      { class: "ex-marks" },
      ...[...marks]
        .sort((a, b) => a[1] - b[1])
        .map(([id, band]) =>
          el(
            "li",
            {},
            el("span", { class: "ex-band" }, names[band] || ""),
            button(assetText(id), () => selectAssets([id], "panel"), { class: "link", ...key(`see-${id}`) }),
            button("×", () => mark(id, null), {
              class: "quiet",
              "aria-label": t("Unmark {name}", { name: assetText(id) }),
              ...key(`unmark-${id}`),
            }),
          ),
        ),
    ),
    el(
      "div",
      { class: "ex-say" },
      field("input", "table", {
        placeholder: t("Name of your table"),
        maxlength: 60,
        "aria-label": t("Name of your table"),
      }),
      button(
        Object.keys(prediction.mine).length && !run.leads ? t("Hand in again") : t("Hand in"),
        () => handIn(prediction, run),
        {
          class: "primary",
          disabled: !marks.size,
          ...key("hand-in"),
        },
      ),
    ),
    Object.keys(prediction.mine).length
      ? el(
          "p",
          { class: "fine-print" },
          t("Handed in for {who}. Hidden until the reveal.", { who: Object.keys(prediction.mine).join(", ") }),
        )
      : null,
  ];
  return el(
    "div",
    { class: "ex-open" },
    el("h3", {}, prediction.title),
    el(
      "p",
      { class: "fine-print", role: "status" },
      `${counted}. `,
      run.leads ? t("Hidden until the reveal, from you too.") : "",
    ),
    run.leads
      ? button(
          t("Reveal"),
          () => {
            shown = prediction.id;
            actInRun({ do: "reveal", id: prediction.id });
          },
          { class: "primary", ...key("reveal") },
        )
      : null,
    ...(run.leads
      ? [fold("fold-table", t("Hand in for a table in the room"), el("div", {}, ...form.filter(Boolean)))]
      : form.filter(Boolean)),
  );
}

async function handIn(prediction, run) {
  await actInRun({ do: "predict", id: prediction.id, marks: Object.fromEntries(marks), name: typed("table") });
  // a user who writes for the tables continues with the next one
  if (run.leads && !exercise.problem) {
    marks = new Map();
    forget("table");
    drawPane();
  }
}

function mark(id, band) {
  if (band === null || marks.get(id) === band) marks.delete(id);
  else marks.set(id, band);
  drawPane();
}

on("selection", () => {
  if (open() && paneVisible()) drawPane();
});

// --------------------------------------------------------------- revealing
function revealed(past) {
  const prediction = past.find((other) => other.id === shown) || past[past.length - 1];
  const { judged, scores, discussion } = prediction.reveal;
  const names = bands(prediction);
  const judgedAs = (verdict) => judged.filter((other) => other.verdict === verdict);
  return el(
    "div",
    { class: "ex-reveal" },
    el("h3", {}, t("Reveal: {title}", prediction)),
    past.length > 1
      ? el(
          "div",
          { class: "segments", role: "group", "aria-label": t("Which prediction") },
          ...past.map((other, n) =>
            button(
              `${n + 1}`,
              () => {
                shown = other.id;
                drawPane();
              },
              { ...key(`reveal-${n}`), title: other.title, "aria-pressed": String(other === prediction) },
            ),
          ),
        )
      : null,
    el(
      "ul",
      { class: "ex-verdicts" },
      ...Object.entries(LOOK).map(([verdict, [, glyph, token]]) =>
        el(
          "li",
          {},
          el("span", { class: "ex-glyph", style: `color:var(--${token})`, "aria-hidden": "true" }, glyph),
          el("b", {}, String(judgedAs(verdict).length)),
          ` ${COUNTED[verdict](judgedAs(verdict).length)}`,
        ),
      ),
    ),
    scores.length
      ? el(
          "table",
          { class: "ex-scores" },
          el(
            "thead",
            {},
            el(
              "tr",
              {},
              ...[tp("room", "Table"), t("Hits"), t("Other time"), t("Did not fail"), t("Missed")].map((word) =>
                el("th", { scope: "col" }, word),
              ),
            ),
          ),
          el(
            "tbody",
            {},
            ...scores.map((score) =>
              el(
                "tr",
                {},
                el("th", { scope: "row" }, score.by),
                ...[score.hits, score.near, score.misses, score.surprises].map((n) => el("td", {}, String(n))),
              ),
            ),
          ),
        )
      : el("p", { class: "empty" }, t("Nobody had handed in a prediction.")),
    el("h3", {}, t("To discuss")),
    discussion.length
      ? el(
          "ol",
          { class: "ex-discuss" },
          ...discussion.map((other, n) =>
            el(
              "li",
              {},
              glyphOf(other.verdict),
              button(
                assetText(other.asset),
                () => {
                  selectAssets([other.asset], "panel");
                  if (other.at_h !== null) clock.set(other.at_h * HOUR);
                },
                { class: "link", ...key(`discuss-${n}`) },
              ),
              el("small", {}, why(other)),
            ),
          ),
        )
      : el("p", { class: "empty" }, t("The participants agreed, and there was no surprise.")),
    fold(
      "fold-judged",
      tn("All {n} assets", "All {n} assets", judged.length),
      el(
        "ol",
        { class: "ex-discuss" },
        ...judged
          .slice(0, 300)
          .map((other) =>
            el(
              "li",
              {},
              glyphOf(other.verdict),
              el("span", {}, assetText(other.asset)),
              el(
                "small",
                {},
                other.at_h === null ? t("keeps working") : `${hours(other.at_h)}, ${names[other.band]}`,
              ),
            ),
          ),
      ),
    ),
  );
}

// ------------------------------------------------------------------ on the map
/** The verdicts lie on the map's own symbols. */
signs.of(() => (paneVisible() && exercise.run ? onMap().map(([i, what]) => [i, verdictSign(what, RADIUS)]) : []));

function redraw() {
  lookAtReveal();
  drawSymbols();
}
for (const topic of ["exercise-drawn", "view", "exercise"]) on(topic, redraw);

/** Show all of a reveal that has just come; who moves the map after that is left alone. */
let looked = "";
on("picture", lookAtReveal);
function lookAtReveal() {
  const past = done();
  const prediction = past[past.length - 1];
  const name = prediction && `${exercise.run.id}/${exercise.run.take}/${prediction.id}`;
  if (!prediction || looked === name || !stage.map || !paneVisible()) return;
  looked = name;
  const spots = onMap().map(([i]) => model.world.assets[i]);
  if (!spots.length) return;
  const lons = spots.map((a) => a.lon);
  const lats = spots.map((a) => a.lat);
  stage.map.fitBounds(
    [
      [Math.min(...lons), Math.min(...lats)],
      [Math.max(...lons), Math.max(...lats)],
    ],
    { padding: mapRoom(), maxZoom: 13, animate: motion() },
  );
}

/** Return (asset index, band or verdict) to draw: marks while predicting, verdicts afterwards. */
function onMap() {
  const now = open();
  const past = done();
  const index = (id) => model.world.index.get(id);
  if (now) return [...marks].map(([id, band]) => [index(id), band]).filter(([i]) => i !== undefined);
  const prediction = past.find((other) => other.id === shown) || past[past.length - 1];
  if (!prediction) return [];
  const talked = new Set(prediction.reveal.discussion.map((other) => other.asset));
  // all that was marked, and the surprises to be discussed: hundreds of shapes would be unreadable
  return prediction.reveal.judged
    .filter((other) => other.marks.length || talked.has(other.asset))
    .map((other) => [index(other.asset), other.verdict])
    .filter(([i]) => i !== undefined)
    .reverse();
}
