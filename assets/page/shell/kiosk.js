/* A wall screen: `?kiosk=1` shows picture, deadlines and people in turn; nothing to press. */
import { emit, on } from "../base/bus.js";
import { rememberNothing } from "../base/memory.js";
import { setView } from "../base/views.js";

/** The views in rotation, and the duration of each. */
const SCENES = ["picture", "deadlines", "people"];
const EACH_MS = 12_000;

const root = document.documentElement;
let n = 0;
let turning = 0;

/** Show the next scene, or one by name and stay there. */
export function showScene(name) {
  if (name) clearInterval(turning);
  n = name ? SCENES.indexOf(name) : (n + 1) % SCENES.length;
  root.dataset.kiosk = SCENES[n];
  emit("layout", null);
  requestAnimationFrame(() => dispatchEvent(new Event("resize")));
  return root.dataset.kiosk;
}

/** Nothing that a stray key could change. */
function swallow(event) {
  if (event.ctrlKey || event.metaKey || /^F\d/.test(event.key)) return;
  event.stopPropagation();
  event.preventDefault();
}

function start() {
  root.dataset.kiosk = SCENES[0];
  root.classList.add("kiosk");
  turning = window.setInterval(() => showScene(), EACH_MS);
  // no tour, and no name or theme of a passer-by
  rememberNothing();
  addEventListener("keydown", swallow, true);
  on("view", (view) => {
    if (view !== "map") setView("map");
  });
}

if (new URLSearchParams(location.search).get("kiosk") === "1") start();
