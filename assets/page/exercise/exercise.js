/* The exercise view: which exercise or run is open, news of it, and the pane that is drawn anew.
   57 designs, 58 runs, 59 predicts and reveals. The server is api/exercises.py. */
(function () {
  "use strict";
  const knockon = window.knockon;
  const { el } = knockon;

  const POLL_MS = 1500, POLL_HIDDEN_MS = 4000;
  const PLANS = "/api/exercises", RUNS = "/api/runs";
  const given = new URLSearchParams(location.search);

  const KINDS = [["message", knockon.tp("inject", "Message"), "M4 5h16v11H9l-5 4z"], ["knock_out", knockon.tp("inject", "Knock-out"), "M13 2 5 14h6l-1 8 9-13h-6z"],
    ["repair", knockon.tp("inject", "Repair"), "M20 6a5 5 0 0 1-7 5l-7 8-3-3 8-7a5 5 0 0 1 6-6l-3 3 3 3z"], ["supply", knockon.tp("inject", "Supply"), "M3 7h11v9H3zM14 10h4l3 3v3h-7zM7 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM17 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4z"],
    ["status_report", knockon.tp("inject", "Status report"), "M4 20V10M10 20V4M16 20v-8M21 20H3"], ["question", knockon.tp("inject", "Question"), "M8 9a4 4 0 1 1 5 4c-1 .5-1 1-1 2M12 19v.5"]];

  /** What the view holds: a plan that is designed, or a run; `room`: as the room sees it. */
  const X = (knockon.exercise = {
    list: null, plan: null, run: null, room: given.get("room") === "1", came: 0, chosen: null, drafts: new Map(), problem: "",
    PLANS, RUNS, KINDS,
    kindWord: (kind) => (KINDS.find(([name]) => name === kind) || [kind, kind])[1],
    visible: () => document.getElementById("centre")?.dataset.view === "exercise",
    body: () => document.querySelector('[data-exercise="body"]'),
    clock: () => (X.run ? X.run.clock_ms + (X.run.phase === "running" ? Date.now() - X.came : 0) : 0),
    minute: (min) => { const m = Math.floor(min + 1e-9); return `${Math.floor(m / 60)}:${String(m % 60).padStart(2, "0")}`; },
    line: (id) => { const k = knockon.world ? knockon.world.linkIndex.get(id) : undefined; return k === undefined ? id : knockon.lineName(k); },
    asset: (id) => { const i = knockon.world ? knockon.world.index.get(id) : undefined; return i === undefined ? id : knockon.world.assets[i].name; },
    hours: (h) => knockon.time.hoursText(Math.round(h * knockon.time.HOUR)),
  });

  X.icon = function (kind) {
    const [, word, path] = KINDS.find(([name]) => name === kind) || KINDS[0];
    return knockon.svg("svg", { viewBox: "0 0 24 24", class: "icon ex-icon", role: "img", "aria-label": word },
      knockon.svg("path", { d: path, fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round" }));
  };

  X.ask = async function (method, path, body) {
    let response;
    try {
      response = await fetch(path, { method, cache: "no-store", ...(body ? { headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {}) });
    } catch { throw new Error(knockon.t("The server cannot be reached. Try again when the connection is back.")); }
    const told = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(told.error || knockon.t("The server answered {status}.", { status: response.status }));
    return told;
  };

  /** Do something and say what went wrong, if it did; what is on the page stays. */
  X.attempt = async function (work) {
    try { await work(); X.problem = ""; } catch (error) { X.problem = error.message; }
    X.draw();
  };

  // ---------------------------------------------------------------- drawing
  /** A form field that keeps what was typed while the pane is drawn anew. */
  X.field = function (tag, key, attributes, ...children) {
    const held = X.drafts.get(key), node = el(tag, { "data-key": key, ...attributes }, ...children);
    if (held !== undefined) node.value = held; else if (attributes && attributes.value !== undefined) node.value = attributes.value;
    node.addEventListener("input", () => X.drafts.set(key, node.value));
    return node;
  };
  /** Something that opens: noted at the click, as the pane may be drawn anew before it has opened. */
  X.fold = function (key, title, ...children) {
    const details = el("details", { class: "settings", open: X.drafts.get(key) === "1" },
      el("summary", { "data-key": key, onclick: () => X.drafts.set(key, details.open ? "" : "1") }, title), ...children);
    return details;
  };
  X.typed = (key) => (X.drafts.get(key) || "").trim();
  X.forget = (...keys) => keys.forEach((key) => X.drafts.delete(key));
  X.button = (text, onclick, attributes) => el("button", { type: "button", onclick, ...attributes }, text);

  X.draw = function () {
    const host = X.body();
    if (!host || !X.visible()) return;
    const here = host.contains(document.activeElement) ? document.activeElement : null, key = here && here.dataset.key;
    const at = here && "selectionStart" in here ? [here.selectionStart, here.selectionEnd] : null, top = host.scrollTop;
    host.replaceChildren(...(X.problem ? [el("p", { class: "problem ex-problem", role: "alert" }, X.problem, " ", X.button(knockon.t("Dismiss"), () => { X.problem = ""; X.draw(); }, { class: "link" }))] : []),
      ...(X.run ? X.runParts() : X.plan ? X.planParts() : listParts()));
    host.scrollTop = top;
    const again = key && host.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (again) { again.focus({ preventScroll: true }); if (at && again.setSelectionRange && again.type !== "number") try { again.setSelectionRange(...at); } catch { /* no text */ } }
    X.drawn();
  };
  X.drawn = () => {};

  function listParts() {
    if (!X.list) return [el("h2", {}, knockon.t("Exercise")), el("p", { class: "empty" }, knockon.t("Looking what there is…"))];
    const { leads, ready, plans, runs } = X.list;
    const entry = (title, more, ...buttons) => el("li", { class: "ex-entry" }, el("div", {}, el("b", {}, title), more ? el("p", { class: "fine-print" }, more) : null), el("div", { class: "ex-buttons" }, ...buttons));
    const day = (iso) => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
    return [
      el("h2", {}, knockon.t("Exercise")),
      el("p", { class: "fine-print" }, leads ? knockon.t("Timed injects on this region: design them, run them, let people predict, reveal, debrief. Two ready ones run as they are.") : knockon.t("When your facilitator has started an exercise, it is listed here.")),
      ...(runs.length ? [el("h3", {}, knockon.t("Going on, and past")), el("ul", { class: "ex-list" }, ...runs.map((one) => entry(one.title, knockon.t("begun {day}", { day: day(one.created) }), X.button(knockon.t("Open"), () => X.openRun(one.id), { "data-key": `run-${one.id}`, class: "primary" }))))] : []),
      ...(!leads && !runs.length ? [el("p", { class: "empty" }, knockon.t("None yet."))] : []),
      ...(leads ? [
        el("h3", {}, knockon.t("Ready exercises")),
        ...(ready.length ? [el("ul", { class: "ex-list" }, ...ready.map((one) => entry(one.title, `${one.about} ${knockon.tn("{n} inject, {hours} h.", "{n} injects, {hours} h.", one.injects, { hours: X.minute(one.minutes) })}`, X.button(knockon.tp("exercise", "Use"), () => begin({ ready: one.name }), { "data-key": `ready-${one.name}`, class: "primary" }))))] : [el("p", { class: "empty" }, knockon.t("None come with this region."))]),
        el("h3", {}, knockon.t("Your exercises")),
        plans.length
          ? el("ul", { class: "ex-list" }, ...plans.map((one) => entry(one.title, knockon.t("of {day}", { day: day(one.created) }), X.button(knockon.t("Open"), () => X.openPlan(one.id), { "data-key": `plan-${one.id}` }))))
          : el("p", { class: "fine-print" }, knockon.t("None yet. Begin a new one, open a file, or use a ready one: it becomes yours to change.")),
        el("div", { class: "ex-buttons" }, X.button(knockon.t("New exercise"), () => begin({}), { "data-key": "new-exercise" }), filePicker()),
      ] : []),
    ];
  }

  function filePicker() {
    const input = el("input", { type: "file", accept: ".json,application/json", class: "sr-only", tabindex: "-1", "aria-hidden": "true", onchange: () => X.attempt(async () => {
      let plan;
      try { plan = JSON.parse(await input.files[0].text()); } catch { throw new Error(knockon.t("This file is no exercise: it is not JSON. Choose one that was saved here.")); }
      await begun({ plan });
    }) });
    return el("span", {}, X.button(knockon.t("Open a file…"), () => input.click(), { "data-key": "open-file" }), input);
  }

  const begin = (what) => X.attempt(() => begun(what));
  async function begun(what) { take({ plan: await X.ask("POST", PLANS, what) }); }

  // ------------------------------------------------------------ what is open
  let polling = 0;
  function take(open) {
    clearTimeout(polling);
    X.plan = open.plan || null; X.run = null; X.chosen = null; X.drafts.clear();
    if (open.run) { takeRun(open.run); poll(); }
    knockon.emit("exercise", X);
    X.draw();
  }

  X.openPlan = (id) => X.attempt(async () => take({ plan: await X.ask("GET", `${PLANS}/${id}`) }));
  X.openRun = (id) => X.attempt(async () => take({ run: await X.ask("GET", `${RUNS}/${id}?${X.room ? "room=1" : ""}`) }));
  X.startRun = () => X.attempt(async () => take({ run: await X.ask("POST", `${PLANS}/${X.plan.id}/runs`, {}) }));
  X.leave = () => { take({}); return look(); };
  const look = () => X.attempt(async () => { X.list = await X.ask("GET", PLANS); });

  /** Change the plan: one step, that can be undone. */
  X.change = (command) => X.attempt(async () => {
    try { X.plan = await X.ask("POST", `${PLANS}/${X.plan.id}`, { base: X.plan.rev, change: command }); } catch (error) {
      // somebody else may have changed it: show what stands
      X.plan = await X.ask("GET", `${PLANS}/${X.plan.id}`).catch(() => X.plan);
      throw error;
    }
  });

  /** Do something in the run. */
  X.act = (command) => X.attempt(async () => takeRun(await X.ask("POST", `${RUNS}/${X.run.id}${X.room ? "?room=1" : ""}`, command)));

  // ------------------------------------------------------------------- news
  function takeRun(told) {
    X.came = Date.now();
    const before = X.run;
    X.run = told.same ? { ...before, ...told } : told;
    if (!told.same) followScenario(before);
  }

  /** The map shows the run's scenario, up to what the room knows; others changed it, or a rewind did. */
  function followScenario(before) {
    const { scenario, rev, known_h: known } = X.run;
    if (!scenario) return;
    const news = !before || before.known_h !== known, other = knockon.scenario.id !== scenario;
    const held = !X.run.leads && news;
    if (other || knockon.scenario.rev < rev || held) knockon.openScenario(scenario);
    if ((news || other) && known > 0) afterPicture(other || held, () => knockon.clock.set(known * knockon.time.HOUR));
  }

  /** The room's window belongs to a facilitator, whom the server tells all: so it is cut here. */
  if (X.room) {
    document.documentElement.dataset.room = "1";
    knockon.limited = function (picture) {
      const until = Math.max(60000, Math.round((X.run ? X.run.known_h : 0) * knockon.time.HOUR));
      if (until >= picture.horizon_ms || (X.run && X.run.phase === "ended")) return picture;
      const losses = picture.losses.filter((loss) => loss.t <= until);
      return { ...picture, horizon_ms: until, losses, lossTimes: picture.lossTimes.filter((t) => t <= until) };
    };
  }

  let waiting = null;
  function afterPicture(wait, run) { waiting = run; if (!wait) { run(); } }
  knockon.on("picture", () => { if (waiting && X.run && knockon.scenario.id === X.run.scenario) { const run = waiting; waiting = null; run(); } });

  async function poll() {
    clearTimeout(polling);
    const mine = X.run;
    if (!mine) return;
    try {
      const told = await X.ask("GET", `${RUNS}/${mine.id}?line=${mine.line}&rev=${mine.rev}${X.room ? "&room=1" : ""}`);
      if (X.run && X.run.id === told.id && told.line >= X.run.line) {
        const changed = !told.same || JSON.stringify(told.holds) !== JSON.stringify(X.run.holds) || told.phase !== X.run.phase;
        takeRun(told);
        if (changed) X.draw();
      }
    } catch { /* the page says that the connection is lost */ }
    polling = setTimeout(poll, X.visible() ? POLL_MS : POLL_HIDDEN_MS);
  }
  // whoever brings news faster than asking for it may say so here
  knockon.on("exercise-news", () => poll());

  const id = (name) => (/^[\w-]{1,64}$/.test(given.get(name) || "") ? given.get(name) : "");
  // until what the address names has come, it stays in the address
  const asked = ["run", "plan"].filter(id).map((name) => `${name}=${id(name)}`)[0] || "";
  knockon.exerciseAddress = () => (!X.started ? asked + (asked && X.room ? "&room=1" : "") : X.run ? `run=${X.run.id}${X.room ? "&room=1" : ""}` : X.plan ? `plan=${X.plan.id}` : "");

  let begunOnce = false;
  knockon.on("view", () => { if (!X.visible()) return X.drawn(); if (!X.run && !X.plan && !X.list) look(); X.draw(); });
  knockon.on("picture", () => {
    if (begunOnce) return;
    begunOnce = true;
    const opening = id("run") ? X.openRun(id("run")) : id("plan") ? X.openPlan(id("plan")) : Promise.resolve();
    opening.finally(() => { X.started = true; });
  });
})();
