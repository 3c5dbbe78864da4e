/* Which view the middle shows, and which side is open where sides are drawers. */
import { emit } from "./bus.js";
import { t, tp } from "./words.js";

/** Views in their order: name, label. */
export const VIEWS = [
  ["map", t("Map")],
  ["graph", t("Graph")],
  ["both", tp("map and graph", "Both")],
  ["list", t("List")],
  ["weak", t("Weak points")],
  ["compare", t("Compare")],
  ["exercise", t("Exercise")],
];

/** The view on show; `map` before the page is there. */
export const currentView = () => document.getElementById("centre")?.dataset.view || "map";

export function setView(view) {
  const centre = document.getElementById("centre");
  if (!centre || !VIEWS.some(([name]) => name === view)) return;
  centre.dataset.view = view;
  for (const button of document.querySelectorAll("#views button")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === view));
  }
  emit("view", view);
  emit("layout", null);
  // the graph and the grid measure themselves on the window's resize event
  requestAnimationFrame(() => window.dispatchEvent(new Event("resize")));
}

/** Open or close a side where sides are drawers; `open` left out flips it. */
export function openDrawer(side, open) {
  const page = document.getElementById("page");
  if (!page) return;
  const isOpen = page.dataset.drawer === side;
  const want = open === undefined ? !isOpen : open;
  if (want) page.dataset.drawer = side;
  else if (isOpen) delete page.dataset.drawer;
  for (const drawer of ["left", "right"]) {
    const button = document.getElementById(`${drawer}-drawer-button`);
    button?.setAttribute("aria-expanded", String(page.dataset.drawer === drawer));
  }
}
