/* Compare: two futures under one clock, or what one changes against the other, as marks on the map,
   a table and words. The work is the server's (api/leaving.py). */
(function () {
  "use strict";
  const knockon = window.knockon;
  const { el } = knockon;
  const { STATE, Course, hoursText, thousands } = knockon.time;

  /** Symbols drawn at most on one map, and rows of the list of assets. */
  const MOST_DRAWN = 3000, ROWS = 40, R = 8;
  /** What matters most is drawn last. */
  const GRAVITY = [STATE.UNKNOWN, STATE.RESTART, STATE.REPAIR, STATE.BACKUP, STATE.DEGRADED, STATE.LOST, STATE.STUCK, STATE.HIT];
  const KINDS = { saved: ["good-text", knockon.t("kept in B")], better: ["good-text", knockon.t("later or shorter in B")], worse: ["lost", knockon.t("earlier or longer in B")], lost: ["lost", knockon.t("lost in B only")] };

  let choices = [], picked = { a: null, b: null }, mode = "difference", told = null, asked = "", problem = "", number = 0;
  let courses = [null, null], pictures = [null, null], byHand = false, over = null, under = null;

  const visible = () => document.getElementById("centre")?.dataset.view === "compare";
  const shown = () => ({ scenario: knockon.scenario.id || null, rev: knockon.scenario.id ? knockon.scenario.rev : 0, at_ms: 0 });
  const part = (name) => document.querySelector(`[data-compare="${name}"]`);

  async function ask(path, body) {
    let response;
    try { response = await fetch(path, { method: "POST", cache: "no-store", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }); } catch { throw new Error(knockon.t("The server cannot be reached. Try again when the connection is back.")); }
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(answer.error || knockon.t("The server answered {status}.", { status: response.status }));
    return answer;
  }

  // ------------------------------------------------------------- asking
  /** Ask which futures there are, then for the two that are picked; a newer question drops an older one. */
  async function begin() {
    if (!knockon.world || !knockon.picture) return;
    const key = JSON.stringify(shown());
    if (asked === key && told) return;
    const mine = ++number;
    asked = key;
    try {
      const answer = await ask("/api/comparisons/choices", shown());
      if (mine !== number) return;
      choices = answer.choices;
      pick(answer.shown);
      await compare(mine);
    } catch (error) { if (mine === number) fail(error); }
  }

  /** Keep what somebody picked where it is still there; else the first other option and the one on show, or nothing done. */
  function pick(here) {
    const there = new Set(choices.map((one) => one.key)), options = choices.filter((one) => one.key.startsWith("option:")).map((one) => one.key);
    const other = options.find((key) => key !== here) || (there.has("bare") ? "bare" : "nothing");
    if (byHand && there.has(picked.a) && there.has(picked.b)) return fillPicks();
    byHand = false;
    picked = { a: other, b: here };
    fillPicks();
  }

  async function compare(mine) {
    problem = "";
    told = null;
    show();
    const rest = choices.map((one) => one.key).filter((key) => key.startsWith("option:") && key !== picked.a && key !== picked.b);
    const answer = await ask("/api/comparisons", { ...shown(), keys: [picked.a, picked.b, ...rest].slice(0, 6) });
    if (mine !== number) return;
    pictures = answer.pictures.map((picture) => knockon.columns.picture(picture));
    courses = pictures.map(() => new Course(knockon.world.assets.length, knockon.world.links.length));
    told = answer;
    show();
  }

  function fail(error) {
    told = null;
    asked = "";
    problem = error.message;
    show();
  }

  function fillPicks() {
    for (const which of ["a", "b"]) {
      const host = document.querySelector(`[data-compare-pick="${which}"]`);
      if (!host) continue;
      const groups = [...new Set(choices.map((one) => one.group))];
      const select = el("select", { "aria-label": knockon.t("Future {letter}", { letter: which.toUpperCase() }), onchange: (event) => repick(which, event.target.value) },
        ...groups.map((group) => el("optgroup", { label: group }, ...choices.filter((one) => one.group === group).map((one) => el("option", { value: one.key }, one.name)))));
      select.value = picked[which];
      host.replaceChildren(select);
    }
  }

  function repick(which, key) {
    byHand = true;
    const other = which === "a" ? "b" : "a";
    // whoever picks the same twice means to swap them
    if (picked[other] === key) picked[other] = picked[which];
    picked[which] = key;
    fillPicks();
    const mine = ++number;
    compare(mine).catch((error) => { if (mine === number) fail(error); });
  }

  // ------------------------------------------------------------ showing
  const nameOf = (which) => (choices.find((one) => one.key === picked[which]) || { name: "" }).name;

  function show() {
    const host = part("body");
    if (!host) return;
    if (problem) host.replaceChildren(el("p", { class: "problem", role: "alert" }, problem), el("button", { type: "button", onclick: () => begin() }, knockon.t("Try again")));
    else if (!told) host.replaceChildren(el("p", { class: "empty" }, knockon.t("Comparing…")));
    else host.replaceChildren(...body());
    part("status").textContent = problem || (told ? told.outcome[0] || "" : knockon.t("Comparing"));
    document.getElementById("centre")?.setAttribute("data-compared", told ? "1" : "");
    draw();
  }

  function body() {
    const changed = told.changed.length ? el("ul", { class: "compare-words" }, ...told.changed.slice(0, 12).map((text) => el("li", {}, text)), ...(told.changed.length > 12 ? [el("li", {}, knockon.tn("and {n} more", "and {n} more", told.changed.length - 12))] : [])) : el("p", { class: "empty" }, knockon.t("The same things happen in both."));
    return [
      el("h3", {}, knockon.t("What B changes")), el("ul", { class: "compare-words compare-outcome" }, ...told.outcome.map((text) => el("li", {}, text))),
      legend(),
      el("h3", {}, knockon.t("All options, up to {horizon}", { horizon: hoursText(told.horizon_ms) })), table(),
      el("h3", {}, knockon.t("What is different in B")), changed,
      ...(told.assets.length ? [el("h3", {}, knockon.t("Who fares differently ({n})", { n: thousands(told.assets.length) })), assets()] : [])];
  }

  const MARK = { best: [`▲ ${knockon.t("best")}`, "mark-best"], worst: [`▼ ${knockon.t("worst")}`, "mark-worst"] };

  function table() {
    const marks = new Map(told.marks.map(([r, c, mark]) => [`${r} ${c}`, mark])), letters = ["A", "B"];
    // a corner is no heading of anything
    const head = told.head.map((name, c) => el(c ? "th" : "td", { scope: c ? "col" : null }, c && letters[c - 1] ? el("b", {}, `${letters[c - 1]} `) : "", name));
    const rows = told.rows.map((row, r) => el("tr", {}, ...row.map((cell, c) => {
      const mark = MARK[marks.get(`${r} ${c}`)];
      return c ? el("td", {}, cell, mark ? el("span", { class: mark[1] }, mark[0]) : null) : el("th", { scope: "row" }, cell);
    })));
    return el("div", { class: "compare-scroll", tabindex: "0", role: "region", "aria-label": knockon.t("Table of all options") }, el("table", { class: "compare-table" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows)));
  }

  function assets() {
    const when = (t) => (t === null ? knockon.t("never") : t === 0 ? "0 h" : hoursText(t));
    return el("ul", { class: "compare-assets" }, ...told.assets.slice(0, ROWS).map((one) => {
      const asset = knockon.world.assets[one.a], saved = one.person_hours;
      const people = { n: thousands(Math.abs(saved)) }, hours = { n: knockon.number(Math.abs(one.hours), 1) };
      const gain = saved > 0 ? knockon.t("saves {n} person-h", people) : saved < 0 ? knockon.t("costs {n} person-h", people) : one.hours >= 0 ? knockon.t("{n} h less", hours) : knockon.t("+{n} h more", hours);
      return el("li", {}, markOf(one.kind, 14), el("button", { type: "button", class: "link", "data-select": asset.id }, asset.name), el("small", {}, knockon.t("lost A {a}, B {b} · {gain}", { a: when(one.first_a), b: when(one.first_b), gain })));
    }));
  }

  function legend() {
    const there = Object.keys(KINDS).filter((kind) => told.counts[kind]);
    const acts = told.acts[0].length + told.acts[1].length;
    return el("div", { class: "compare-legend" }, ...there.map((kind) => el("span", { class: "legend-item" }, markOf(kind, 16), `${KINDS[kind][1]} (${thousands(told.counts[kind])})`)),
      ...(acts ? [el("span", { class: "legend-item" }, markOf("act", 16), knockon.t("measure, supply or repair"))] : []));
  }

  // ------------------------------------------------------------ drawing
  /** A gain points up and is green, a loss down and red; filled where it is all or nothing. */
  function mark(pen, kind, x, y, r) {
    if (kind === "act") return act(pen, x, y, r);
    const up = kind === "saved" || kind === "better" ? -1 : 1, full = kind === "saved" || kind === "lost";
    const colour = knockon.colour(KINDS[kind][0]);
    pen.beginPath();
    pen.moveTo(x, y + up * r); pen.lineTo(x + r * 0.95, y - up * r * 0.75); pen.lineTo(x - r * 0.95, y - up * r * 0.75);
    pen.closePath();
    pen.fillStyle = full ? colour : knockon.colour("plate"); pen.strokeStyle = full ? knockon.colour("plate") : colour;
    pen.lineWidth = full ? 1.2 : 2; pen.lineJoin = "round";
    pen.fill(); pen.stroke();
  }

  function act(pen, x, y, r) {
    pen.beginPath(); pen.moveTo(x, y - r); pen.lineTo(x + r, y); pen.lineTo(x, y + r); pen.lineTo(x - r, y); pen.closePath();
    pen.fillStyle = knockon.colour("accent"); pen.fill();
    pen.strokeStyle = knockon.colour("plate"); pen.lineWidth = 1; pen.stroke();
    pen.lineWidth = Math.max(1.6, r / 5); pen.beginPath(); pen.moveTo(x - r / 2, y); pen.lineTo(x + r / 2, y); pen.moveTo(x, y - r / 2); pen.lineTo(x, y + r / 2); pen.stroke();
  }

  function markOf(kind, px) {
    const canvas = el("canvas", { class: "mark", "aria-hidden": "true" });
    canvas.redraw = () => {
      const scale = Math.max(1, devicePixelRatio || 1), pen = canvas.getContext("2d");
      canvas.width = canvas.height = Math.round(px * scale);
      canvas.style.width = canvas.style.height = `${px}px`;
      pen.scale(scale, scale);
      mark(pen, kind, px / 2, px / 2, px * 0.44);
    };
    canvas.redraw();
    return canvas;
  }

  function sheet(canvas, w, h) {
    const scale = Math.max(1, devicePixelRatio || 1), pen = canvas.getContext("2d");
    canvas.width = Math.round(w * scale); canvas.height = Math.round(h * scale);
    canvas.style.width = `${w}px`; canvas.style.height = `${h}px`;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    return pen;
  }

  function draw() {
    const { map } = knockon;
    if (!map || !knockon.mapReady) return;
    if (!over) attach(map);
    const box = map.getContainer(), w = box.clientWidth, h = box.clientHeight, on = visible() && told;
    const pen = sheet(over, on ? w : 1, on ? h : 1);
    under.hidden = !on || mode !== "side";
    if (!on) return;
    if (mode === "difference") return drawDifference(pen, w, h);
    courses.forEach((course, n) => course.moveTo(pictures[n], knockon.clock.t));
    drawFuture(pen, 0, w, h);
    title(pen, "A", nameOf("a"), w, h - 30);
    const low = sheet(under, w, h);
    low.drawImage(ground, 0, 0, w, h);
    drawFuture(low, 1, w, h);
    title(low, "B", nameOf("b"), w, 8);
  }

  /** The map and its names, kept for B: only within its own frame can the map's canvas be read. */
  const ground = document.createElement("canvas");
  function grab() {
    if (visible() && told && mode === "side") {
      const { map } = knockon, of = map.getCanvas(), pen = ground.getContext("2d");
      ground.width = of.width; ground.height = of.height;
      pen.drawImage(of, 0, 0);
      // assets as dots, then the names of places
      for (const one of map.getContainer().querySelectorAll("canvas.map-sheet, canvas.symbols:not(.compare-sheet):not(.weak-rings)")) pen.drawImage(one, 0, 0, ground.width, ground.height);
    }
    draw();
  }

  const place = (i) => { const a = knockon.world.assets[i]; return knockon.map.project([a.lon, a.lat]); };

  function drawFuture(pen, n, w, h) {
    const { state } = courses[n], seen = knockon.inSight(), found = [], taken = new Set();
    for (let i = 0; i < state.length; i++) if (state[i] !== STATE.WORKING && seen[i]) found.push(i);
    const weight = (i) => GRAVITY.indexOf(state[i]) * 1e8 + knockon.world.columns.people[i];
    knockon.paintLines(pen, courses[n].link, knockon.onScreen(), { w, h });
    found.sort((a, b) => weight(b) - weight(a));
    const drawn = [];
    for (const i of found) {
      const p = place(i), key = `${Math.round(p.x / 7)} ${Math.round(p.y / 7)}`;
      if (p.x < -R || p.y < -R || p.x > w + R || p.y > h + R || taken.has(key)) continue;
      taken.add(key);
      drawn.push([i, p]);
      if (drawn.length >= MOST_DRAWN) break;
    }
    for (const [i, p] of drawn.reverse()) {
      const sign = knockon.symbol(state[i], R < 7.5 ? null : knockon.iconOf(knockon.world.assets[i]), R, 8, knockon.world.assets[i].origin === "assumption");
      pen.drawImage(sign, p.x - sign.half, p.y - sign.half, 2 * sign.half, 2 * sign.half);
    }
    for (const one of told.acts[n]) if (one.t <= knockon.clock.t) { const p = place(one.a); act(pen, p.x + R, p.y - R, 8); }
  }

  function drawDifference(pen, w, h) {
    const most = Math.max(1, ...told.assets.map((one) => Math.abs(one.person_hours)));
    for (const one of told.assets.slice(0, MOST_DRAWN).reverse()) {
      const p = place(one.a);
      if (p.x < -30 || p.y < -30 || p.x > w + 30 || p.y > h + 30) continue;
      mark(pen, one.kind, p.x, p.y, 5 + 17 * Math.sqrt(Math.abs(one.person_hours) / most));
    }
    for (const one of told.acts[1]) { const p = place(one.a); act(pen, p.x + 9, p.y - 9, 9); }
    // above who made the map
    if (!told.assets.length) title(pen, "", knockon.t("Nothing fares differently"), w, h - 64);
  }

  function title(pen, letter, text, w, y) {
    pen.font = "650 14px system-ui, sans-serif"; pen.textBaseline = "middle"; pen.textAlign = "left";
    let said = letter ? `${letter} · ${text}` : text;
    while (said.length > 4 && pen.measureText(said).width > w - 40) said = `${said.slice(0, -2).trimEnd()}…`;
    const wide = pen.measureText(said).width + 20;
    pen.fillStyle = knockon.colour("plate"); pen.globalAlpha = 0.94; pen.beginPath(); pen.roundRect(10, y, wide, 24, 6); pen.fill(); pen.globalAlpha = 1;
    pen.fillStyle = knockon.colour("ink"); pen.fillText(said, 20, y + 12.5);
  }

  function attach(map) {
    over = el("canvas", { class: "symbols compare-sheet", "aria-hidden": "true" });
    map.getCanvasContainer().append(over);
    under = el("canvas", { class: "compare-under", "aria-hidden": "true", hidden: true });
    map.getContainer().parentElement.append(under);
    map.on("render", grab);
    let from = null;
    under.addEventListener("pointerdown", (event) => { from = [event.clientX, event.clientY]; under.setPointerCapture(event.pointerId); });
    under.addEventListener("pointermove", (event) => { if (!from) return; map.panBy([from[0] - event.clientX, from[1] - event.clientY], { duration: 0 }); from = [event.clientX, event.clientY]; });
    under.addEventListener("pointerup", () => { from = null; });
    under.addEventListener("wheel", (event) => { event.preventDefault(); map.zoomTo(map.getZoom() - event.deltaY / 400, { duration: 0 }); }, { passive: false });
  }

  // ------------------------------------------------------------- wiring
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-compare-mode]");
    if (!button) return;
    mode = button.dataset.compareMode;
    for (const one of button.parentElement.children) one.setAttribute("aria-pressed", String(one === button));
    lay();
  });

  function lay() {
    document.getElementById("centre")?.setAttribute("data-compare-mode", mode);
    knockon.emit("layout", null);
    requestAnimationFrame(() => { knockon.map && knockon.map.resize(); draw(); knockon.map && knockon.map.triggerRepaint(); });
  }

  /** In words: what an asset is in A and in B, while both are on show. */
  const alone = knockon.stateWords;
  knockon.stateWords = function (i) {
    if (!visible() || !told || mode !== "side") return alone(i);
    return courses.map((course, n) => `${"AB"[n]}: ${knockon.states[course.state[i]].label}`).join(" · ");
  };

  knockon.on("view", () => {
    knockon.setQuiet(visible());
    if (visible()) { lay(); begin(); } else draw();
  });
  knockon.on("picture", () => { if (visible()) begin(); });
  knockon.on("scenario", () => { if (visible()) begin(); });
  knockon.on("clock", () => { if (visible() && mode === "side" && knockon.map) { draw(); knockon.map.triggerRepaint(); } });
  knockon.on("theme", draw);
  // later than the map's own listeners: names of places are drawn before they are copied
  knockon.on("map", () => setTimeout(() => { knockon.setQuiet(visible()); draw(); }));

  /** For tests: what is compared and what is drawn. */
  knockon.compared = () => told && { keys: told.keys, mode, assets: told.assets.length, counts: told.counts, states: courses.map((course) => Array.from(course.state)) };
})();
