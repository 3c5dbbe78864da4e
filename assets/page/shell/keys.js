/* Keyboard, address, theme, drawers and notices. */
(function () {
  "use strict";
  const knockon = window.knockon;
  const { el } = knockon;
  const { HOUR } = knockon.time;
  const root = document.documentElement;

  // --------------------------------------------------------------- theme
  const THEMES = ["light", "dark", "projector"];
  const LABEL = { light: knockon.t("Light"), dark: knockon.t("Dark"), projector: knockon.t("Projector") };
  const held = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const hold = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private windows forget */ } };
  const system = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  knockon.held = held;
  knockon.hold = hold;

  knockon.setTheme = function (name, keep) {
    root.dataset.theme = name;
    // the grid and other parts by Dash look for this
    root.dataset.agThemeMode = name === "dark" ? "dark" : "light";
    if (keep) hold("knockon-theme", name);
    knockon.forgetDrawn();
    knockon.redrawMarks();
    knockon.emit("theme", name);
    knockon.emit("layout", null);
    knockon.ready("theme-button", (button) => { button.querySelector(".theme-name").textContent = LABEL[name]; });
  };
  knockon.setTheme(THEMES.includes(held("knockon-theme")) ? held("knockon-theme") : system(), false);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (!held("knockon-theme")) knockon.setTheme(system(), false); });
  const cycle = () => knockon.setTheme(THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length], true);
  knockon.ready("theme-button", (button) => button.addEventListener("click", cycle));

  // ------------------------------------------------------------- drawers
  /** Open or close a side where sides are drawers; `open` left out flips it. */
  knockon.drawer = function (side, open) {
    const page = document.getElementById("page");
    if (!page) return;
    const now = page.dataset.drawer === side, want = open === undefined ? !now : open;
    if (want) page.dataset.drawer = side; else if (now) delete page.dataset.drawer;
    for (const one of ["left", "right"]) document.getElementById(`${one}-drawer-button`)?.setAttribute("aria-expanded", String(page.dataset.drawer === one));
  };
  for (const side of ["left", "right"]) knockon.ready(`${side}-drawer-button`, (button) => { button.setAttribute("aria-expanded", "false"); button.addEventListener("click", () => knockon.drawer(side)); });

  // ------------------------------------------------------------ keyboard
  const typing = (target) => target.closest && target.closest("input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable=true], .ag-root");
  const pressable = (target) => target.closest && target.closest("button, a, summary, input[type=checkbox]");
  const step = (event) => (event.shiftKey ? 6 * HOUR : event.altKey ? HOUR / 60 : HOUR / 2);
  const views = { 1: "map", 2: "graph", 3: "both", 4: "list", 5: "weak", 6: "compare", 7: "exercise" };

  const KEYS = {
    n: () => knockon.clock.next(), p: () => knockon.clock.previous(), k: () => knockon.failSelection(), r: () => knockon.repairSelection(),
    "/": () => knockon.search(), t: cycle, "?": () => knockon.help(), b: () => knockon.setTool("box"), l: () => knockon.setTool("lasso"), 0: () => knockon.fitRegion(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    const { key, target } = event, open = document.querySelector("dialog[open]");
    if (key === "Escape" && !open) return escape(target);
    if (open || typing(target)) return;
    if ((event.ctrlKey || event.metaKey) && !event.altKey) {
      if (key.toLowerCase() === "z") { event.preventDefault(); knockon.act({ do: event.shiftKey ? "redo" : "undo" }); }
      else if (key.toLowerCase() === "y") { event.preventDefault(); knockon.act({ do: "redo" }); }
      return;
    }
    if (event.metaKey) return;
    if (key === " ") { if (!pressable(target)) { event.preventDefault(); knockon.clock.toggle(); } return; }
    if (key === "ArrowLeft" || key === "ArrowRight" || key === "Home" || key === "End") return arrows(event);
    // on a phone, and at 200 %, the views are further down the page
    if (views[key]) { knockon.setView(views[key]); return document.getElementById("centre").scrollIntoView({ block: "nearest" }); }
    const run = KEYS[key.length === 1 ? key.toLowerCase() : key];
    // a key held down is pressed once
    if (run && !event.altKey) { event.preventDefault(); if (!event.repeat || "np".includes(key)) run(); }
  });

  function arrows(event) {
    const { target, key } = event, { clock } = knockon;
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
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); return; }
    if (document.getElementById("page")?.dataset.drawer) { const side = document.getElementById("page").dataset.drawer; knockon.drawer(side, false); document.getElementById(`${side}-drawer-button`)?.focus(); return; }
    if (typing(target)) return;
    knockon.setTool("pan");
    if (knockon.selection.length || knockon.openedLines()) knockon.select([], "keys");
  }

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open], details.layer-menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  // ------------------------------------------------------------- address
  const given = new URLSearchParams(location.search);
  let started = false;

  function writeAddress() {
    if (!started) return;
    const parts = [];
    const { scenario, clock, selection, map } = knockon;
    if (scenario && scenario.id) parts.push(`s=${encodeURIComponent(scenario.id)}`);
    if (clock.t > 0) parts.push(`t=${Math.round((clock.t / HOUR) * 1e7) / 1e7}`);
    if (selection.length && selection.length <= 40) parts.push(`sel=${selection.map(encodeURIComponent).join(",").replaceAll("%2F", "/")}`);
    const opened = knockon.openedLines();
    if (opened) parts.push(`${opened.kind === "line" ? "line" : "cause"}=${encodeURIComponent(opened.id).replaceAll("%2F", "/")}`);
    const view = document.getElementById("centre")?.dataset.view;
    if (view && view !== "map") parts.push(`view=${view}`);
    const exercise = knockon.exerciseAddress && knockon.exerciseAddress();
    if (exercise) parts.push(exercise);
    if (given.get("look") === "1") parts.push("look=1");
    if (map && moved) { const c = map.getCenter(); parts.push(`at=${c.lng.toFixed(5)},${c.lat.toFixed(5)},${map.getZoom().toFixed(2)}`); }
    const search = parts.length ? `?${parts.join("&")}` : "";
    if (search !== location.search) history.replaceState(history.state, "", location.pathname + search + location.hash);
  }
  let writing = 0, moved = given.has("at");
  const soon = () => { clearTimeout(writing); writing = setTimeout(writeAddress, 300); };
  for (const topic of ["clock", "selection", "opened", "view", "scenario", "exercise"]) knockon.on(topic, soon);
  knockon.on("map", (map) => map.on("moveend", (event) => { if (event.originalEvent) moved = true; soon(); }));

  knockon.on("picture", () => {
    if (started) return;
    started = true;
    const hour = Number(given.get("t"));
    if (Number.isFinite(hour) && hour > 0) knockon.clock.set(hour * HOUR);
    const ids = (given.get("sel") || "").split(",").filter(Boolean);
    if (ids.length) knockon.select(ids, "address");
    const named = given.get("line") || given.get("cause"), thing = named && knockon.things().find((one) => one.id === named);
    if (thing && thing.kind !== "asset") knockon.openLines(thing, !given.has("at"));
    settle();
  });

  /** `data-ready` on the page: the picture has come and the map, if there can be one, is drawn. */
  function settle() {
    if (started && (knockon.mapReady || knockon.last("mapless"))) knockon.ready("page", (page) => { page.dataset.ready = "1"; });
  }
  knockon.on("map", settle);
  knockon.on("mapless", settle);

  // ------------------------------------------------ title, saved, notices
  knockon.on("scenario", (scenario) => {
    const plain = scenario.plain || {};
    const events = (plain.events || []).length;
    knockon.ready("scenario-title", (title) => { title.textContent = scenario.title || plain.title || (events ? knockon.t("Untitled scenario") : knockon.t("Everything works")); });
    knockon.ready("saved-state", (saved) => { saved.textContent = scenario.id ? knockon.t("saved") : ""; saved.hidden = !scenario.id; });
  });

  // whoever starts finds the ready scenarios open; later they make room
  knockon.on("scenario", (scenario) => {
    const ready = document.querySelector("details.ready");
    if (ready) ready.open = !scenario.id;
  });

  knockon.on("message", (message) => knockon.ready("notices", (host) => {
    const error = message.kind !== "info";
    const notice = el("div", { class: `notice ${error ? "notice-error" : ""}`, role: error ? "alert" : "status" },
      el("p", {}, message.text),
      message.act ? el("button", { type: "button", class: "notice-act", onclick: () => { knockon.act(message.act.action); notice.remove(); } }, message.act.label) : null,
      el("button", { type: "button", "aria-label": knockon.t("Dismiss"), onclick: () => notice.remove() }, "×"));
    [...host.children].filter((one) => one.querySelector("p").textContent === message.text).forEach((one) => one.remove());
    host.append(notice);
    while (host.children.length > 3) host.firstChild.remove();
    if (message.waiting) pending = notice;
    // one that can still be acted on stays until it is
    else if (!error && !message.act) setTimeout(() => notice.remove(), 8000);
  }));

  // ------------------------------------------------------------- working
  let slow = 0, pending = null;
  knockon.on("asked", () => {
    clearTimeout(slow);
    slow = setTimeout(() => { root.dataset.busy = "1"; }, 250);
  });
  const done = () => { clearTimeout(slow); delete root.dataset.busy; if (pending) pending.remove(); pending = null; };
  knockon.on("picture", done);
  knockon.on("message", (message) => { if (!message.waiting) done(); });
})();
