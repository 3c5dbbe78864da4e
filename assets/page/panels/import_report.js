/* Import: what came of it. Read, inferred, assumed, missing; findings with their mends; what the picture cannot see. */
import { el } from "../base/elements.js";
import { model } from "../base/model.js";
import { formatNumber, t, tn } from "../base/words.js";

const sectorName = (id) => model.world?.sectorLabel.get(id) || id;

function table(caption, head, rows) {
  return el(
    "div",
    { class: "import-scroll", tabindex: "0", role: "region", "aria-label": caption },
    el(
      "table",
      { class: "import-table" },
      el("caption", {}, caption),
      el("thead", {}, el("tr", {}, ...head.map((text) => el("th", { scope: "col" }, text)))),
      el(
        "tbody",
        {},
        ...rows.map(([first, ...cells]) =>
          el("tr", {}, el("th", { scope: "row" }, first), ...cells.map((cell) => el("td", {}, cell))),
        ),
      ),
    ),
  );
}

function sectors(report) {
  const sum = (row) => row.inferred + row.guessed;
  return table(
    t("What is known of each sector"),
    [
      t("Sector"),
      t("Assets read"),
      t("Assets assumed"),
      t("Needs declared"),
      t("Needs inferred"),
      t("Needs unknown"),
    ],
    report.sectors.map((row) => [
      sectorName(row.sector),
      ...[row.read, row.assumed, row.declared, sum(row), row.missing].map((n) => formatNumber(n)),
    ]),
  );
}

function where(group) {
  const parts = [group.file];
  if (group.rows.length) {
    const rows = group.rows.slice(0, 8).join(", ") + (group.count > 8 ? ", …" : "");
    parts.push(group.rows.length === 1 ? t("row {row}", { row: rows }) : t("rows {rows}", { rows }));
  }
  if (group.column) parts.push(t("column {column}", { column: group.column }));
  return parts.join(", ");
}

function finding(group, apply, applied) {
  const { mend } = group;
  const done = mend && applied(mend);
  return el(
    "li",
    { class: mend ? "import-finding can-mend" : "import-finding" },
    el("span", { class: "import-where" }, where(group)),
    el("p", {}, group.message, group.offer ? ` ${group.offer}` : ""),
    group.count > 1 && !group.rows.length
      ? el("span", { class: "fine-print" }, tn("{n} time", "{n} times", group.count))
      : null,
    mend
      ? el(
          "button",
          { type: "button", disabled: done, onclick: () => apply(mend) },
          done ? t("Applied at the next import") : tn("Apply to {n} row", "Apply to {n} rows", group.count),
        )
      : null,
  );
}

function findings(report, apply, applied) {
  const { groups } = report;
  if (!groups.length) return el("p", { class: "empty" }, t("Nothing to look at: no finding."));
  const count = groups.reduce((sum, group) => sum + group.count, 0) + report.findings_not_listed;
  return el(
    "details",
    { open: groups.some((group) => group.mend) },
    el("summary", {}, tn("{n} finding to look at", "{n} findings to look at", count)),
    el("ul", { class: "import-findings" }, ...groups.map((group) => finding(group, apply, applied))),
  );
}

function unseen(report, labels) {
  if (!report.expected.length) {
    return el("p", { class: "fine-print" }, t("No people are counted, so nothing says how many assets to expect."));
  }
  const thin = report.expected.filter((row) => row.is_thin);
  if (!thin.length) return el("p", {}, t("No type of asset is clearly missing for so many people."));
  return el(
    "details",
    { open: true },
    el(
      "summary",
      {},
      tn(
        "What this picture cannot see: {n} type of asset",
        "What this picture cannot see: {n} types of assets",
        thin.length,
      ),
    ),
    table(
      t("Fewer than half of what so many people usually have. Most expectations are assumptions (confidence D)."),
      [t("Type"), t("Here"), t("Expected"), t("Confidence"), t("Source")],
      thin.map((row) => [
        labels[row.asset_type] || row.asset_type,
        formatNumber(row.count),
        formatNumber(row.expected),
        row.confidence,
        row.source,
      ]),
    ),
  );
}

/** The report of a finished import. `labels` names types of assets, `mends` has `apply` and `applied`. */
export function reportView(report, labels, mends) {
  const assets = Object.values(report.assets_by_type).reduce((sum, n) => sum + n, 0);
  return [
    el(
      "p",
      { class: "import-sum" },
      t("{assets}, {needs}, {people}, in {seconds} s.", {
        assets: tn("{n} asset", "{n} assets", assets),
        needs: tn("{n} dependency", "{n} dependencies", report.dependencies.groups),
        people: tn("{n} person", "{n} people", report.people),
        seconds: formatNumber(report.seconds, 1),
      }),
    ),
    findings(report, mends.apply, mends.applied),
    sectors(report),
    unseen(report, labels),
  ];
}
