/* Designing an exercise: the timeline, the list, and the form of the inject that is chosen. */
(function () {
  "use strict";
  const knockon = window.knockon, X = knockon.exercise;
  const { el } = knockon;

  const EVENTS = new Set(["knock_out", "repair", "supply"]);
  const chosen = () => X.plan.plan.injects.find((one) => one.id === X.chosen) || null;
  const put = (inject) => X.change({ do: "put", inject: tidy(inject) });

  /** Leave out what is empty, and what does not belong to the kind. */
  function tidy(inject) {
    const kept = {};
    for (const [key, value] of Object.entries(inject)) if (value !== "" && value !== null && value !== undefined && !(Array.isArray(value) && !value.length)) kept[key] = value;
    if (!EVENTS.has(kept.kind)) { delete kept.assets; delete kept.links; }
    if (kept.kind !== "supply") { delete kept.service; delete kept.until_h; }
    if (kept.kind !== "question") { delete kept.options; delete kept.bands_h; }
    return kept;
  }

  // ---------------------------------------------------------------- timeline
  /** Return the injects on a track; `now` draws the exercise clock, `status` says what became of each. */
  X.timeline = function (injects, options) {
    const last = Math.max(30, ...injects.map((one) => one.at_min)), total = Math.ceil(last / 15) * 15, lanes = [];
    const place = injects.map((one) => {
      const at = one.at_min / total;
      let lane = lanes.findIndex((end) => end < at - 0.045);
      if (lane < 0) lane = lanes.length < 5 ? lanes.push(0) - 1 : lanes.indexOf(Math.min(...lanes));
      lanes[lane] = at;
      return { one, at, lane };
    });
    const step = total <= 60 ? 10 : total <= 150 ? 15 : total <= 300 ? 30 : 120;
    const ticks = Array.from({ length: Math.floor(total / step) + 1 }, (_, n) => n * step);
    const track = el("div", { class: "ex-track", style: `--lanes:${Math.max(1, lanes.length)}` },
      ...ticks.map((min) => el("span", { class: "ex-tick", style: `left:${(100 * min) / total}%` }, X.minute(min))),
      ...place.map(({ one, at, lane }) => marker(one, at, lane, total, options)),
      options.now ? el("div", { class: "ex-now", "data-now": total, style: `left:${Math.min(100, (100 * X.clock()) / 60000 / total)}%`, "aria-hidden": "true" }) : null);
    return el("div", { class: "ex-timeline", role: "group", "aria-label": knockon.t("Timeline of the exercise") }, track);
  };

  function marker(one, at, lane, total, options) {
    const status = options.status ? options.status(one) : "";
    const node = X.button(X.icon(one.kind), () => options.choose(one.id), {
      class: `ex-marker ${status ? `is-${status}` : ""}`, style: `left:${100 * at}%;--lane:${lane}`, "data-key": `mark-${one.id}`, title: `${X.minute(one.at_min)} ${one.title}`,
      "aria-label": `${X.minute(one.at_min)} ${X.kindWord(one.kind)}: ${one.title}${status ? `, ${X.statusWord(status)}` : ""}`, "aria-pressed": String(one.id === X.chosen),
    });
    if (options.move) {
      node.addEventListener("keydown", (event) => keys(event, one));
      node.addEventListener("pointerdown", (event) => drag(event, node, one, total, options));
    }
    return node;
  }

  function drag(event, node, one, total, options) {
    if (event.button) return;
    const box = node.parentElement.getBoundingClientRect(), from = event.clientX;
    let min = one.at_min;
    const move = (moved) => {
      if (Math.abs(moved.clientX - from) < 4) return;
      min = Math.max(0, Math.min(1440, Math.round(((moved.clientX - box.left) / box.width) * total)));
      node.style.left = `${(100 * min) / total}%`;
      node.title = X.minute(min);
    };
    const done = () => {
      removeEventListener("pointermove", move); removeEventListener("pointerup", done);
      if (min !== one.at_min) options.move(one.id, min);
    };
    addEventListener("pointermove", move); addEventListener("pointerup", done);
  }

  /** Keys on an inject, in the list and on the timeline: none of them moves the map or the clock. */
  function keys(event, one) {
    const { key } = event, many = event.shiftKey ? 5 : 1;
    const time = (by) => X.change({ do: "time", inject: one.id, at_min: Math.max(0, one.at_min + by * many) });
    const run = event.altKey && key === "ArrowUp" ? () => X.change({ do: "swap", inject: one.id, by: -1 })
      : event.altKey && key === "ArrowDown" ? () => X.change({ do: "swap", inject: one.id, by: 1 })
      : key === "ArrowLeft" ? () => time(-1) : key === "ArrowRight" ? () => time(1)
      : key === "ArrowUp" ? () => step(-1) : key === "ArrowDown" ? () => step(1)
      : key === "Delete" ? () => X.change({ do: "remove", inject: one.id })
      : key.toLowerCase() === "d" && !event.ctrlKey ? () => X.change({ do: "copy", inject: one.id })
      : (event.ctrlKey || event.metaKey) && key.toLowerCase() === "z" ? () => X.change({ do: event.shiftKey ? "redo" : "undo" }) : null;
    if (!run) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  }

  function step(by) {
    const rows = [...X.body().querySelectorAll(".ex-rows .ex-row")], at = rows.indexOf(document.activeElement), to = rows[at < 0 ? 0 : at + by];
    if (to) to.focus();
  }

  // -------------------------------------------------------------------- pane
  X.planParts = function () {
    const { plan, can_undo: canUndo, can_redo: canRedo, id } = X.plan, inject = chosen(), where = `${X.PLANS}/${id}`;
    const choose = (name) => { X.chosen = name; X.draw(); };
    return [
      el("div", { class: "ex-head" }, X.button(knockon.t("‹ All exercises"), X.leave, { class: "link", "data-key": "leave" }),
        el("span", { class: "ex-spring" }), X.button("↶", () => X.change({ do: "undo" }), { "aria-label": knockon.t("Undo"), title: knockon.t("Undo"), disabled: !canUndo, "data-key": "plan-undo" }), X.button("↷", () => X.change({ do: "redo" }), { "aria-label": knockon.t("Redo"), title: knockon.t("Redo"), disabled: !canRedo, "data-key": "plan-redo" })),
      setting("title", plan.title, { maxlength: 120, class: "ex-title", "aria-label": knockon.t("Title of the exercise") }),
      X.timeline(plan.injects, { choose, move: (name, min) => X.change({ do: "time", inject: name, at_min: min }) }),
      el("div", { class: "ex-buttons" },
        X.button(knockon.t("Start a run"), X.startRun, { class: "primary", "data-key": "start-run" }),
        X.button(knockon.t("+ Add an inject"), add, { "data-key": "add-inject" }),
        X.button(knockon.t("Duplicate"), () => X.change({ do: "copy", inject: X.chosen }), { disabled: !inject, "data-key": "copy-inject", title: knockon.t("Duplicate the chosen inject (D)") }),
        X.button(knockon.t("Delete"), () => X.change({ do: "remove", inject: X.chosen }), { disabled: !inject, "data-key": "delete-inject", title: knockon.t("Delete the chosen inject (Del)") }),
        el("details", { class: "menu ex-more" }, el("summary", { "aria-label": knockon.t("Print and save"), title: knockon.t("Print and save") }, knockon.t("Print, save")),
          el("div", { class: "popover stack" }, page(knockon.t("Cards for the room"), `${where}/cards.html`), page(knockon.t("Facilitator's cards, with notes"), `${where}/cards.html?notes=1`), page(knockon.t("Save as a file"), `${where}/exercise.json`)))),
      plan.injects.length ? el("ol", { class: "ex-rows" }, ...plan.injects.flatMap((one) => [row(one, choose, plan), ...(one.id === X.chosen ? [el("li", { class: "ex-form-row" }, form(one, plan))] : [])]))
        : el("p", { class: "empty" }, knockon.t("No inject yet. Add one: a message, a knock-out, a repair, a supply, a status report or a question.")),
      X.fold("fold-about", knockon.t("What it is about, who plays, how it begins"), about(plan)),
      el("p", { class: "fine-print" }, knockon.t("In the list: ↑ ↓ walk, ← → move by a minute (Shift: five), Alt ↑ ↓ change places, D duplicates, Del deletes, Ctrl Z undoes.")),
    ];
  };

  const page = (text, href) => el("a", { href, target: "_blank", rel: "noopener" }, text);

  async function add() {
    const { injects } = X.plan.plan, after = chosen() || injects[injects.length - 1], before = new Set(injects.map((one) => one.id));
    await X.change({ do: "put", inject: { at_min: after ? Math.min(1440, after.at_min + 5) : 0, kind: "message", title: knockon.t("New inject") } });
    const made = X.plan.plan.injects.find((one) => !before.has(one.id));
    if (made) { X.chosen = made.id; X.draw(); const field = X.body().querySelector(`[data-key="${made.id}-title"]`); if (field) { field.focus(); field.select(); } }
  }

  function row(one, choose, plan) {
    const to = (one.to || []).map((id) => (plan.roles.find((role) => role.id === id) || { name: id }).name).join(", ");
    const node = X.button([el("span", { class: "ex-time" }, X.minute(one.at_min)), X.icon(one.kind), el("span", { class: "ex-name" }, one.title), el("span", { class: "ex-to" }, one.when ? "◇ " : "", to || knockon.t("all"))],
      () => choose(one.id === X.chosen ? null : one.id), { class: "ex-row", "data-key": `row-${one.id}`, "aria-expanded": String(one.id === X.chosen) });
    node.addEventListener("keydown", (event) => keys(event, one));
    return el("li", {}, node);
  }

  // -------------------------------------------------------------------- form
  function line(label, control) { return el("label", { class: "ex-line" }, el("span", {}, label), control); }

  /** An input that hands its value on once it has changed. */
  function input(one, name, attributes, read) {
    const value = one[name], node = X.field(attributes.rows ? "textarea" : "input", `${one.id}-${name}`, { ...attributes, value: Array.isArray(value) ? value.join(attributes.rows ? "\n" : ", ") : value ?? "" });
    node.addEventListener("change", () => { X.forget(`${one.id}-${name}`); put({ ...one, [name]: (read || ((text) => text))(node.value) }); });
    return node;
  }
  const number = (text) => (text.trim() === "" ? null : Number(text));
  const numbers = (text) => text.split(/[,;\s]+/).filter(Boolean).map(Number);
  const lines = (text) => text.split("\n").map((one) => one.trim()).filter(Boolean);

  function select(one, name, options, change) {
    const node = el("select", { "data-key": `${one.id}-${name}`, onchange: () => change(node.value) }, ...options.map(([value, text]) => el("option", { value }, text)));
    node.value = one[name] || options[0][0];
    return node;
  }

  function form(one, plan) {
    const event = EVENTS.has(one.kind);
    return el("div", { class: "ex-form", role: "group", "aria-label": knockon.t("Inject {title}", { title: one.title }) },
      el("div", { class: "ex-pair" }, line(knockon.t("Minute"), input(one, "at_min", { type: "number", min: 0, max: 1440, step: 1, class: "short" }, (text) => Number(text) || 0)),
        line(knockon.t("Kind"), select(one, "kind", X.KINDS, (kind) => kindChanged(one, kind)))),
      line(knockon.t("Title"), input(one, "title", { maxlength: 120 })),
      line(knockon.t("What people read"), input(one, "text", { rows: 3, maxlength: 4000 })),
      ...(event ? [things(one)] : []),
      ...(event || one.kind === "status_report" || one.kind === "question" ? [el("div", { class: "ex-pair" },
        line(event ? knockon.t("Hour of the cascade") : knockon.t("About hour (empty: now)"), input(one, "at_h", { type: "number", min: 0, max: 8760, step: 0.25, class: "short" }, number)),
        ...(one.kind === "supply" ? [line(knockon.t("Until hour"), input(one, "until_h", { type: "number", min: 0, max: 8760, step: 0.25, class: "short" }, number)), line(knockon.t("Service"), service(one))] : []))] : []),
      ...(one.kind === "question" ? [line(knockon.t("Answers, one a line"), input(one, "options", { rows: 2 }, lines)), line(knockon.t("Or a prediction: time bands end after … hours"), input(one, "bands_h", { placeholder: "4, 12, 24" }, numbers))] : []),
      ...(plan.roles.length ? [el("fieldset", { class: "ex-to-set" }, el("legend", {}, knockon.t("To (none: everybody)")), ...plan.roles.map((role) => tick(role.name, (one.to || []).includes(role.id), `${one.id}-to-${role.id}`, (on) => put({ ...one, to: on ? [...(one.to || []), role.id] : (one.to || []).filter((id) => id !== role.id) }))))] : []),
      when(one, plan),
      line(knockon.t("Facilitator's note (nobody else sees it)"), input(one, "note", { rows: 2, maxlength: 4000, class: "ex-note" })));
  }

  function tick(label, on, key, change) {
    const box = el("input", { type: "checkbox", "data-key": key, onchange: () => change(box.checked) });
    box.checked = on;
    return el("label", { class: "tick" }, box, label);
  }

  /** A kind that needs things gets those selected on the map; without any it waits for some. */
  function kindChanged(one, kind) {
    const need = EVENTS.has(kind) && !(one.assets || []).length && !(one.links || []).length;
    if (need && !knockon.selection.length) { X.problem = knockon.t("Select what is hit on the map first (or with the search, key /), then choose this kind."); X.draw(); return; }
    const assets = need ? knockon.selection.slice(0, 100) : one.assets;
    put({ ...one, kind, assets, at_h: EVENTS.has(kind) ? one.at_h ?? knockon.hour() : one.at_h, service: kind === "supply" ? one.service || firstNeed(assets) : one.service });
  }

  function needs(assets) {
    const of = (id) => { const i = knockon.world.index.get(id); return i === undefined ? [] : knockon.world.assets[i].needs.filter((need) => need[1] !== "unknown").map((need) => need[0]); };
    const [first, ...rest] = (assets || []).map(of);
    return (first || []).filter((name) => rest.every((other) => other.includes(name)));
  }
  const firstNeed = (assets) => needs(assets)[0] || "";
  const service = (one) => select(one, "service", needs(one.assets).map((name) => [name, knockon.world.serviceLabel.get(name) || name]).concat(one.service ? [] : [["", knockon.t("choose")]]), (name) => put({ ...one, service: name }));

  function things(one) {
    const chips = (list, name, words) => list.map((id) => el("li", {}, words(id), X.button("×", () => put({ ...one, [name]: list.filter((other) => other !== id) }), { class: "quiet", "aria-label": knockon.t("Take {name} out", { name: words(id) }), "data-key": `${one.id}-drop-${id}` })));
    const key = `${one.id}-find`, hits = el("ul", { class: "ex-hits" });
    const take = (thing) => { X.forget(key); put({ ...one, assets: [...new Set([...(one.assets || []), ...thing.assets])], links: [...new Set([...(one.links || []), ...thing.links])] }); };
    const find = X.field("input", key, { placeholder: knockon.t("Find an asset or line to add"), "aria-label": knockon.t("Find an asset or line to add") });
    const offer = () => hits.replaceChildren(...(find.value.trim() ? knockon.found(find.value, 5).found.filter((hit) => hit.thing).map((hit, n) => el("li", {}, X.button(hit.name, () => take(hit.thing), { "data-key": `${key}-${n}` }))) : []));
    find.addEventListener("input", offer);
    offer();
    return el("div", { class: "ex-things" }, el("span", { class: "ex-label" }, knockon.t("What it is about")),
      el("ul", { class: "ex-chips" }, ...chips(one.assets || [], "assets", X.asset), ...chips(one.links || [], "links", X.line)),
      find, hits, X.button(knockon.t("Add what is selected on the map"), () => put({ ...one, assets: [...new Set([...(one.assets || []), ...knockon.selection])].slice(0, 100) }), { class: "link", "data-key": `${one.id}-selected` }));
  }

  function when(one, plan) {
    const asked = plan.injects.filter((other) => (other.options || []).length && other.id !== one.id && other.at_min <= one.at_min), now = one.when || {};
    const tests = [["", knockon.t("Always")], ...(asked.length ? [["answered", knockon.t("Only if most answered …")]] : []), ["done", knockon.t("Only if somebody …")], ["not_done", knockon.t("Only if nobody … by minute")]];
    const set = (value) => put({ ...one, when: value });
    const firstAsset = () => knockon.selection[0] || (one.assets || [])[0] || knockon.world.assets[0].id;
    const begin = (test) => set(test === "" ? null : test === "answered" ? { test, inject: asked[0].id, option: asked[0].options[0] } : { test, do: "supply", asset: firstAsset(), ...(test === "not_done" ? { by_min: one.at_min } : {}) });
    const pick = (name, options) => { const node = el("select", { "data-key": `${one.id}-when-${name}`, onchange: () => set({ ...now, [name]: node.value, ...(name === "inject" ? { option: (asked.find((q) => q.id === node.value) || asked[0]).options[0] } : {}) }) }, ...options.map(([value, text]) => el("option", { value }, text))); node.value = now[name]; return node; };
    const minute = el("input", { type: "number", min: 0, max: 1440, class: "short", "aria-label": knockon.t("by minute"), "data-key": `${one.id}-when-by` });
    minute.value = now.by_min ?? "";
    minute.addEventListener("change", () => { const { by_min: _, ...rest } = now; set(minute.value === "" ? rest : { ...rest, by_min: Number(minute.value) }); });
    const parts = now.test === "answered" ? [pick("inject", asked.map((q) => [q.id, q.title])), pick("option", ((asked.find((q) => q.id === now.inject) || { options: [] }).options).map((o) => [o, o]))]
      : now.test ? [pick("do", [["supply", knockon.t("supplied")], ["repair", knockon.t("repaired")], ["fail", knockon.t("knocked out")]]), el("span", { class: "ex-chip" }, X.asset(now.asset)), X.button(knockon.t("Take the selected one"), () => knockon.selection[0] && set({ ...now, asset: knockon.selection[0] }), { class: "link", "data-key": `${one.id}-when-asset` }), el("span", {}, knockon.t("by minute")), minute] : [];
    const test = el("select", { "data-key": `${one.id}-when`, onchange: () => begin(test.value) }, ...tests.map(([value, text]) => el("option", { value }, text)));
    test.value = now.test || "";
    return el("div", { class: "ex-line" }, el("span", {}, knockon.t("When it comes")), el("div", { class: "ex-when" }, test, ...parts));
  }

  // --------------------------------------------------- about, roles, beginning
  const set = (fields) => X.change({ do: "about", fields });
  function setting(name, value, attributes) {
    const node = X.field(attributes.rows ? "textarea" : "input", `about-${name}`, { ...attributes, value: value || "" });
    node.addEventListener("change", () => { X.forget(`about-${name}`); set({ [name]: node.value }); });
    return node;
  }

  function about(plan) {
    const roles = plan.roles, scenario = plan.scenario;
    const role = (one, n) => {
      const change = (fields) => set({ roles: roles.map((other, m) => (m === n ? { ...other, ...fields } : other)) });
      const name = X.field("input", `role-${n}-name`, { value: one.name, maxlength: 120, "aria-label": knockon.t("Name of the role") }), card = X.field("textarea", `role-${n}-card`, { value: one.card || "", rows: 2, maxlength: 4000, "aria-label": knockon.t("Role card of {name}", { name: one.name }), placeholder: knockon.t("What this role knows and wants") });
      name.addEventListener("change", () => { X.forget(`role-${n}-name`); change({ name: name.value }); });
      card.addEventListener("change", () => { X.forget(`role-${n}-card`); change({ card: card.value }); });
      return el("li", { class: "ex-role" }, el("div", { class: "ex-pair" }, name, X.button(knockon.t("Take out"), () => set({ roles: roles.filter((_, m) => m !== n) }), { class: "link", "data-key": `role-${n}-drop` })),
        el("div", { class: "ex-sectors" }, ...knockon.world.sectors.map((sector) => tick(sector.label, (one.sectors || []).includes(sector.id), `role-${n}-${sector.id}`, (on) => change({ sectors: on ? [...(one.sectors || []), sector.id] : (one.sectors || []).filter((id) => id !== sector.id) })))), card);
    };
    const free = () => { let n = 1; while (roles.some((one) => one.id === `r${n}`)) n += 1; return `r${n}`; };
    const hours = X.field("input", "about-horizon", { type: "number", min: 1, max: 8760, class: "short", value: scenario.horizon_h });
    hours.addEventListener("change", () => { X.forget("about-horizon"); set({ scenario: { ...scenario, horizon_h: Number(hours.value) } }); });
    const many = scenario.events.length, measures = scenario.measures.length;
    return el("div", { class: "ex-form" },
      line(knockon.t("What it is about"), setting("about", plan.about, { rows: 2, maxlength: 4000 })), line(knockon.t("Facilitator's note"), setting("note", plan.note, { rows: 2, maxlength: 4000, class: "ex-note" })),
      el("h3", {}, knockon.t("Roles")), el("ul", {}, ...roles.map(role)), X.button(knockon.t("+ Add a role"), () => set({ roles: [...roles, { id: free(), name: knockon.t("New role") }] }), { "data-key": "add-role" }),
      el("h3", {}, knockon.t("How it begins")), el("p", { class: "fine-print" }, `${[many ? knockon.tn("{n} event", "{n} events", many) : knockon.t("Everything works"), ...(measures ? [knockon.tn("{n} measure", "{n} measures", measures)] : [])].join(", ")}.`),
      line(knockon.t("Looks ahead, hours"), hours),
      X.button(knockon.t("Begin with the scenario on show"), () => { const now = knockon.scenario.plain || {}; set({ scenario: { horizon_h: now.horizon_h || 72, repairs: now.repairs || "none", events: now.events || [], measures: now.measures || [] } }); }, { "data-key": "begin-here" }));
  }
})();
