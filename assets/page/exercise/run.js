/* Running an exercise: the clock, what comes next, what the room sees, decisions and notes. */
(function () {
  "use strict";
  const knockon = window.knockon, X = knockon.exercise;
  const { el } = knockon;
  const { thousands } = knockon.time;

  const PHASES = { ready: knockon.t("not started"), running: knockon.t("running"), paused: knockon.t("stands still"), ended: knockon.t("ended") };
  const key = (name) => ({ "data-key": name });
  let auto = false, releasing = false;

  // ---------------------------------------------------------------- the clock
  function text(ms) {
    const s = Math.max(0, Math.floor(ms / 1000)), pad = (n) => String(n).padStart(2, "0");
    return `${Math.floor(s / 3600)}:${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}`;
  }

  setInterval(() => {
    const host = X.body();
    if (!host || !X.run) return;
    const ms = X.clock(), face = host.querySelector(".ex-clock"), now = host.querySelector(".ex-now"), next = host.querySelector("[data-due]");
    if (face) face.textContent = text(ms);
    if (now) now.style.left = `${Math.min(100, (100 * ms) / 60000 / Number(now.dataset.now))}%`;
    if (next) next.textContent = dueText(Number(next.dataset.due));
    if (X.run.leads) automatic();
  }, 500);

  function dueText(min) {
    const left = min * 60000 - X.clock();
    return left > 0 ? knockon.t("due in {left}", { left: text(left) }) : knockon.t("due now");
  }

  /** Where the facilitator wants it, what is due comes by itself: from this page, one after another. */
  function automatic() {
    if (!auto || releasing || X.run.phase !== "running") return;
    const next = waiting().find((one) => one.at_min * 60000 <= X.clock() && holds(one) === true);
    if (!next) return;
    releasing = true;
    X.act({ do: "release", inject: next.id }).finally(() => { releasing = false; if (X.problem) { auto = false; X.draw(); } });
  }

  const holds = (one) => (one.when ? X.run.holds[one.id] : true);
  /** What has not come yet and still can: those whose condition failed are passed over. */
  const waiting = () => X.run.injects.filter((one) => one.status === "waiting" && holds(one) !== false);
  const status = (one) => (one.status !== "waiting" ? one.status : holds(one) === false ? "off" : one.at_min * 60000 <= X.clock() && X.run.phase !== "ready" ? "due" : "");

  // ---------------------------------------------------------------- the pane
  X.runParts = function () {
    const run = X.run, ended = run.phase === "ended";
    return [
      el("div", { class: "ex-head" }, X.room ? el("span", { class: "tag" }, knockon.t("As the room sees it")) : X.button(knockon.t("‹ All exercises"), X.leave, { class: "link", ...key("leave") }), el("span", { class: "ex-spring" }), run.leads ? links(run) : null),
      el("h2", { class: "ex-run-title" }, run.title),
      el("div", { class: "ex-face" }, el("span", { class: "ex-clock", role: "timer", "aria-label": knockon.t("Exercise clock") }, text(X.clock())), el("span", { class: `ex-phase is-${run.phase}`, role: "status" }, PHASES[run.phase], run.take > 1 ? `, ${knockon.t("take {n}", { n: run.take })}` : ""), run.leads ? steering(run) : null),
      ...(run.leads ? led(run, ended) : room(run, ended)),
    ];
  };

  function links(run) {
    const where = `${X.RUNS}/${run.id}`, link = (words, href) => el("a", { href, target: "_blank", rel: "noopener" }, words);
    return el("details", { class: "menu ex-more" }, el("summary", { "aria-label": knockon.t("Debrief, cards, the room's window") }, knockon.t("Debrief, cards, room")),
      el("div", { class: "popover stack" }, link(knockon.t("Hot debrief"), `${where}/debrief.html`), link(knockon.t("Hot debrief as PDF"), `${where}/debrief.pdf`), link(knockon.t("Debrief as CSV"), `${where}/debrief.csv`), link(knockon.t("Debrief as JSON"), `${where}/debrief.json`),
        link(knockon.t("Cards for the room"), `${where}/cards.html`), link(knockon.t("Facilitator's cards, with notes"), `${where}/cards.html?notes=1`), link(knockon.t("The room's window"), `/?view=exercise&run=${run.id}&room=1`)));
  }

  function steering(run) {
    const act = (what, words, attributes) => X.button(words, () => X.act({ do: what }), { ...key(what), ...attributes });
    if (run.phase === "ready") return act("start", knockon.t("Start"), { class: "primary" });
    if (run.phase === "ended") return el("span", { class: "ex-buttons" }, el("a", { href: `${X.RUNS}/${run.id}/debrief.html`, target: "_blank", rel: "noopener", class: "ex-debrief" }, knockon.t("Open the hot debrief")),
      el("a", { href: `${X.RUNS}/${run.id}/debrief.pdf`, target: "_blank", rel: "noopener" }, knockon.t("as PDF")));
    return el("span", { class: "ex-buttons" }, run.phase === "running" ? act("pause", knockon.t("Pause")) : act("resume", knockon.t("Resume"), { class: "primary" }), X.button(knockon.tp("exercise", "End"), end, key("end")));
  }

  function end() {
    const open = X.run.predictions.some((one) => !one.reveal);
    if (!X.ending) { X.ending = true; X.problem = open ? knockon.t("A prediction was never revealed. Press End once more: an exercise that has ended cannot go on.") : knockon.t("Press End once more: an exercise that has ended cannot go on."); X.draw(); return; }
    X.ending = false;
    X.act({ do: "end" });
  }

  // ------------------------------------------------------------- facilitator
  function led(run, ended) {
    const next = waiting()[0];
    return [
      X.timeline(run.injects, { now: true, status, choose: (id) => { X.chosen = id === X.chosen ? null : id; X.draw(); const row = X.body().querySelector(`[data-key="row-${id}"]`); if (row) row.scrollIntoView({ block: "nearest" }); } }),
      ...(run.phase === "ready" ? [el("p", { class: "empty" }, knockon.t("Nobody sees anything yet. Start when everybody sits; the exercise clock begins at 0:00:00."), run.note ? el("span", { class: "ex-noted" }, run.note) : null)] : []),
      ...(ended || run.phase === "ready" ? [] : [el("section", { class: "ex-next", "aria-label": knockon.t("Next") }, ...(next ? upNext(next) : [el("p", { class: "empty" }, knockon.t("Nothing more is planned. Release what was passed over from the list, or end the exercise."))]))]),
      ...(run.phase === "ready" ? [] : [X.predictionPart(run)]),
      ...(ended ? [] : run.injects.filter((one) => one.kind === "question" && !one.bands_h.length && one.status === "released").slice(-2).map(openQuestion)),
      el("h3", {}, knockon.t("All injects")),
      el("ol", { class: "ex-rows" }, ...run.injects.flatMap((one) => [row(one), ...(one.id === X.chosen ? [el("li", { class: "ex-form-row" }, detail(one, ended))] : [])])),
      ...(run.phase === "ready" ? [] : [decisions(run, ended), notes(run, ended)]),
      ...run.aside.map((one) => el("p", { class: "fine-print" }, knockon.tn("Take {take} was put aside with {n} line; its course stays in the debrief.", "Take {take} was put aside with {n} lines; its course stays in the debrief.", one.lines, { take: one.take }))),
    ];
  }

  function upNext(one) {
    const tick = el("input", { type: "checkbox", ...key("auto"), onchange: () => { auto = tick.checked; } });
    tick.checked = auto;
    return [
      el("div", { class: "ex-next-head" }, X.icon(one.kind), el("b", {}, `${X.minute(one.at_min)} ${one.title}`), X.run.phase === "paused" ? null : el("span", { class: "fine-print", "data-due": one.at_min }, dueText(one.at_min))),
      ...body(one), ...condition(one),
      el("div", { class: "ex-buttons" }, X.button(knockon.t("Release now"), () => X.act({ do: "release", inject: one.id }), { class: "primary", ...key("release-next") }), X.button(knockon.t("Skip"), () => X.act({ do: "skip", inject: one.id }), key("skip-next")), el("label", { class: "tick" }, tick, knockon.t("Release by itself when due"))),
    ];
  }

  function body(one) {
    const things = [...(one.assets || []).map(X.asset), ...(one.links || []).map(X.line)];
    return [one.text ? el("p", { class: "ex-text" }, one.text) : null, things.length ? el("p", { class: "fine-print" }, `${X.kindWord(one.kind)}: ${things.join(", ")}${one.at_h === null || one.at_h === undefined ? "" : `, ${knockon.t("hour {at}", { at: X.hours(one.at_h) })}`}`) : null, report(one.report), one.note ? el("p", { class: "ex-noted" }, el("b", {}, `${knockon.t("Only you see this:")} `), one.note) : null].filter(Boolean);
  }

  const SOMEBODY = { fail: knockon.t("somebody knocked out {asset}"), repair: knockon.t("somebody repaired {asset}"), supply: knockon.t("somebody supplied {asset}") };
  const NOBODY = { fail: knockon.t("nobody knocked out {asset}"), repair: knockon.t("nobody repaired {asset}"), supply: knockon.t("nobody supplied {asset}") };

  function condition(one) {
    if (!one.when) return [];
    const { when } = one, asked = X.run.injects.find((other) => other.id === when.inject), told = { option: when.option, question: asked ? asked.title : "", asset: when.asset ? X.asset(when.asset) : "" };
    const by = when.by_min === null || when.by_min === undefined ? "" : ` ${knockon.t("by {minute}", { minute: X.minute(when.by_min) })}`;
    const words = when.test === "answered" ? knockon.t("most answered “{option}” to “{question}”", told) : (when.test === "done" ? SOMEBODY : NOBODY)[when.do].replace("{asset}", () => told.asset) + by;
    const so = holds(one) === true ? knockon.t("it is so") : holds(one) === false ? knockon.t("it is not so") : knockon.t("still open");
    return [el("p", { class: "fine-print" }, knockon.t("Meant to come only if {what}: {so}.", { what: words, so }))];
  }

  const WORDS = { released: knockon.t("came"), skipped: knockon.t("skipped"), off: knockon.t("does not apply"), due: knockon.t("due") };
  X.statusWord = (name) => WORDS[name] || name;
  function row(one) {
    const now = status(one);
    return el("li", {}, X.button([el("span", { class: "ex-time" }, X.minute(one.at_min)), X.icon(one.kind), el("span", { class: "ex-name" }, one.title), el("span", { class: `ex-to is-${now}` }, now ? `${WORDS[now]}${one.status === "released" ? ` ${X.minute(one.came_min)}` : ""}` : "")],
      () => { X.chosen = one.id === X.chosen ? null : one.id; X.draw(); }, { class: `ex-row is-${now}`, ...key(`row-${one.id}`), "aria-expanded": String(one.id === X.chosen) }));
  }

  function detail(one, ended) {
    const act = (what, words) => X.button(words, async () => {
      await X.act({ do: what, inject: one.id });
      if (what === "rewind" && !X.problem) X.body().scrollTop = 0;
    }, key(`${what}-${one.id}`));
    const given = (one.answers || []).map((answer) => el("li", {}, el("b", {}, answer.who), `: ${answer.answer}`));
    return el("div", { class: "ex-form" }, ...body(one), ...condition(one), given.length ? el("ul", {}, ...given) : null,
      ended || X.run.phase === "ready" ? null : el("div", { class: "ex-buttons" }, ...(one.status === "waiting" ? [act("release", knockon.t("Release now")), act("skip", knockon.t("Skip"))] : [act("rewind", knockon.t("Rewind to before this"))])));
  }

  /** A question that is out: what was answered, and a way to write down what a table says. */
  function openQuestion(one) {
    const counted = one.options.map((option) => [option, one.answers.filter((answer) => answer.answer === option).length]);
    return el("section", { class: "ex-card", "aria-label": one.title }, el("header", {}, X.icon(one.kind), el("b", {}, one.title)),
      el("p", { class: "fine-print", role: "status" }, one.answers.length ? (one.options.length ? counted.map(([option, n]) => `${option}: ${n}`).join(" · ") : knockon.tn("{n} answered.", "{n} answered.", one.answers.length)) : knockon.t("Nobody has answered yet.")),
      el("div", { class: "ex-say" }, X.field("input", "says", { placeholder: knockon.t("Which table says so"), maxlength: 60, "aria-label": knockon.t("Which table says so") })), question({ ...one, mine: {} }, false, "says"));
  }

  function notes(run, ended) {
    const send = () => { const words = X.typed("note"); if (words) { X.forget("note"); X.act({ do: "note", text: words }); } };
    return el("section", {}, el("h3", {}, knockon.t("Your notes (nobody else sees them)")), el("ul", { class: "ex-said" }, ...run.notes.map((one) => el("li", {}, el("span", { class: "ex-time" }, X.minute(one.min)), el("span", {}, one.text)))),
      ended ? null : el("div", { class: "ex-say" }, X.field("textarea", "note", { rows: 1, maxlength: 2000, "aria-label": knockon.t("Note") }), X.button(knockon.t("Keep"), send, key("send-note"))));
  }

  // -------------------------------------------------------------------- room
  function room(run, ended) {
    const came = [...run.injects].reverse();
    return [
      run.phase === "ready" ? el("p", { class: "empty" }, knockon.t("The exercise has not started. What comes will stand here.")) : null,
      ended ? el("p", { class: "empty" }, knockon.t("The exercise has ended. Thank you; the debrief follows.")) : null,
      run.phase === "ready" ? null : X.predictionPart(run),
      ...came.map((one) => el("article", { class: "ex-card", "aria-label": one.title }, el("header", {}, X.icon(one.kind), el("span", { class: "ex-time" }, X.minute(one.came_min)), el("b", {}, one.title)), ...body(one), one.options ? question(one, ended) : null)),
      run.phase === "ready" ? null : decisions(run, ended),
    ].filter(Boolean);
  }

  function question(one, ended, name = "table") {
    const mine = Object.entries(one.mine), send = (answer) => { const who = X.typed(name); X.forget(`answer-${one.id}`, "says"); X.act({ do: "answer", inject: one.id, answer, name: who }); };
    const said = mine.length ? el("p", { class: "fine-print" }, knockon.t("Answered: {what}.", { what: mine.map(([who, answer]) => `${who}: ${answer}`).join("; ") })) : null;
    if (ended) return said;
    return el("div", { class: "ex-question" }, said, one.options.length
      ? el("div", { class: "ex-buttons" }, ...one.options.map((option, n) => X.button(option, () => send(option), { ...key(`answer-${one.id}-${n}`), "aria-pressed": String(mine.some(([, answer]) => answer === option)) })))
      : el("div", { class: "ex-say" }, X.field("textarea", `answer-${one.id}`, { rows: 2, maxlength: 2000, "aria-label": knockon.t("Answer to {title}", { title: one.title }) }), X.button(knockon.t("Answer"), () => { const words = X.typed(`answer-${one.id}`); if (words) send(words); }, key(`send-${one.id}`))));
  }

  function report(told) {
    if (!told) return null;
    const label = (id) => knockon.world.sectorLabel.get(id) || id, service = (id) => (knockon.world.serviceOf.get(id) || {}).people_label || id;
    return el("div", { class: "ex-report" }, el("p", {}, knockon.t("As computed for hour {at}:", { at: X.hours(told.hour) })),
      el("ul", {}, ...told.sectors.map((one) => el("li", {}, one.reduced ? knockon.t("{sector}: {lost} of {of} lost, {reduced} on backup or degraded", { ...one, sector: label(one.sector) }) : knockon.t("{sector}: {lost} of {of} lost", { ...one, sector: label(one.sector) }))),
        ...told.people.map((one) => el("li", {}, knockon.tn("{n} person {without}", "{n} people {without}", one.without, { without: service(one.service) }))), ...(told.sectors.length + told.people.length ? [] : [el("li", {}, knockon.t("Nothing is lost."))])));
  }

  function decisions(run, ended) {
    const send = () => { const words = X.typed("decision"); if (!words) return; const reason = X.typed("reason"); X.forget("decision", "reason"); X.act({ do: "decide", text: words, reason, name: X.typed("table") }); };
    return el("section", {}, el("h3", {}, knockon.t("Decisions")),
      el("ul", { class: "ex-said" }, ...run.decisions.map((one) => el("li", {}, el("span", { class: "ex-time" }, X.minute(one.min)), el("span", {}, el("b", {}, one.who), `: ${one.text}`, one.reason ? el("small", {}, knockon.t("Why: {reason}", one)) : null)))),
      ended ? null : el("div", { class: "ex-say" }, X.field("textarea", "decision", { rows: 1, maxlength: 2000, placeholder: knockon.t("What was decided"), "aria-label": knockon.t("What was decided") }), X.field("textarea", "reason", { rows: 1, maxlength: 2000, placeholder: knockon.t("Why"), "aria-label": knockon.t("Why") }), X.button(knockon.t("Write down"), send, key("send-decision"))),
      ended ? null : el("p", { class: "fine-print" }, knockon.t("Repairs and supplies are made on the map as always; each is in the debrief with what it changed.")));
  }
})();
