/* Assets whose state is unknown, and what data is missing. */
import { on } from "../base/bus.js";
import { el, whenReady } from "../base/elements.js";
import { model } from "../base/model.js";
import { STATE } from "../base/time.js";
import { lowerFirst, t, tn } from "../base/words.js";

let unknownKey = null;
let unknownOpen = false;
function unknown() {
  const { state } = model.course;
  const places = [];
  for (let i = 0; i < state.length; i++) if (state[i] === STATE.UNKNOWN) places.push(i);
  const key = `${places.length} ${places.slice(0, 60)}`;
  const result = places.length
    ? { length: places.length, slice: (a, b) => places.slice(a, b).map((i) => model.world.assets[i]) }
    : [];
  if (key === unknownKey) return;
  unknownKey = key;
  whenReady("unknown-note", (host) => {
    host.hidden = !result.length;
    if (!result.length) return host.replaceChildren();
    const list = el(
      "ul",
      { class: "plain-list" },
      ...result
        .slice(0, 60)
        .map((asset) =>
          el(
            "li",
            {},
            el("button", { type: "button", class: "link", "data-select": asset.id }, asset.name),
            el("small", {}, missing(asset)),
          ),
        ),
    );
    const details = el(
      "details",
      { class: "unknown-list" },
      el(
        "summary",
        {},
        `${tn("{n} asset unknown: supplier not known.", "{n} assets unknown: suppliers not known.", result.length)} `,
        el("span", { class: "link" }, t("Which?")),
      ),
      list,
    );
    details.open = unknownOpen;
    details.addEventListener("toggle", () => {
      unknownOpen = details.open;
    });
    host.replaceChildren(details);
  });
}
function missing(asset) {
  const needs = asset.needs
    .filter(([, how]) => how === "unknown")
    .map(([service]) => lowerFirst(model.world.serviceLabel.get(service) || service));
  return needs.length
    ? t("who supplies {services}?", { services: [...new Set(needs)].join(", ") })
    : asset.type_label;
}

on("clock", (now) => {
  if (model.picture && model.world && (now.all || now.changed.length)) unknown();
});
