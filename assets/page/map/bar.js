/* Above and beside the map: the tools, the layer switches, the views, the legend. */
import { on } from "../base/bus.js";
import { el, motion, svg, whenReady } from "../base/elements.js";
import { stateMark } from "../base/icons.js";
import { model } from "../base/model.js";
import { sight } from "../base/sight.js";
import { VIEWS, setView } from "../base/views.js";
import { lowerFirst, t } from "../base/words.js";
import { CELL_WORDS } from "./cells.js";
import { busyBounds, refilter } from "./map.js";
import { mapRoom, stage } from "./stage.js";
import { setTool } from "./tools.js";

// -------------------------------------------------------------- tools
const ICON = {
  pan: "M12 3v18M3 12h18M12 3l-2.500 2.500M12 3l2.500 2.500M12 21l-2.500-2.500M12 21l2.500-2.500M3 12l2.500-2.500M3 12l2.500 2.500M21 12l-2.500-2.500M21 12l-2.500 2.500",
  box: "M4 5h16v14H4z",
  lasso: "M5 12c-2-5 4-8 9-7s8 5 5 9-10 4-12 1c-1-2 2-3 3-1s-1 5-5 6",
  fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  layers: "M12 3 2.500 8 12 13l9.500-5zM3 12.500l9 4.700 9-4.700M3 17l9 4.500L21 17",
};
const glyph = (name) =>
  svg(
    "svg",
    { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" },
    svg("path", {
      d: ICON[name],
      fill: "none",
      stroke: "currentColor",
      "stroke-width": 2,
      "stroke-linejoin": "round",
      "stroke-linecap": "round",
      ...(name === "box" ? { "stroke-dasharray": "3 2.4" } : {}),
    }),
  );

whenReady("map-tools", (host) => {
  const tool = (name, label) =>
    el(
      "button",
      {
        type: "button",
        "data-tool": name,
        "aria-label": label,
        title: label,
        "aria-pressed": String(name === "pan"),
        onclick: () => setTool(name),
      },
      glyph(name),
    );
  host.replaceChildren(
    el(
      "div",
      { class: "button-row", role: "group", "aria-label": t("Select on the map") },
      tool("pan", t("Move the map")),
      tool("box", t("Select with a box (B, or shift and drag)")),
      tool("lasso", t("Select with a lasso (L)")),
      el(
        "button",
        {
          type: "button",
          "aria-label": t("Show the whole region (0)"),
          title: t("Show the whole region (0)"),
          onclick: () => fitRegion(),
        },
        glyph("fit"),
      ),
    ),
    el(
      "details",
      { class: "layer-menu" },
      el("summary", { title: t("Layers"), "aria-label": t("Layers") }, glyph("layers")),
      el("div", { id: "layers", class: "popover" }),
    ),
  );
});

/** Show the whole region. */
export const fitRegion = () =>
  stage.map && stage.map.fitBounds(busyBounds(), { padding: mapRoom(), animate: motion() });

const LAYERS = [
  ["cells", t("People who lack something")],
  ["hazards", t("Hazards")],
  ["labels", t("Place names")],
  ["roads", t("Roads and rail")],
  ["unknown", t("Assets with unknown state")],
  ["shapes", t("Outlines of sites")],
  ["needs", t("Dependencies of what is selected")],
  ["links", t("Lines")],
];

function tick(label, checked, change, layer) {
  const box = el("input", { type: "checkbox", "data-layer": layer });
  box.checked = checked;
  box.addEventListener("change", () => {
    change(box.checked);
    refilter();
  });
  return el("label", { class: "tick" }, box, label);
}

on("world", (world) =>
  whenReady("layers", (host) => {
    const services = [...new Set(world.links.map((link) => link.service))];
    host.replaceChildren(
      el("h3", {}, t("Layers")),
      ...LAYERS.filter(([id]) => id !== "cells" || world.cells.length).map(([id, label]) =>
        tick(
          label,
          sight.layers[id],
          (checked) => {
            sight.layers[id] = checked;
          },
          id,
        ),
      ),
      ...services.map((service) =>
        tick(`… ${lowerFirst(world.serviceLabel.get(service) || service)}`, true, (checked) => {
          if (checked) sight.hiddenServices.delete(service);
          else sight.hiddenServices.add(service);
        }),
      ),
    );
  }),
);

// the layer of people has a switch beside its numbers, too
on("filter", () => {
  document.querySelectorAll("[data-layer]").forEach((/** @type {HTMLInputElement} */ box) => {
    box.checked = sight.layers[box.dataset.layer];
  });
});

// -------------------------------------------------------------- views
whenReady("views", (host) => {
  host.replaceChildren(
    el(
      "div",
      { class: "segments", role: "group", "aria-label": t("View") },
      ...VIEWS.map(([name, label], n) =>
        el(
          "button",
          {
            type: "button",
            "data-view": name,
            "aria-pressed": String(name === "map"),
            title: `${label} (${n + 1})`,
            onclick: () => setView(name),
          },
          label,
        ),
      ),
    ),
  );
  const wanted = new URLSearchParams(location.search).get("view");
  if (wanted) setView(wanted);
});

// ------------------------------------------------------------- legend
whenReady("legend", (host) => {
  function draw() {
    if (!model.states.length) return;
    const order = [3, 4, 1, 2, 5, 6, 7, 8, 0];
    const seen = new Set([3, 4, 1, 8, 0]);
    const met = new Uint8Array(model.states.length);
    const drawn = model.picture ? model.picture.states.s : [];
    for (let n = 0; n < drawn.length; n++) met[drawn[n]] = 1;
    met.forEach((yes, s) => {
      if (yes) seen.add(s);
    });
    host.replaceChildren(
      ...order
        .filter((s) => seen.has(s))
        .map((s) =>
          el("span", { class: "legend-item", title: model.states[s].shape }, stateMark(s, 17), model.states[s].label),
        ),
      ...(sight.layers.cells && !sight.quiet ? cellItems() : []),
    );
  }
  on("world", draw);
  on("picture", draw);
  on("filter", draw);
});

/** The legend of the layer of people. */
function cellItems() {
  const bases = new Set(model.world.cells.map((cell) => cell.basis));
  const item = (look, text) =>
    el("span", { class: "legend-item" }, el("span", { class: `cell-mark ${look}`, "aria-hidden": "true" }), text);
  return [
    el("span", { class: "legend-break" }),
    el("span", { class: "legend-item" }, t("People:")),
    ...CELL_WORDS.map(([shade, text]) => item(`cell-mark-${shade}`, text)),
    ...(bases.has("inferred") || bases.has("assumed")
      ? [item("cell-mark-guess", t("who serves them is inferred or assumed"))]
      : []),
  ];
}
