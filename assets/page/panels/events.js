/* The rows of events: the server sends them in words (`data-events`). The form that changes an event is made when
   its menu opens: a scenario may have hundreds of events, and no user changes all of them. */
import { el, whenReady } from "../base/elements.js";
import { model } from "../base/model.js";
import { lowerFirst, t } from "../base/words.js";
import { fitForm } from "./clicks.js";
import { eventKinds, kindFields } from "./event_kinds.js";

// --------------------------------------------------------------- rows
/** One row, from the payload of `layouts/panels/happenings.py`. */
function row(payload) {
  const said = [`${payload.who} `, el("b", {}, payload.verb)];
  const opens = payload.line
    ? { "data-open-line": payload.line }
    : payload.asset
      ? { "data-select": payload.asset }
      : null;
  return el(
    "li",
    { class: `event event-${payload.do}` },
    el("span", { class: "event-hour" }, payload.hour),
    el(
      "div",
      { class: "event-text" },
      opens ? el("button", { type: "button", ...opens }, ...said) : el("span", {}, ...said),
      payload.detail ? el("small", {}, payload.detail) : null,
    ),
    payload.event ? menuOf(payload) : null,
  );
}

/** What can be done to an event, for who may. */
function menuOf({ event, index, who, verb }) {
  const change = t("Change: {event}", { event: `${who} ${verb}` });
  const popover = el("div", { class: "popover" });
  // a kind that is about no single asset or line has no form here
  const changed = () => (event.do in eventKinds() ? [form(event, index)] : []);
  const menu = el(
    "details",
    {
      class: "menu",
      ontoggle: () => popover.replaceChildren(...(menu.open ? [...changed(), remove(index)] : [])),
    },
    el("summary", { title: change, "aria-label": change }, "⋯"),
    popover,
  );
  return menu;
}

const remove = (index) =>
  el(
    "button",
    { type: "button", class: "danger wide", "data-act": JSON.stringify({ do: "remove_event", index }) },
    t("Remove"),
  );

const rows = new WeakMap();

/** Show the newest payload; unchanged rows stay, and so does the focus. */
function draw(host) {
  const payload = host.dataset.events;
  const held = rows.get(host) || { payload: "", of: new Map() };
  if (payload === held.payload) return;
  const list = host.querySelector("ol") || host.appendChild(el("ol", { class: "events" }));
  const place = focused(list);
  const of = new Map();
  for (const event of JSON.parse(payload)) {
    const key = JSON.stringify(event);
    of.set(key, held.of.get(key) || row(event));
  }
  rows.set(host, { payload, of });
  list.replaceChildren(...of.values());
  const again = place && list.children[Math.min(place.n, list.children.length - 1)];
  const there = again && ((place.text && again.querySelector("button")) || again.querySelector("summary"));
  if (there) there.focus({ preventScroll: true });
}

/** Which row has the focus, and whether in its text or in its menu. */
function focused(list) {
  const here = document.activeElement;
  const item = here && list.contains(here) && here.closest(".event");
  return item ? { n: [...list.children].indexOf(item), text: !here.closest(".menu") } : null;
}

const drawAll = () => document.querySelectorAll("[data-events]").forEach(draw);
whenReady("happenings-list", (list) => {
  new MutationObserver(drawAll).observe(list, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["data-events"],
  });
  drawAll();
});

// --------------------------------------------------------------- forms
const field = (label, control, when) =>
  el("label", { class: "field", "data-when": when }, el("span", {}, label), control);
const number = (name, value, more) =>
  el("input", { name, type: "number", min: 0, step: "any", autocomplete: "off", value: value ?? "", ...more });
const select = (name, options, value) =>
  el(
    "select",
    { name },
    ...options.map(([key, label]) => el("option", { value: key, selected: key === value }, label)),
  );
/** A share in percent; `event_kinds.js` keeps the exact one while nobody changes it. */
const percent = (name, share, more) => number(name, Math.round(share * 1e6) / 1e4, { max: 100, ...more });

/** The services that an asset has a dependency for: nothing else can be supplied to it. */
function services(event) {
  const asset = model.world && model.world.assets[model.world.index.get(event.asset)];
  const needs = new Set([
    ...(asset ? asset.needs.filter(([, how]) => how !== "unknown").map(([service]) => service) : []),
    ...(event.service ? [event.service] : []),
  ]);
  return [...needs].map((service) => [service, lowerFirst(model.world.serviceLabel.get(service) || service)]);
}

/** The control for a field of some kinds, with what the event has. */
const CONTROLS = {
  share: ({ name, start }, event) => percent(`${name}_percent`, event[name] ?? start),
  h: ({ name, empty, start }, event) => number(name, event[name] ?? start, { placeholder: empty }),
  service: ({ name }, event) => select(name, services(event), event[name]),
};

/** The form that changes an event; its fields go to `edit_event` by name. */
function form(event, index) {
  const kinds = Object.entries(eventKinds())
    .filter(([, kind]) => kind.lines || !event.link)
    .map(([name, kind]) => [name, kind.label]);
  const more = event.link
    ? []
    : kindFields().map(({ field: spec, when }) =>
        field(spec.label, CONTROLS[spec.unit](spec, event), when.join(" ")),
      );
  // only ensembles draw by chance, so only events that have one already show it
  if (event.p !== undefined) {
    more.push(
      field(
        t("Chance (%)"),
        percent("p_percent", event.p, {
          min: 0.0001,
          required: true,
          title: t("How likely it happens in one run of an ensemble"),
        }),
      ),
    );
  }
  const made = el(
    "form",
    { class: "stack", "data-edit": String(index), "data-fixed": JSON.stringify(event) },
    field(t("At hour"), number("at_h", event.at_h, { required: true })),
    field(t("What"), select("do", kinds, event.do)),
    ...more,
    el("button", { type: "submit", class: "primary wide" }, t("Change")),
  );
  fitForm(made);
  return made;
}
