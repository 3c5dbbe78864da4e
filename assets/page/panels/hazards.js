/* The form for a hazard, an attack or a shortage of staff: what is drawn on the map becomes one event. */
import { on } from "../base/bus.js";
import { clockHour } from "../base/clock.js";
import { el } from "../base/elements.js";
import { act } from "../base/scenario.js";
import { selection } from "../base/selection.js";
import { setView } from "../base/views.js";
import { t, tn } from "../base/words.js";
import { stage } from "../map/stage.js";
import { setTool } from "../map/tools.js";

/** A circle has so many corners. */
const CORNERS = 48;
/** A drawn outline keeps at most so many of its corners. */
const MOST_CORNERS = 400;
/** A rising field has so many steps. */
const STEPS = 6;
const METRES_PER_DEGREE = 111_320;
const DIGITS = 1e6;

/** The form while the user draws; it keeps what was entered. */
let dialog = null;
let ring = null;

const round = (value) => Math.round(value * DIGITS) / DIGITS;

// --------------------------------------------------------------- form
const field = (label, control, when) =>
  el("label", { class: "field", "data-when": when }, el("span", {}, label), control);
const number = (name, value, more) =>
  el("input", { name, type: "number", step: "any", autocomplete: "off", value: value ?? "", ...more });
const text = (name, more) => el("input", { name, type: "text", maxlength: 200, autocomplete: "off", ...more });
const select = (name, options) =>
  el("select", { name }, ...options.map(([value, label]) => el("option", { value }, label)));
/** Three numbers: low, likely, high. */
const range = (name, values, most) =>
  el(
    "span",
    { class: "range-fields" },
    ...[t("low"), t("likely"), t("high")].map((label, n) =>
      number(`${name}_${n}`, values[n], { min: 0, max: most, required: true, title: label, "aria-label": label }),
    ),
  );

function fields(offered) {
  const middle = stage.map ? stage.map.getCenter() : { lng: 0, lat: 0 };
  const kinds = [
    ...offered.hazards.map(({ id, label }) => [id, label]),
    ["attack", t("Attack")],
    ...(offered.sectors.length ? [["shortage", t("Staff shortage")]] : []),
  ];
  const places = [
    ["area", t("area drawn on the map")],
    ["circle", t("circle around the middle of the map")],
    ["quake", t("epicentre and magnitude")],
  ];
  return [
    field(t("What"), select("kind", kinds)),
    field(t("Where"), select("place", places), "hazard"),
    el(
      "p",
      { class: "field-note", "data-when": "area" },
      el("button", { type: "button", onclick: draw }, t("Draw on the map")),
      " ",
      el("span", { class: "drawn", role: "status" }),
    ),
    field(t("Radius (m)"), number("radius_m", 800, { min: 1, max: 500_000, required: true }), "circle"),
    field(t("Magnitude"), number("magnitude", 6, { min: 0, max: 10, required: true }), "quake"),
    field(t("Longitude"), number("lon", round(middle.lng), { min: -180, max: 180, required: true }), "quake"),
    field(t("Latitude"), number("lat", round(middle.lat), { min: -90, max: 90, required: true }), "quake"),
    field(t("Depth (km)"), number("depth_km", 10, { min: 0, max: 700, required: true }), "quake"),
    field(t("Intensity"), number("intensity", "", { required: true }), "area circle"),
    field(t("Rises over (h)"), number("rises_h", 0, { min: 0, max: 1000, required: true }), "area circle"),
    field(t("Lost from"), number("threshold", "", { placeholder: t("by the usual curve of each type") }), "hazard"),
    field(t("Product"), text("product"), "attack"),
    field(t("Version below"), text("version_below"), "attack"),
    field(t("Operator"), text("operator", { list: "hazard-operators" }), "attack"),
    field(t("Corridor"), text("corridor"), "attack"),
    el("datalist", { id: "hazard-operators" }, ...offered.operators.map((value) => el("option", { value }))),
    el(
      "label",
      { class: "tick", "data-when": "attack" },
      el("input", { name: "selected", type: "checkbox", disabled: !selection.assets.length }),
      tn("only the {n} selected asset", "only the {n} selected assets", selection.assets.length),
    ),
    field(t("Way in works (%)"), range("access", [10, 30, 60], 100), "attack"),
    field(t("Attack succeeds (%)"), range("exploit", [20, 50, 90], 100), "attack"),
    field(
      t("Effect"),
      select(
        "effect",
        offered.effects.map(({ id, label }) => [id, `${label} (${id})`]),
      ),
      "attack",
    ),
    field(t("Lasts (h)"), range("duration_h", [4, 24, 72], 87_600), "attack"),
    field(
      t("Sector"),
      select(
        "sector",
        offered.sectors.map(({ id, label }) => [id, label]),
      ),
      "shortage",
    ),
    field(t("Missing (%)"), number("share", 30, { min: 0, max: 100, required: true }), "shortage"),
    field(t("At hour"), number("at_h", clockHour(), { min: 0, max: 87_600, required: true })),
    field(
      t("Until hour"),
      number("until_h", "", { min: 0, max: 87_600, placeholder: t("open end") }),
      "hazard shortage",
    ),
  ];
}

