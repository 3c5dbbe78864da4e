/* Import: what a table's columns are taken for, why, and how a person corrects it. */
import { el } from "../base/elements.js";
import { t, tn } from "../base/words.js";

/** The fields that people need most, in the order in which they are offered; others follow by their names. */
const FIELDS = {
  asset_id: t("Id"),
  name: t("Name"),
  asset_type: t("Type of asset"),
  lon: t("Longitude"),
  lat: t("Latitude"),
  x: t("East (x)"),
  y: t("North (y)"),
  supplier_id: t("Supplier"),
  service: t("Service"),
  autonomy_h: t("Autonomy"),
  consumer_id: t("Consumer"),
  from_id: t("From"),
  to_id: t("To"),
  capacity: t("Capacity"),
  voltage_kv: t("Voltage"),
  repair_h: t("Repair time"),
  operator: t("Operator"),
  contact: t("Contact"),
  people: t("People"),
  note: t("Note"),
};

const BECOMES = {
  assets: t("assets"),
  links: t("links"),
  dependencies: t("dependencies"),
  flows: t("supply and demand"),
  people: t("people"),
};

function reason(column) {
  if (column.how === "recipe") return t("your choice");
  if (column.how === "name") return t("named so");
  if (column.how === "synonym") return t("a known word for it");
  if (column.how === "similar") return t("spelt alike: please check");
  return t("not read");
}

function unitText(column) {
  const factor = Number(column.factor);
  if (!column.unit) return "";
  return factor === 1
    ? `, ${column.unit}`
    : t(", × {factor} = {unit}", { factor: factor.toPrecision(3), unit: column.unit });
}

function meaning(column, known, change) {
  const others = known.filter((name) => !(name in FIELDS));
  const option = (value, label) => el("option", { value, selected: value === (column.field || "") }, label);
  return el(
    "select",
    {
      "aria-label": t("What {column} means", { column: column.header }),
      onchange: (event) => change(event.target.value || null),
    },
    option("", t("not read")),
    ...Object.entries(FIELDS).map(([value, label]) => option(value, label)),
    el("optgroup", { label: t("Other fields") }, ...others.map((name) => option(name, name))),
  );
}

function row(layer, column, at, known, choose) {
  const examples = layer.first_rows.map((cells) => cells[at]).filter((cell) => cell);
  return el(
    "tr",
    { class: column.how === "similar" ? "is-unsure" : "" },
    el("th", { scope: "row" }, column.header),
    el("td", { class: "import-examples" }, examples.slice(0, 3).join(" · ")),
    el(
      "td",
      {},
      meaning(column, known, (field) => choose(layer.layer, column.header, field)),
    ),
    el("td", { class: "import-why" }, reason(column), unitText(column)),
  );
}

/** The layer's choice and the table of its columns. `choices` has `column` and `skip`. */
export function layerView(layer, known, choices) {
  const read = el("input", {
    type: "checkbox",
    checked: !layer.skip,
    onchange: (event) => choices.skip(layer.layer, !event.target.checked),
  });
  const missing = layer.columns_not_shown;
  return el(
    "details",
    { class: "import-layer", open: true },
    el(
      "summary",
      {},
      t("{layer}: {rows} become {kind}", {
        layer: layer.layer,
        rows: tn("{n} row", "{n} rows", layer.rows),
        kind: BECOMES[layer.becomes] || layer.becomes,
      }),
    ),
    el("label", { class: "import-skip" }, read, " ", t("Read this layer")),
    layer.skip || !layer.columns.length
      ? null
      : el(
          "div",
          { class: "import-scroll", tabindex: "0", role: "region", "aria-label": layer.layer },
          el(
            "table",
            { class: "import-columns" },
            el(
              "thead",
              {},
              el(
                "tr",
                {},
                ...[t("Column"), t("First rows"), t("Means"), t("Why")].map((text) =>
                  el("th", { scope: "col" }, text),
                ),
              ),
            ),
            el("tbody", {}, ...layer.columns.map((column, at) => row(layer, column, at, known, choices.column))),
          ),
        ),
    missing
      ? el(
          "p",
          { class: "fine-print" },
          tn("{n} more column is not shown.", "{n} more columns are not shown.", missing),
        )
      : null,
  );
}
