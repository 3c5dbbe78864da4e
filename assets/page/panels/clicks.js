/* Clicks and forms inside panels that the server renders; they carry what they do as data. */
import { emit } from "../base/bus.js";
import { choose } from "../base/choice.js";
import { clock, clockHour } from "../base/clock.js";
import { el } from "../base/elements.js";
import { model } from "../base/model.js";
import { act } from "../base/scenario.js";
import { selectAssets, selection } from "../base/selection.js";
import { sight } from "../base/sight.js";
import { t } from "../base/words.js";
import { findThings } from "../map/find.js";
import { allThings, assetThing, lineThing, openThing, thingNamed } from "../map/things.js";
import { eventKinds, kindValues, numberIn, shareIn } from "./event_kinds.js";

/** Close a menu; the focus that was in it goes to what opened it. */
function shut(menu) {
  if (!menu) return;
  if (menu.contains(document.activeElement)) menu.querySelector("summary").focus({ preventScroll: true });
  menu.open = false;
}

// ------------------------------------------------------------- clicks
const CLICKS = {
  act(element) {
    const action = JSON.parse(element.dataset.act);
    if (action.at_h === "now") action.at_h = clockHour();
    act(action);
    shut(element.closest("details.menu, details.ready"));
  },
  select(element) {
    selectAssets([element.dataset.select], "panel");
  },
  "open-line"(element) {
    openThing(lineThing(element.dataset.openLine), "panel");
  },
  choose(element) {
    const [store, value] = [element.dataset.choose, JSON.parse(element.dataset.value)];
    choose(store, value);
    emit("chosen", { store, value });
  },
  goto(element) {
    clock.set(Number(element.dataset.goto));
  },
  open(element) {
    const dialog = document.getElementById(element.dataset.open);
    if (!dialog) return;
    prepare(dialog);
    dialog.showModal();
  },
  close(element) {
    const dialog = element.closest("dialog");
    if (dialog) dialog.close();
  },
};

document.addEventListener("click", (event) => {
  for (const [name, run] of Object.entries(CLICKS)) {
    const element = event.target.closest(`[data-${name}]`);
    if (element && !element.disabled) run(element);
  }
});

// -------------------------------------------------------------- forms
/** Show only the fields that belong to what happens. */
function fit(form) {
  const kind = form.elements.do ? form.elements.do.value : "";
  for (const field of form.querySelectorAll("[data-when]")) {
    const shown = field.dataset.when.split(" ").includes(kind);
    field.hidden = !shown;
    for (const control of field.querySelectorAll("input, select")) control.disabled = !shown;
  }
  if (form.elements.thing && form.elements.service) offer(form);
}

export const fitForm = fit;

/** Offer only services that the chosen asset needs: no other can be supplied to it. */
function offer(form) {
  const thing = thingNamed(form.elements.thing.value);
  const world = model.world;
  const asset = thing && thing.kind === "asset" ? world.assets[world.index.get(thing.id)] : null;
  const needs = asset ? new Set(asset.needs.filter((need) => need[1] !== "unknown").map((need) => need[0])) : null;
  const select = form.elements.service;
  for (const option of select.options) option.hidden = option.disabled = !!needs && !needs.has(option.value);
  if (select.selectedOptions.length && select.selectedOptions[0].disabled) {
    const first = [...select.options].find((option) => !option.disabled);
    select.value = first ? first.value : "";
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-add], form[data-edit]");
  if (form) fit(form);
  // a cost is kept when its field is left, too
  if (event.target.name === "cost_eur") FORMS.cost(event.target.form);
});

function prepare(dialog) {
  const form = dialog.querySelector("form[data-add]");
  if (!form || !model.world) return;
  offerNames();
  const [first] = selection.assets;
  const thing = first === undefined ? selection.opened : assetThing(first);
  write(form.elements.thing, thing ? choice(thing) : "");
  write(form.elements.at_h, String(clockHour()));
  form.querySelector(".form-problem").textContent = "";
  fit(form);
}

const choice = (thing) => `${thing.name} · ${thing.id}`;

/** Up to this many names are all offered; of more, only those that match the typed text. */
const MOST_OFFERED = 2000;
const MOST_FITTING = 40;

/** Offer all that has a name; again once the places are known that lines are called after. */
function offerNames(typed) {
  const list = document.getElementById("thing-names");
  const things = allThings();
  const few = things.length <= MOST_OFFERED;
  const offered = few ? String(things.length) + !!sight.places : `for ${typed}`;
  if (!list || list.dataset.offered === offered) return;
  list.dataset.offered = offered;
  const fitting = few ? things : findThings(typed || "", MOST_FITTING).found.filter((hit) => hit.thing);
  list.replaceChildren(...fitting.map((thing) => el("option", { value: choice(thing), label: thing.more })));
}

document.addEventListener("input", (event) => {
  if (event.target.name === "cost_eur") delete event.target.form.dataset.sent;
  if (event.target.name === "thing" && event.target.closest("form[data-add]")) offerNames(event.target.value);
});

/** Set an input that React controls, so that React knows it too. */
function write(input, value) {
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
  set.call(input, value);
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

const FORMS = {
  add(form) {
    const thing = thingNamed(form.elements.thing.value);
    const problem = form.querySelector(".form-problem");
    const kind = form.elements.do.value;
    const { lines, refusal } = eventKinds()[kind];
    const { values, missing } = kindValues(form, kind, {});
    if (!thing) {
      problem.textContent = t("No asset or line has exactly this name. Pick one from the list.");
      return;
    }
    if ((!lines && thing.links.length) || missing) {
      problem.textContent = !lines && thing.links.length ? refusal : missing;
      return;
    }
    const things = lines ? { assets: thing.assets, links: thing.links } : { assets: thing.assets };
    act({ do: kind, ...things, at_h: numberIn(form, "at_h") || 0, ...values });
    form.closest("dialog").close();
    openThing(thing, "panel");
  },
  edit(form) {
    const fixed = JSON.parse(form.dataset.fixed);
    const kind = form.elements.do.value;
    const { values } = kindValues(form, kind, fixed);
    const chance = fixed.p === undefined ? {} : { p: shareIn(form, "p_percent", fixed.p) };
    const event = { at_h: numberIn(form, "at_h") || 0, do: kind, ...values, ...chance };
    for (const key of ["asset", "link", "note", "name", "triggered_by"]) if (fixed[key]) event[key] = fixed[key];
    act({ do: "edit_event", index: Number(form.dataset.edit), event });
    shut(form.closest("details"));
  },
  cost(form) {
    const cost_eur = numberIn(form, "cost_eur");
    const index = Number(form.dataset.cost);
    const held = (((model.scenario.plain || {}).measures || [])[index] || {}).cost_eur ?? null;
    // Enter and leaving the field both bring us here
    if (cost_eur === held || form.dataset.sent === String(cost_eur) || !form.checkValidity()) return;
    form.dataset.sent = String(cost_eur);
    act({ do: "cost_measure", index, cost_eur });
  },
  settings(form) {
    act({
      do: "settings",
      title: form.elements.title.value.trim(),
      horizon_h: Number(form.elements.horizon_h.value),
      repairs: form.elements.repairs.value,
    });
  },
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  const name = Object.keys(FORMS).find((key) => key in form.dataset);
  if (!name) return;
  event.preventDefault();
  FORMS[name](form);
});