/** Show what belongs to the kind and the place; the unit is the hazard's. */
function fit(form, offered) {
  const { kind, place } = form.elements;
  const hazard = offered.hazards.find(({ id }) => id === kind.value);
  const quake = [...place.options].find(({ value }) => value === "quake");
  quake.hidden = quake.disabled = kind.value !== "earthquake";
  if (quake.disabled && place.value === "quake") place.value = "area";
  const holds = new Set(hazard ? ["hazard", place.value] : [kind.value]);
  for (const part of form.querySelectorAll("[data-when]")) {
    part.hidden = !part.dataset.when.split(" ").some((when) => holds.has(when));
    for (const control of part.querySelectorAll("input, select")) {
      if (control.name !== "selected") control.disabled = part.hidden;
    }
  }
  const unit = hazard ? hazard.sign : "";
  for (const name of ["intensity", "threshold"]) {
    const words = name === "intensity" ? t("Intensity") : t("Lost from");
    form.elements[name].parentElement.firstChild.textContent = unit ? `${words} (${unit})` : words;
  }
  form.querySelector(".drawn").textContent = ring ? t("Drawn.") : t("Nothing drawn yet.");
}

/** Open the form; `offered` is what the server offers. */
function open(offered) {
  ring = null;
  const form = el(
    "form",
    { class: "stack", id: "hazard-form" },
    ...fields(offered),
    el("p", { class: "form-problem", role: "alert" }),
    el(
      "div",
      { class: "dialog-buttons" },
      el("button", { type: "button", onclick: () => dialog.close() }, t("Cancel")),
      el("button", { type: "submit", class: "primary" }, t("Add")),
    ),
  );
  const refit = () => fit(form, offered);
  form.addEventListener("change", refit);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(form, offered);
  });
  if (dialog) dialog.remove();
  dialog = el(
    "dialog",
    { id: "hazard-dialog", "aria-labelledby": "hazard-title" },
    el("h2", { id: "hazard-title" }, t("What strikes?")),
    form,
  );
  document.body.append(dialog);
  refit();
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("#hazard-button");
  if (button) open(JSON.parse(button.dataset.offered));
});

// ------------------------------------------------------------ drawing
function draw() {
  dialog.close();
  setView("map");
  setTool("area");
}

on("area", (path) => {
  if (!dialog) return;
  const every = Math.ceil(path.length / MOST_CORNERS);
  const places = path.filter((_, n) => n % every === 0).map(([x, y]) => stage.map.unproject([x, y]));
  ring = places.map(({ lng, lat }) => [round(lng), round(lat)]);
  ring.push(ring[0]);
  dialog.querySelector("form").dispatchEvent(new Event("change"));
  dialog.showModal();
});

function circle(radius_m) {
  const { lng, lat } = stage.map.getCenter();
  const r = radius_m / METRES_PER_DEGREE;
  const wide = r / Math.max(0.01, Math.cos((lat * Math.PI) / 180));
  return Array.from({ length: CORNERS + 1 }, (_, n) => {
    const angle = (2 * Math.PI * (n % CORNERS)) / CORNERS;
    return [round(lng + wide * Math.cos(angle)), round(lat + r * Math.sin(angle))];
  });
}

// ------------------------------------------------------------- submit
const value = (form, name) => {
  const control = form.elements[name];
  return control.disabled || control.value === "" ? null : Number(control.value);
};
const three = (form, name, per) => [0, 1, 2].map((n) => value(form, `${name}_${n}`) / per);
/** Only what is stated. */
const stated = (values) => Object.fromEntries(Object.entries(values).filter(([, v]) => v !== null && v !== ""));

function fieldOf(form) {
  const place = form.elements.place.value;
  if (place === "quake") {
    return stated(
      Object.fromEntries(["magnitude", "lon", "lat", "depth_km"].map((name) => [name, value(form, name)])),
    );
  }
  const outline = place === "circle" ? circle(value(form, "radius_m")) : ring;
  if (!outline) return null;
  const intensity = value(form, "intensity");
  const rises = value(form, "rises_h");
  const steps = Array.from({ length: STEPS }, (_, n) => ({
    after_h: round((rises * n) / (STEPS - 1)),
    intensity: round((intensity * (n + 1)) / STEPS),
  }));
  return { polygon: { type: "Polygon", coordinates: [outline] }, intensity, ...(rises > 0 ? { steps } : {}) };
}

function attack(form) {
  const named = ["product", "version_below", "operator", "corridor"];
  const chosen = stated(Object.fromEntries(named.map((name) => [name, form.elements[name].value.trim()])));
  if (form.elements.selected.checked) chosen.assets = [...selection.assets];
  if (!Object.keys(chosen).some((name) => name !== "version_below")) return null;
  return {
    do: "attack",
    select: chosen,
    access: three(form, "access", 100),
    exploit: three(form, "exploit", 100),
    effect: form.elements.effect.value,
    duration_h: three(form, "duration_h", 1),
  };
}

function eventOf(form, kind) {
  if (kind === "attack") return attack(form);
  const until_h = value(form, "until_h");
  if (kind === "shortage") {
    const share = value(form, "share") / 100;
    return stated({ do: "shortage", of: "staff", sector: form.elements.sector.value, share, until_h });
  }
  const drawn = fieldOf(form);
  return drawn && stated({ do: "hazard", hazard: kind, field: drawn, threshold: value(form, "threshold"), until_h });
}

function submit(form, offered) {
  const kind = form.elements.kind.value;
  const event = eventOf(form, kind);
  if (!event) {
    const isHazard = offered.hazards.some(({ id }) => id === kind);
    form.querySelector(".form-problem").textContent = isHazard
      ? t("Draw the area on the map first.")
      : t("Name a product, an operator, a corridor, or select assets.");
    return;
  }
  act({ do: "add_wide", event: { at_h: value(form, "at_h"), ...event } });
  dialog.close();
}
