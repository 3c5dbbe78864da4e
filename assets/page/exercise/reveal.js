/* Predict, then reveal: marks made on the map or by search, and what became of them, as shapes. */
(function () {
  "use strict";
  const knockon = window.knockon, X = knockon.exercise;
  const { el } = knockon;
  const { thousands } = knockon.time;

  const key = (name) => ({ "data-key": name });
  /** How each verdict looks: word, glyph, colour token. Shape first, colour second. */
  const LOOK = { hit: [knockon.tp("prediction", "Hit"), "✔", "good-text"], near: [knockon.t("Right asset, other time"), "◑", "degraded"], miss: [knockon.t("Did not fail"), "✕", "unknown-text"], surprise: [knockon.t("Surprise"), "▲", "lost"] };
  const COUNTED = { hit: (n) => (n === 1 ? knockon.tp("prediction", "hit") : knockon.tp("prediction", "hits")), near: (n) => knockon.tn("right asset, other time", "right asset, other time", n), miss: (n) => knockon.tn("did not fail", "did not fail", n), surprise: (n) => knockon.tn("surprise", "surprises", n) };
  /** Marks of the prediction that is open, before they are handed in: asset → band. */
  let marks = new Map(), of = "", shown = "";

  const open = () => X.run && X.run.predictions.find((one) => !one.reveal);
  const done = () => (X.run ? X.run.predictions.filter((one) => one.reveal) : []);
  const bands = (one) => one.ends_h.map((end, n) => `${X.hours(n ? one.ends_h[n - 1] : one.from_h)} – ${X.hours(end)}`);

  X.predictionPart = function (run) {
    const now = open(), past = done();
    return el("section", { class: "ex-predict", "aria-label": knockon.t("Predictions") }, ...(now ? [asked(now, run)] : run.leads && run.phase !== "ended" ? [opening()] : []), ...(past.length ? [revealed(past)] : []));
  };

  // ----------------------------------------------------------------- opening
  function opening() {
    const send = () => X.act({ do: "ask", from_h: Number(X.drafts.get("ask-from") ?? knockon.hour()), bands_h: (X.drafts.get("ask-bands") ?? "2, 6, 12").split(/[,;\s]+/).filter(Boolean).map(Number) });
    return X.fold("fold-ask", knockon.t("Ask what fails next"),
      el("div", { class: "ex-form" }, el("label", { class: "ex-line" }, el("span", {}, knockon.t("From hour of the cascade")), X.field("input", "ask-from", { type: "number", min: 0, step: 0.25, class: "short", value: String(knockon.hour()) })),
        el("label", { class: "ex-line" }, el("span", {}, knockon.t("Time bands end after … hours")), X.field("input", "ask-bands", { value: "2, 6, 12" })), X.button(knockon.t("Open the prediction"), send, key("ask"))));
  }

  // -------------------------------------------------------------- predicting
  function asked(one, run) {
    if (of !== `${run.id}/${run.take}/${one.id}`) { of = `${run.id}/${run.take}/${one.id}`; marks = new Map(Object.entries(Object.values(one.mine)[0] || {})); }
    const names = bands(one), selected = knockon.selection.slice(0, 3), counted = knockon.tn("{n} prediction is in", "{n} predictions are in", one.in);
    const form = [
      el("p", {}, knockon.t("What fails between {from} and {to} on the cascade's clock, and when? Click an asset on the map, or find it (key /), then choose the time.", { from: X.hours(one.from_h), to: X.hours(one.ends_h[one.ends_h.length - 1]) })),
      selected.length ? el("ul", { class: "ex-marking" }, ...selected.map((id) => el("li", {}, el("b", {}, X.asset(id)), el("div", { class: "segments", role: "group", "aria-label": knockon.t("When {name} fails", { name: X.asset(id) }) },
        ...names.map((name, n) => X.button(name, () => mark(id, n), { ...key(`band-${id}-${n}`), "aria-pressed": String(marks.get(id) === n) })))))) : el("p", { class: "empty" }, knockon.t("Nothing is selected.")),
      el("ol", { class: "ex-marks" }, ...[...marks].sort((a, b) => a[1] - b[1]).map(([id, band]) => el("li", {}, el("span", { class: "ex-band" }, names[band] || ""), X.button(X.asset(id), () => knockon.select([id], "panel"), { class: "link", ...key(`see-${id}`) }), X.button("×", () => mark(id, null), { class: "quiet", "aria-label": knockon.t("Unmark {name}", { name: X.asset(id) }), ...key(`unmark-${id}`) })))),
      el("div", { class: "ex-say" }, X.field("input", "table", { placeholder: knockon.t("Name of your table"), maxlength: 60, "aria-label": knockon.t("Name of your table") }), X.button(Object.keys(one.mine).length && !run.leads ? knockon.t("Hand in again") : knockon.t("Hand in"), () => handIn(one, run), { class: "primary", disabled: !marks.size, ...key("hand-in") })),
      Object.keys(one.mine).length ? el("p", { class: "fine-print" }, knockon.t("Handed in for {who}. Nobody sees it before the reveal.", { who: Object.keys(one.mine).join(", ") })) : null,
    ];
    return el("div", { class: "ex-open" }, el("h3", {}, one.title), el("p", { class: "fine-print", role: "status" }, `${counted}. `, run.leads ? knockon.t("Not even you see them before the reveal.") : ""),
      run.leads ? X.button(knockon.t("Reveal"), () => { shown = one.id; X.act({ do: "reveal", id: one.id }); }, { class: "primary", ...key("reveal") }) : null,
      ...(run.leads ? [X.fold("fold-table", knockon.t("Hand in for a table in the room"), el("div", {}, ...form.filter(Boolean)))] : form.filter(Boolean)));
  }

  async function handIn(one, run) {
    await X.act({ do: "predict", id: one.id, marks: Object.fromEntries(marks), name: X.typed("table") });
    // whoever writes for the tables goes on with the next one
    if (run.leads && !X.problem) { marks = new Map(); X.forget("table"); X.draw(); }
  }

  function mark(id, band) {
    if (band === null || marks.get(id) === band) marks.delete(id); else marks.set(id, band);
    X.draw();
  }

  knockon.on("selection", () => { if (open() && X.visible()) X.draw(); });

  // --------------------------------------------------------------- revealing
  function revealed(past) {
    const one = past.find((other) => other.id === shown) || past[past.length - 1], { judged, scores, discussion } = one.reveal, names = bands(one);
    const of = (verdict) => judged.filter((other) => other.verdict === verdict);
    return el("div", { class: "ex-reveal" }, el("h3", {}, knockon.t("Reveal: {title}", one)),
      past.length > 1 ? el("div", { class: "segments", role: "group", "aria-label": knockon.t("Which prediction") }, ...past.map((other, n) => X.button(`${n + 1}`, () => { shown = other.id; X.draw(); }, { ...key(`reveal-${n}`), title: other.title, "aria-pressed": String(other === one) }))) : null,
      el("ul", { class: "ex-verdicts" }, ...Object.entries(LOOK).map(([verdict, [, glyph, token]]) => el("li", {}, el("span", { class: "ex-glyph", style: `color:var(--${token})`, "aria-hidden": "true" }, glyph), el("b", {}, String(of(verdict).length)), ` ${COUNTED[verdict](of(verdict).length)}`))),
      scores.length ? el("table", { class: "ex-scores" }, el("thead", {}, el("tr", {}, ...[knockon.tp("room", "Table"), knockon.t("Hits"), knockon.t("Other time"), knockon.t("Did not fail"), knockon.t("Missed")].map((word) => el("th", { scope: "col" }, word)))), el("tbody", {}, ...scores.map((score) => el("tr", {}, el("th", { scope: "row" }, score.by), ...[score.hits, score.near, score.misses, score.surprises].map((n) => el("td", {}, String(n))))))) : el("p", { class: "empty" }, knockon.t("Nobody had handed in a prediction.")),
      el("h3", {}, knockon.t("To discuss")),
      discussion.length ? el("ol", { class: "ex-discuss" }, ...discussion.map((other, n) => el("li", {}, glyphOf(other.verdict), X.button(X.asset(other.asset), () => { knockon.select([other.asset], "panel"); if (other.at_h !== null) knockon.clock.set(other.at_h * knockon.time.HOUR); }, { class: "link", ...key(`discuss-${n}`) }), el("small", {}, why(other))))) : el("p", { class: "empty" }, knockon.t("The room agreed, and nothing surprised it.")),
      X.fold("fold-judged", knockon.tn("All {n} assets", "All {n} assets", judged.length),
        el("ol", { class: "ex-discuss" }, ...judged.slice(0, 300).map((other) => el("li", {}, glyphOf(other.verdict), el("span", {}, X.asset(other.asset)), el("small", {}, other.at_h === null ? knockon.t("stands") : `${X.hours(other.at_h)}, ${names[other.band]}`))))));
  }

  function glyphOf(verdict) {
    const [word, glyph, token] = LOOK[verdict];
    return el("span", { class: "ex-glyph", style: `color:var(--${token})`, role: "img", "aria-label": word, title: word }, glyph);
  }

  function why(one) {
    if (one.verdict === "surprise") return one.person_hours ? knockon.t("Nobody expected it: fails at {at}, {n} person-hours.", { at: X.hours(one.at_h), n: thousands(one.person_hours) }) : knockon.t("Nobody expected it: fails at {at}.", { at: X.hours(one.at_h) });
    return one.at_h === null ? knockon.t("The tables did not agree; it stands.") : knockon.t("The tables did not agree; it fails at {at}.", { at: X.hours(one.at_h) });
  }

  // ------------------------------------------------------------------ on the map
  let canvas = null;
  X.drawn = function () {
    const map = knockon.map;
    if (!map || !knockon.mapReady) return;
    if (!canvas) {
      canvas = el("canvas", { class: "symbols ex-overlay", "aria-hidden": "true" });
      map.getCanvasContainer().append(canvas);
      map.on("render", X.drawn);
    }
    lookAtReveal();
    const spots = X.visible() && X.run ? onMap() : [];
    if (!spots.length) { if (canvas.width !== 1) canvas.width = canvas.height = 1; return; }
    const { pen, w, h } = knockon.emptied(canvas, map);
    for (const [i, what] of spots) {
      const a = knockon.world.assets[i], p = map.project([a.lon, a.lat]);
      if (p.x > -30 && p.y > -30 && p.x < w + 30 && p.y < h + 30) stamp(pen, p, what);
    }
  };

  /** Show all of a reveal that has just come; who moves the map after that is left alone. */
  let looked = "";
  knockon.on("picture", lookAtReveal);
  function lookAtReveal() {
    const past = done(), one = past[past.length - 1], name = one && `${X.run.id}/${X.run.take}/${one.id}`;
    if (!one || looked === name || !knockon.map || !X.visible()) return;
    looked = name;
    const spots = onMap().map(([i]) => knockon.world.assets[i]);
    if (!spots.length) return;
    const lons = spots.map((a) => a.lon), lats = spots.map((a) => a.lat);
    knockon.map.fitBounds([[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]], { padding: knockon.mapRoom, maxZoom: 13, animate: knockon.motion() });
  }

  /** Return (asset index, band or verdict) of what is drawn: marks while predicting, verdicts after. */
  function onMap() {
    const now = open(), past = done(), index = (id) => knockon.world.index.get(id);
    if (now) return [...marks].map(([id, band]) => [index(id), band]).filter(([i]) => i !== undefined);
    const one = past.find((other) => other.id === shown) || past[past.length - 1];
    if (!one) return [];
    const talked = new Set(one.reveal.discussion.map((other) => other.asset));
    // all that was marked, and the surprises that are to be discussed: hundreds of shapes say nothing
    return one.reveal.judged.filter((other) => other.marks.length || talked.has(other.asset)).map((other) => [index(other.asset), other.verdict]).filter(([i]) => i !== undefined).reverse();
  }

  function stamp(pen, p, what) {
    const colour = (token) => knockon.colour(token), plate = colour("plate");
    pen.lineJoin = "round"; pen.lineWidth = 3; pen.strokeStyle = plate;
    const path = (...points) => { pen.beginPath(); points.forEach(([x, y], n) => (n ? pen.lineTo(p.x + x, p.y + y) : pen.moveTo(p.x + x, p.y + y))); };
    const disc = (r, from = 0, to = 7) => { pen.beginPath(); pen.arc(p.x, p.y, r, from, to); };
    if (typeof what === "number") {
      pen.fillStyle = colour("accent"); disc(12); pen.stroke(); pen.fill();
      pen.fillStyle = colour("on-accent"); pen.font = "700 13px system-ui, sans-serif"; pen.textAlign = "center"; pen.textBaseline = "middle"; pen.fillText(String(what + 1), p.x, p.y + 0.5);
    } else if (what === "hit") {
      pen.fillStyle = colour("good-text"); disc(12); pen.stroke(); pen.fill();
      pen.strokeStyle = plate; path([-5, 0], [-1.5, 4], [5.5, -4.5]); pen.stroke();
    } else if (what === "near") {
      pen.fillStyle = plate; disc(12); pen.fill(); pen.strokeStyle = colour("degraded"); pen.stroke();
      pen.fillStyle = colour("degraded"); disc(12, -Math.PI / 2, Math.PI / 2); pen.fill();
    } else if (what === "miss") {
      pen.fillStyle = plate; disc(11); pen.fill(); pen.strokeStyle = colour("unknown"); pen.lineWidth = 2; pen.stroke();
      pen.lineWidth = 3; path([-4.5, -4.5], [4.5, 4.5]); pen.stroke(); path([4.5, -4.5], [-4.5, 4.5]); pen.stroke();
    } else {
      pen.fillStyle = colour("lost"); path([0, -14], [13, 9], [-13, 9]); pen.closePath(); pen.stroke(); pen.fill();
      pen.fillStyle = colour("on-lost"); pen.font = "800 13px system-ui, sans-serif"; pen.textAlign = "center"; pen.textBaseline = "middle"; pen.fillText("!", p.x, p.y + 2.5);
    }
  }
  for (const topic of ["theme", "view", "exercise"]) knockon.on(topic, () => X.drawn());
})();
