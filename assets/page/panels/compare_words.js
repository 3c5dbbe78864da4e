/* Compare in words: what one future changes against another, as lists and a table. */
import { el } from "../base/elements.js";
import { model } from "../base/model.js";
import { hoursText, thousands } from "../base/time.js";
import { formatNumber, t, tn } from "../base/words.js";
import { KINDS, markOf } from "./compare_marks.js";

/** Rows of the list of assets. */
const ROWS = 40;

/** The differences between two futures, as parts of the pane. */
export function comparisonParts(comparison) {
  const changed = comparison.changed.length
    ? el(
        "ul",
        { class: "compare-words" },
        ...comparison.changed.slice(0, 12).map((text) => el("li", {}, text)),
        ...(comparison.changed.length > 12
          ? [el("li", {}, tn("and {n} more", "and {n} more", comparison.changed.length - 12))]
          : []),
      )
    : el("p", { class: "empty" }, t("Both have the same events."));
  return [
    el("h3", {}, t("What B changes")),
    el("ul", { class: "compare-words compare-outcome" }, ...comparison.outcome.map((text) => el("li", {}, text))),
    legend(comparison),
    el("h3", {}, t("All options, up to {horizon}", { horizon: hoursText(comparison.horizon_ms) })),
    table(comparison),
    el("h3", {}, t("What is different in B")),
    changed,
    ...(comparison.assets.length
      ? [
          el("h3", {}, t("Differences by asset ({n})", { n: thousands(comparison.assets.length) })),
          assets(comparison),
        ]
      : []),
  ];
}

const RANKS = { best: [`▲ ${t("best")}`, "mark-best"], worst: [`▼ ${t("worst")}`, "mark-worst"] };

function table(comparison) {
  const marks = new Map(comparison.marks.map(([r, c, rank]) => [`${r} ${c}`, rank]));
  const letters = ["A", "B"];
  // a corner is no heading of anything
  const head = comparison.head.map((name, c) =>
    el(
      c ? "th" : "td",
      { scope: c ? "col" : null },
      c && letters[c - 1] ? el("b", {}, `${letters[c - 1]} `) : "",
      name,
    ),
  );
  const rows = comparison.rows.map((row, r) =>
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

function assets(comparison) {
  const when = (at) => (at === null ? t("never") : at === 0 ? "0 h" : hoursText(at));
  return el(
    "ul",
    { class: "compare-assets" },
    ...comparison.assets.slice(0, ROWS).map((difference) => {
      const asset = model.world.assets[difference.a];
      const saved = difference.person_hours;
      const people = { n: thousands(Math.abs(saved)) };
      const hours = { n: formatNumber(Math.abs(difference.hours), 1) };
      const gain =
        saved > 0
          ? t("saves {n} person-h", people)
          : saved < 0
            ? t("costs {n} person-h", people)
            : difference.hours >= 0
              ? t("{n} h less", hours)
              : t("+{n} h more", hours);
      return el(
        "li",
        {},
        markOf(difference.kind, 14),
        el("button", { type: "button", class: "link", "data-select": asset.id }, asset.name),
        el(
          "small",
          {},
          t("lost A {a}, B {b} · {gain}", { a: when(difference.first_a), b: when(difference.first_b), gain }),
        ),
      );
    }),
  );
}

function legend(comparison) {
  const there = Object.keys(KINDS).filter((kind) => comparison.counts[kind]);
  const acts = comparison.acts[0].length + comparison.acts[1].length;
  return el(
    "div",
    { class: "compare-legend" },
    ...there.map((kind) =>
      el(
        "span",
        { class: "legend-item" },
        markOf(kind, 16),
        `${KINDS[kind][1]} (${thousands(comparison.counts[kind])})`,
      ),
    ),
    ...(acts ? [el("span", { class: "legend-item" }, markOf("act", 16), t("measure, supply or repair"))] : []),
  );
}
