/* The form of the inject that is chosen. */
import { clockHour } from "../base/clock.js";
import { el } from "../base/elements.js";
import { model } from "../base/model.js";
import { selection } from "../base/selection.js";
import { t } from "../base/words.js";
import { findThings } from "../map/find.js";
import { button, field, forget } from "./fields.js";
import { changePlan } from "./open.js";
import { KINDS, assetText, drawPane, exercise, lineText } from "./session.js";

const EVENTS = new Set(["knock_out", "repair", "supply"]);
const put = (inject) => changePlan({ do: "put", inject: tidy(inject) });

/** Remove empty fields, and fields that do not belong to the kind. */
function tidy(inject) {
  const kept = {};
  for (const [key, value] of Object.entries(inject)) {
    if (value !== "" && value !== null && value !== undefined && !(Array.isArray(value) && !value.length)) {
      kept[key] = value;
    }
  }
  if (!EVENTS.has(kept.kind)) {
    delete kept.assets;
    delete kept.links;
  }
  if (kept.kind !== "supply") {
    delete kept.service;
    delete kept.until_h;
  }
  if (kept.kind !== "question") {
    delete kept.options;
    delete kept.bands_h;
  }
  return kept;
}

/** A control with its label. */
export function line(label, control) {
  return el("label", { class: "ex-line" }, el("span", {}, label), control);
}

/** An input that hands its value on once it has changed. */
function input(inject, name, attributes, read) {
  const value = inject[name];
  const node = field(attributes.rows ? "textarea" : "input", `${inject.id}-${name}`, {
    ...attributes,
    value: Array.isArray(value) ? value.join(attributes.rows ? "\n" : ", ") : (value ?? ""),
  });
  node.addEventListener("change", () => {
    forget(`${inject.id}-${name}`);
    put({ ...inject, [name]: (read || ((text) => text))(node.value) });
  });
  return node;
}
const number = (text) => (text.trim() === "" ? null : Number(text));
const numbers = (text) =>
  text
    .split(/[,;\s]+/)
    .filter(Boolean)
    .map(Number);
const lines = (text) =>
  text
    .split("\n")
    .map((word) => word.trim())
    .filter(Boolean);

function select(inject, name, options, change) {
  const node = el(
    "select",
    { "data-key": `${inject.id}-${name}`, onchange: () => change(node.value) },
    ...options.map(([value, text]) => el("option", { value }, text)),
  );
  node.value = inject[name] || options[0][0];
  return node;
}

/** The form of an inject. */
export function form(inject, plan) {
  const event = EVENTS.has(inject.kind);
  return el(
    "div",
    { class: "ex-form", role: "group", "aria-label": t("Inject {title}", { title: inject.title }) },
    el(
      "div",
      { class: "ex-pair" },
      line(
        t("Minute"),
        input(
          inject,
          "at_min",
          { type: "number", min: 0, max: 1440, step: 1, class: "short" },
          (text) => Number(text) || 0,
        ),
      ),
      line(
        t("Kind"),
        select(inject, "kind", KINDS, (kind) => kindChanged(inject, kind)),
      ),
    ),
    line(t("Title"), input(inject, "title", { maxlength: 120 })),
    line(t("Text shown"), input(inject, "text", { rows: 3, maxlength: 4000 })),
    ...(event ? [things(inject)] : []),
    ...(event || inject.kind === "status_report" || inject.kind === "question"
      ? [
          el(
            "div",
            { class: "ex-pair" },
            line(
              event ? t("Hour of the cascade") : t("About hour (empty: now)"),
              input(inject, "at_h", { type: "number", min: 0, max: 8760, step: 0.25, class: "short" }, number),
            ),
            ...(inject.kind === "supply"
              ? [
                  line(
                    t("Until hour"),
                    input(
                      inject,
                      "until_h",
                      { type: "number", min: 0, max: 8760, step: 0.25, class: "short" },
                      number,
                    ),
                  ),
                  line(t("Service"), service(inject)),
                ]
              : []),
          ),
        ]
      : []),
    ...(inject.kind === "question"
      ? [
          line(t("Answers, one a line"), input(inject, "options", { rows: 2 }, lines)),
          line(
            t("Or a prediction: time bands end after … hours"),
            input(inject, "bands_h", { placeholder: "4, 12, 24" }, numbers),
          ),
        ]
      : []),
    ...(plan.roles.length
      ? [
          el(
            "fieldset",
            { class: "ex-to-set" },
            el("legend", {}, t("To (none: everybody)")),
            ...plan.roles.map((role) =>
              tick(role.name, (inject.to || []).includes(role.id), `${inject.id}-to-${role.id}`, (on) =>
                put({
                  ...inject,
                  to: on ? [...(inject.to || []), role.id] : (inject.to || []).filter((id) => id !== role.id),
                }),
              ),
            ),
          ),
        ]
      : []),
    when(inject, plan),
    line(
      t("Facilitator's note (visible to facilitators only)"),
      input(inject, "note", { rows: 2, maxlength: 4000, class: "ex-note" }),
    ),
  );
}

/** A box to tick, with its label. */
export function tick(label, on, key, change) {
  const box = el("input", { type: "checkbox", "data-key": key, onchange: () => change(box.checked) });
  box.checked = on;
  return el("label", { class: "tick" }, box, label);
}

/** A kind that needs things gets those selected on the map; without any it waits for some. */
function kindChanged(inject, kind) {
  const need = EVENTS.has(kind) && !(inject.assets || []).length && !(inject.links || []).length;
  if (need && !selection.assets.length) {
    exercise.problem = t("Select what is hit on the map first (or with the search, key /), then choose this kind.");
    drawPane();
    return;
  }
  const assets = need ? selection.assets.slice(0, 100) : inject.assets;
  put({
    ...inject,
    kind,
    assets,
    at_h: EVENTS.has(kind) ? (inject.at_h ?? clockHour()) : inject.at_h,
    service: kind === "supply" ? inject.service || firstNeed(assets) : inject.service,
  });
}

