/* The keyboard, the buttons of drawers, and menus that close. */
import { clock } from "../base/clock.js";
import { whenReady } from "../base/elements.js";
import { act } from "../base/scenario.js";
import { selectAssets, selection } from "../base/selection.js";
import { HOUR } from "../base/time.js";
import { VIEWS, openDrawer, setView } from "../base/views.js";
import { fitRegion } from "../map/bar.js";
import { failSelection, repairSelection } from "../map/card.js";
import { focusSearch } from "../map/find.js";
import { setTool } from "../map/tools.js";
import { openHelp } from "./help.js";
import { nextTheme } from "./theme.js";

for (const side of ["left", "right"]) {
  whenReady(`${side}-drawer-button`, (button) => {
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => openDrawer(side));
  });
}

const typing = (target) =>
  target.closest &&
  target.closest("input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable=true], .ag-root");
const pressable = (target) => target.closest && target.closest("button, a, summary, input[type=checkbox]");
const step = (event) => (event.shiftKey ? 6 * HOUR : event.altKey ? HOUR / 60 : HOUR / 2);
/** The view of a key: they are numbered in their order. */
const viewOf = (key) => (VIEWS[Number(key) - 1] || [])[0];

const KEYS = {
  n: () => clock.next(),
  p: () => clock.previous(),
  k: () => failSelection(),
  r: () => repairSelection(),
  "/": () => focusSearch(),
  t: nextTheme,
  "?": () => openHelp(),
  b: () => setTool("box"),
  l: () => setTool("lasso"),
  0: () => fitRegion(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented) return;
  const { key, target } = event;
  const open = document.querySelector("dialog[open]");
  if (key === "Escape" && !open) return escape(target);
  if (open || typing(target)) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey) {
    if (key.toLowerCase() === "z") {
      event.preventDefault();
      act({ do: event.shiftKey ? "redo" : "undo" });
    } else if (key.toLowerCase() === "y") {
      event.preventDefault();
      act({ do: "redo" });
    }
    return;
  }
  if (event.metaKey) return;
  if (key === " ") {
    if (!pressable(target)) {
      event.preventDefault();
      clock.toggle();
    }
    return;
  }
  if (key === "ArrowLeft" || key === "ArrowRight" || key === "Home" || key === "End") return arrows(event);
  // on a phone, and at 200 %, the views are further down the page
  if (viewOf(key)) {
    setView(viewOf(key));
    return document.getElementById("centre").scrollIntoView({ block: "nearest" });
  }
  const run = KEYS[key.length === 1 ? key.toLowerCase() : key];
  // a key held down is pressed once
  if (run && !event.altKey) {
    event.preventDefault();
    if (!event.repeat || "np".includes(key)) run();
  }
});

function arrows(event) {
  const { target, key } = event;
  // the map moves and the graph pans by their own arrows
  if (target.closest && target.closest(".maplibregl-canvas-container, #dependency-graph, [role=tablist]")) return;
  event.preventDefault();
  clock.pause();
  if (key === "Home") clock.set(0);
  else if (key === "End") clock.set(clock.horizon);
  else clock.set(clock.t + (key === "ArrowRight" ? 1 : -1) * step(event));
}

function escape(target) {
  const menu = document.querySelector("details.menu[open], details.layer-menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    return;
  }
  if (document.getElementById("page")?.dataset.drawer) {
    const side = document.getElementById("page").dataset.drawer;
    openDrawer(side, false);
    document.getElementById(`${side}-drawer-button`)?.focus();
    return;
  }
  if (typing(target)) return;
  setTool("pan");
  if (selection.assets.length || selection.opened) selectAssets([], "keys");
}

document.addEventListener("click", (event) => {
  document.querySelectorAll("details.menu[open], details.layer-menu[open]").forEach((menu) => {
    if (!menu.contains(/** @type {Node} */ (event.target))) menu.open = false;
  });
});
