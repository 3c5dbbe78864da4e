/* Compare in words: what one future changes against another, as lists and a table. */
import { el } from "../base/elements.js";
import { model } from "../base/model.js";
import { hoursText, thousands } from "../base/time.js";
import { formatNumber, t, tn } from "../base/words.js";
import { KINDS, markOf } from "./compare_marks.js";

/** Rows of the list of assets. */
const ROWS = 40;

/** What is different between two futures, as parts of the pane. */
export function comparisonParts(told) {
  const changed = told.changed.length
    ? el(
        "ul",
        { class: "compare-words" },
        ...told.changed.slice(0, 12).map((text) => el("li", {}, text)),
        ...(told.changed.length > 12
          ? [el("li", {}, tn("and {n} more", "and {n} more", told.changed.length - 12))]
          : []),
      )
    : el("p", { class: "empty" }, t("Both have the same events."));
  return [
    el("h3", {}, t("What B changes")),
    el("ul", { class: "compare-words compare-outcome" }, ...told.outcome.map((text) => el("li", {}, text))),
    legend(told),
    el("h3", {}, t("All options, up to {horizon}", { horizon: hoursText(told.horizon_ms) })),
    table(told),
    el("h3", {}, t("What is different in B")),
    changed,
    ...(told.assets.length
      ? [el("h3", {}, t("Differences by asset ({n})", { n: thousands(told.assets.length) })), assets(told)]
      : []),
  ];
}

const RANKS = { best: [`▲ ${t("best")}`, "mark-best"], worst: [`▼ ${t("worst")}`, "mark-worst"] };

function table(told) {
  const marks = new Map(told.marks.map(([r, c, rank]) => [`${r} ${c}`, rank]));
  const letters = ["A", "B"];
  // a corner is no heading of anything
  const head = told.head.map((name, c) =>
    el(
      c ? "th" : "td",
      { scope: c ? "col" : null },
      c && letters[c - 1] ? el("b", {}, `${letters[c - 1]} `) : "",
      name,
    ),
  );
  const rows = told.rows.map((row, r) =>
    el(
      "tr",
      {},
      ...row.map((cell, c) => {
        const rank = RANKS[marks.get(`${r} ${c}`)];
        return c
          ? el("td", {}, cell, rank ? el("span", { class: rank[1] }, rank[0]) : null)
          : el("th", { scope: "row" }, cell);
      }),
    ),
  );
  return el(
    "div",
    { class: "compare-scroll", tabindex: "0", role: "region", "aria-label": t("Table of all options") },
    el("table", { class: "compare-table" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows)),
  );
}

function assets(told) {
  const when = (at) => (at === null ? t("never") : at === 0 ? "0 h" : hoursText(at));
  return el(
    "ul",
    { class: "compare-assets" },
    ...told.assets.slice(0, ROWS).map((one) => {
      const asset = model.world.assets[one.a];
      const saved = one.person_hours;
      const people = { n: thousands(Math.abs(saved)) };
      const hours = { n: formatNumber(Math.abs(one.hours), 1) };
      const gain =
        saved > 0
          ? t("saves {n} person-h", people)
          : saved < 0
            ? t("costs {n} person-h", people)
            : one.hours >= 0
              ? t("{n} h less", hours)
              : t("+{n} h more", hours);
      return el(
        "li",
        {},
        markOf(one.kind, 14),
        el("button", { type: "button", class: "link", "data-select": asset.id }, asset.name),
        el("small", {}, t("lost A {a}, B {b} · {gain}", { a: when(one.first_a), b: when(one.first_b), gain })),
      );
    }),
  );
}

function legend(told) {
  const there = Object.keys(KINDS).filter((kind) => told.counts[kind]);
  const acts = told.acts[0].length + told.acts[1].length;
  return el(
    "div",
    { class: "compare-legend" },
    ...there.map((kind) =>
      el("span", { class: "legend-item" }, markOf(kind, 16), `${KINDS[kind][1]} (${thousands(told.counts[kind])})`),
    ),
    ...(acts ? [el("span", { class: "legend-item" }, markOf("act", 16), t("measure, supply or repair"))] : []),
  );
}
