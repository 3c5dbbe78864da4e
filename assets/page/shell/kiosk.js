/* A wall screen: `?kiosk=1` shows picture, deadlines and people in turn; nothing to press. */
(function () {
  "use strict";
  const knockon = window.knockon;
  if (new URLSearchParams(location.search).get("kiosk") !== "1") return;
  const root = document.documentElement;
  /** What is large, one after the other, and for how long. */
  const SCENES = ["picture", "deadlines", "people"], EACH_MS = 12_000;
  root.dataset.kiosk = SCENES[0];
  root.classList.add("kiosk");
  let n = 0;

  /** Show the next scene, or one by name and stay there. */
  knockon.kiosk = function (name) {
    if (name) clearInterval(turning);
    n = name ? SCENES.indexOf(name) : (n + 1) % SCENES.length;
    root.dataset.kiosk = SCENES[n];
    knockon.emit("layout", null);
    requestAnimationFrame(() => dispatchEvent(new Event("resize")));
    return root.dataset.kiosk;
  };
  const turning = setInterval(() => knockon.kiosk(), EACH_MS);

  // no tour, and nothing that a stray key could change
  knockon.hold = () => undefined;
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || /^F\d/.test(event.key)) return;
    event.stopPropagation();
    event.preventDefault();
  }, true);
  knockon.on("view", (view) => { if (view !== "map") knockon.setView("map"); });
})();
