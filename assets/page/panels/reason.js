/* The reason for what is selected is scrolled to where it can be read. */
import { on } from "../base/bus.js";
import { whenReady } from "../base/elements.js";

const AIR = 10;
const MOST_SCROLLED = 24;
let following = false;
let moved = null;

/** Scroll the right side just so far that the reason's heading and sentence are visible. */
function showReason() {
  const side = document.getElementById("right");
  const why = document.getElementById("why");
  // on a phone the side is a part of the page, whose place is people's own
  if (
    !following ||
    !side ||
    !why ||
    getComputedStyle(side).overflowY !== "auto" ||
    (getComputedStyle(side).position === "static" && innerWidth <= 700)
  ) {
    return;
  }
  const sentence = why.querySelector(".why-sentence") || why.querySelector("h2") || why;
  const panel = why.firstElementChild || why;
  const box = side.getBoundingClientRect();
  const low = sentence.getBoundingClientRect().bottom + AIR - box.bottom;
  const high = panel.getBoundingClientRect().top - AIR - box.top;
  const by = Math.min(low, Math.max(0, high));
  // people come first: their rows are never scrolled away for it
  if (by <= 0 || by > MOST_SCROLLED) return;
  if (moved === null) moved = side.scrollTop;
  side.scrollTop += by;
}

on("selection", (value) => {
  const side = document.getElementById("right");
  following = value.assets.length > 0;
  if (!following && moved !== null && side) {
    side.scrollTop = moved;
    moved = null;
  }
  showReason();
});
whenReady("why", (why) =>
  new MutationObserver(showReason).observe(why, { childList: true, subtree: true, characterData: true }),
);
// a user who scrolls there looks for something else
whenReady("right", (side) => {
  for (const name of ["wheel", "touchmove", "pointerdown", "keydown"]) {
    side.addEventListener(
      name,
      () => {
        following = false;
        moved = null;
      },
      { passive: true },
    );
  }
});