function needs(assets) {
  const of = (id) => {
    const i = model.world.index.get(id);
    return i === undefined
      ? []
      : model.world.assets[i].needs.filter((need) => need[1] !== "unknown").map((need) => need[0]);
  };
  const [first, ...rest] = (assets || []).map(of);
  return (first || []).filter((name) => rest.every((other) => other.includes(name)));
}
const firstNeed = (assets) => needs(assets)[0] || "";
const service = (inject) =>
  select(
    inject,
    "service",
    needs(inject.assets)
      .map((name) => [name, model.world.serviceLabel.get(name) || name])
      .concat(inject.service ? [] : [["", t("choose")]]),
    (name) => put({ ...inject, service: name }),
  );

function things(inject) {
  const chips = (list, name, words) =>
    list.map((id) =>
      el(
        "li",
        {},
        words(id),
        button("×", () => put({ ...inject, [name]: list.filter((other) => other !== id) }), {
          class: "quiet",
          "aria-label": t("Remove {name}", { name: words(id) }),
          "data-key": `${inject.id}-drop-${id}`,
        }),
      ),
    );
  const key = `${inject.id}-find`;
  const hits = el("ul", { class: "ex-hits" });
  const take = (thing) => {
    forget(key);
    put({
      ...inject,
      assets: [...new Set([...(inject.assets || []), ...thing.assets])],
      links: [...new Set([...(inject.links || []), ...thing.links])],
    });
  };
  const find = field("input", key, {
    placeholder: t("Find an asset or line to add"),
    "aria-label": t("Find an asset or line to add"),
  });
  const offer = () =>
    hits.replaceChildren(
      ...(find.value.trim()
        ? findThings(find.value, 5)
            .found.filter((hit) => hit.thing)
            .map((hit, n) =>
              el(
                "li",
                {},
                button(hit.name, () => take(hit.thing), { "data-key": `${key}-${n}` }),
              ),
            )
        : []),
    );
  find.addEventListener("input", offer);
  offer();
  return el(
    "div",
    { class: "ex-things" },
    el("span", { class: "ex-label" }, t("What it is about")),
    el(
      "ul",
      { class: "ex-chips" },
      ...chips(inject.assets || [], "assets", assetText),
      ...chips(inject.links || [], "links", lineText),
    ),
    find,
    hits,
    button(
      t("Add what is selected on the map"),
      () => put({ ...inject, assets: [...new Set([...(inject.assets || []), ...selection.assets])].slice(0, 100) }),
      { class: "link", "data-key": `${inject.id}-selected` },
    ),
  );
}

function when(inject, plan) {
  const asked = plan.injects.filter(
    (other) => (other.options || []).length && other.id !== inject.id && other.at_min <= inject.at_min,
  );
  const now = inject.when || {};
  const tests = [
    ["", t("Always")],
    ...(asked.length ? [["answered", t("Only if most answered …")]] : []),
    ["done", t("Only if somebody …")],
    ["not_done", t("Only if nobody … by minute")],
  ];
  const set = (value) => put({ ...inject, when: value });
  const firstAsset = () => selection.assets[0] || (inject.assets || [])[0] || model.world.assets[0].id;
  const begin = (test) =>
    set(
      test === ""
        ? null
        : test === "answered"
          ? { test, inject: asked[0].id, option: asked[0].options[0] }
          : { test, do: "supply", asset: firstAsset(), ...(test === "not_done" ? { by_min: inject.at_min } : {}) },
    );
  const pick = (name, options) => {
    const node = el(
      "select",
      {
        "data-key": `${inject.id}-when-${name}`,
        onchange: () =>
          set({
            ...now,
            [name]: node.value,
            ...(name === "inject" ? { option: (asked.find((q) => q.id === node.value) || asked[0]).options[0] } : {}),
          }),
      },
      ...options.map(([value, text]) => el("option", { value }, text)),
    );
    node.value = now[name];
    return node;
  };
  const minute = el("input", {
    type: "number",
    min: 0,
    max: 1440,
    class: "short",
    "aria-label": t("by minute"),
    "data-key": `${inject.id}-when-by`,
  });
  minute.value = now.by_min ?? "";
  minute.addEventListener("change", () => {
    const { by_min: _, ...rest } = now;
    set(minute.value === "" ? rest : { ...rest, by_min: Number(minute.value) });
  });
  const parts =
    now.test === "answered"
      ? [
          pick(
            "inject",
            asked.map((q) => [q.id, q.title]),
          ),
          pick(
            "option",
            (asked.find((q) => q.id === now.inject) || { options: [] }).options.map((o) => [o, o]),
          ),
        ]
      : now.test
        ? [
            pick("do", [
              ["supply", t("supplied")],
              ["repair", t("repaired")],
              ["fail", t("knocked out")],
            ]),
            el("span", { class: "ex-chip" }, assetText(now.asset)),
            button(
              t("Take the selected one"),
              () => selection.assets[0] && set({ ...now, asset: selection.assets[0] }),
              { class: "link", "data-key": `${inject.id}-when-asset` },
            ),
            el("span", {}, t("by minute")),
            minute,
          ]
        : [];
  const test = el(
    "select",
    { "data-key": `${inject.id}-when`, onchange: () => begin(test.value) },
    ...tests.map(([value, text]) => el("option", { value }, text)),
  );
  test.value = now.test || "";
  return el(
    "div",
    { class: "ex-line" },
    el("span", {}, t("When it comes")),
    el("div", { class: "ex-when" }, test, ...parts),
  );
}
