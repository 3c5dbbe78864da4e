/* What an exercise is about, who plays, how it begins. */
import { el } from "../base/elements.js";
import { model } from "../base/model.js";
import { t, tn } from "../base/words.js";
import { button, field, forget } from "./fields.js";
import { line, tick } from "./form.js";
import { changePlan } from "./open.js";

const set = (fields) => changePlan({ do: "about", fields });
/** A field of the exercise itself. */
export function setting(name, value, attributes) {
  const node = field(attributes.rows ? "textarea" : "input", `about-${name}`, { ...attributes, value: value || "" });
  node.addEventListener("change", () => {
    forget(`about-${name}`);
    set({ [name]: node.value });
  });
  return node;
}

/** What an exercise is about, its roles, and how it begins. */
export function about(plan) {
  const roles = plan.roles;
  const scenario = plan.scenario;
  const role = (part, n) => {
    const change = (fields) => set({ roles: roles.map((other, m) => (m === n ? { ...other, ...fields } : other)) });
    const name = field("input", `role-${n}-name`, {
      value: part.name,
      maxlength: 120,
      "aria-label": t("Name of the role"),
    });
    const card = field("textarea", `role-${n}-card`, {
      value: part.card || "",
      rows: 2,
      maxlength: 4000,
      "aria-label": t("Role card of {name}", { name: part.name }),
      placeholder: t("What this role knows and wants"),
    });
    name.addEventListener("change", () => {
      forget(`role-${n}-name`);
      change({ name: name.value });
    });
    card.addEventListener("change", () => {
      forget(`role-${n}-card`);
      change({ card: card.value });
    });
    return el(
      "li",
      { class: "ex-role" },
      el(
        "div",
        { class: "ex-pair" },
        name,
        button(t("Remove"), () => set({ roles: roles.filter((_, m) => m !== n) }), {
          class: "link",
          "data-key": `role-${n}-drop`,
        }),
      ),
      el(
        "div",
        { class: "ex-sectors" },
        ...model.world.sectors.map((sector) =>
          tick(sector.label, (part.sectors || []).includes(sector.id), `role-${n}-${sector.id}`, (on) =>
            change({
              sectors: on
                ? [...(part.sectors || []), sector.id]
                : (part.sectors || []).filter((id) => id !== sector.id),
            }),
          ),
        ),
      ),
      card,
    );
  };
  const free = () => {
    let n = 1;
    while (roles.some((other) => other.id === `r${n}`)) n += 1;
    return `r${n}`;
  };
  const hours = field("input", "about-horizon", {
    type: "number",
    min: 1,
    max: 8760,
    class: "short",
    value: scenario.horizon_h,
  });
  hours.addEventListener("change", () => {
    forget("about-horizon");
    set({ scenario: { ...scenario, horizon_h: Number(hours.value) } });
  });
  const many = scenario.events.length;
  const measures = scenario.measures.length;
  return el(
    "div",
    { class: "ex-form" },
    line(t("What it is about"), setting("about", plan.about, { rows: 2, maxlength: 4000 })),
    line(t("Facilitator's note"), setting("note", plan.note, { rows: 2, maxlength: 4000, class: "ex-note" })),
    el("h3", {}, t("Roles")),
    el("ul", {}, ...roles.map(role)),
    button(t("+ Add a role"), () => set({ roles: [...roles, { id: free(), name: t("New role") }] }), {
      "data-key": "add-role",
    }),
    el("h3", {}, t("How it begins")),
    el(
      "p",
      { class: "fine-print" },
      `${[many ? tn("{n} event", "{n} events", many) : t("Everything works"), ...(measures ? [tn("{n} measure", "{n} measures", measures)] : [])].join(", ")}.`,
    ),
    line(t("Horizon, hours"), hours),
    button(
      t("Begin with the scenario on show"),
      () => {
        const now = model.scenario.plain || {};
        set({
          scenario: {
            horizon_h: now.horizon_h || 72,
            repairs: now.repairs || "none",
            events: now.events || [],
            measures: now.measures || [],
          },
        });
      },
      { "data-key": "begin-here" },
    ),
  );
}
