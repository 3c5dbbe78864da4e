/* Hands on the map: hover card, click, box and lasso, the card of what is selected and its actions. */
(function () {
  "use strict";
  const knockon = window.knockon;
  const { el } = knockon;
  const { STATE, countdown, hoursText, thousands } = knockon.time;

  // ------------------------------------------------------------- words
  function basis(thing) {
    const known = knockon.basisOf(thing.origin), how = known === "inferred" && /^D\d/.test(thing.origin) ? knockon.t("inferred by rule {rule}", { rule: thing.origin }) : knockon.basisWords[known];
    const letter = (thing.confidence || "").slice(0, 1);
    return letter ? knockon.t("{how} · confidence {letter}", { how, letter }) : how;
  }

  /** `on backup: battery ends in 0:40`; the state of an asset in words, at the clock's time. */
  knockon.stateWords = function (i) {
    const { state, deadline, level } = knockon.stateAt(i), label = knockon.states[state].label, left = deadline - knockon.clock.t;
    if (deadline < 0 || left < 0) return state === STATE.DEGRADED ? knockon.t("{state}, works at {share} %", { state: label, share: Math.round(level * 100) }) : label;
    if (state === STATE.BACKUP) return knockon.t("{state}, ends in {left} h", { state: label, left: countdown(left) });
    if (state === STATE.REPAIR || state === STATE.RESTART) return knockon.t("{state}, back in {left} h", { state: label, left: countdown(left) });
    return label;
  };

  /** What a service is called in the middle of a sentence. */
  const serviceName = (service) => knockon.lowerFirst(knockon.world.serviceLabel.get(service) || service);

  /** `24,300 people: electricity` for what an asset serves, the largest first. */
  knockon.peopleWords = function (asset) {
    const served = Object.entries(asset.people || {}).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]);
    return served.map(([service, n]) => knockon.tn("{n} person: {service}", "{n} people: {service}", n, { service: serviceName(service) }));
  };

  // -------------------------------------------------------- hover card
  let hover = null, over = null;

  function showHover(hit, point) {
    hover = hover || document.body.appendChild(el("div", { class: "hover-card", "aria-hidden": "true" }));
    // what has its card open needs no second one
    const open = hit && hit.i !== undefined && knockon.selection.length === 1 && knockon.selection[0] === knockon.world.assets[hit.i].id;
    over = hit && !open ? { hit, point } : null;
    hover.hidden = !over;
    if (!over) return;
    hover.replaceChildren(...(hit.group ? groupLines(hit.group) : hit.link !== undefined ? linkLines(hit.link) : assetLines(hit.i)));
    const box = hover.getBoundingClientRect(), pane = knockon.map.getContainer().getBoundingClientRect();
    const x = pane.left + point.x, y = pane.top + point.y;
    hover.style.left = `${Math.min(x + 16, innerWidth - box.width - 8)}px`;
    hover.style.top = `${y + box.height + 24 > innerHeight ? y - box.height - 12 : y + 16}px`;
  }

  function assetLines(i) {
    const asset = knockon.world.assets[i];
    return [el("strong", {}, asset.name), el("span", {}, asset.type_label),
      el("span", { class: "state-line" }, knockon.mark(knockon.stateCode(i), 16), knockon.stateWords(i)),
      ...knockon.peopleWords(asset).slice(0, 2).map((text) => el("span", {}, text)), whatIf(i), el("small", {}, basis(asset))].filter(Boolean);
  }

  /** What its knock-out would take on top of all that happens; the words come a moment later. */
  function whatIf(i) {
    if (knockon.stateCode(i) === STATE.HIT) return null;
    const text = knockon.whatIf(i, () => { if (over && over.hit.i === i) showHover(over.hit, over.point); });
    return el("span", { class: "what-if" }, text || knockon.t("What if this too? …"));
  }

  const LINK_WORDS = [knockon.tp("line", "working"), knockon.tp("line", "hit"), knockon.tp("line", "dark: nothing arrives")];
  const nameOf = (id) => { const i = knockon.world.index.get(id); return i === undefined ? null : knockon.world.assets[i].name; };
  const lineKind = (link) => knockon.t("{service} line", { service: knockon.world.serviceLabel.get(link.service) || link.service });

  function linkLines(k) {
    const link = knockon.world.links[k];
    return [el("strong", {}, knockon.lineName(k)), el("span", {}, lineKind(link)),
      el("span", {}, LINK_WORDS[knockon.linkState(k)]), el("small", {}, basis(link))];
  }

  function groupLines(group) {
    return [el("strong", {}, knockon.tn("{n} asset", "{n} assets", group.members.length)), ...[...group.counts].map(([state, n]) => el("span", { class: "state-line" }, knockon.mark(Number(state), 16), `${thousands(n)} ${knockon.states[state].label}`)), el("small", {}, knockon.t("Click to look closer"))];
  }

  knockon.on("clock", () => { if (over && knockon.mapReady) { if (over.hit.group) showHover(null); else showHover(over.hit, over.point); } });
  knockon.on("selection", () => { if (over) showHover(over.hit, over.point); });

  // what the pointer is on in the graph gets a ring on the map
  knockon.on("graph", (graph) => {
    const ring = (id) => { const i = knockon.world && id ? knockon.world.index.get(id) : undefined; if (i !== knockon.hovered) { knockon.hovered = i; knockon.drawSymbols(); } };
    graph.on("mouseover", "node", (event) => ring(event.target.id()));
    graph.on("mouseout", "node", () => ring(null));
  });

  // -------------------------------------------------------------- tools
  let tool = "pan", drag = null, sheet = null;

  knockon.setTool = function (name) {
    tool = name;
    knockon.emit("tool", name);
    document.querySelectorAll("[data-tool]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.tool === name)));
    if (knockon.map) knockon.map.getContainer().classList.toggle("drawing", name !== "pan");
  };

  knockon.tool = () => tool;

  /** Show these shapes over the map while something is drawn. */
  knockon.sketch = (shapes) => sheet.replaceChildren(...shapes);

  /** Select what lies inside an outline on the screen; `keep` adds it to what is selected. */
  knockon.take = function (path, from, keep) {
    const ids = knockon.inside(path).map((i) => knockon.world.assets[i].id);
    if (!ids.length) knockon.emit("message", { kind: "info", text: knockon.t("Nothing lies inside; draw a larger one.") });
    knockon.select(keep ? [...new Set([...knockon.selection, ...ids])] : ids, from);
    knockon.setTool("pan");
  };

  function connect(map) {
    const host = map.getContainer();
    sheet = host.appendChild(knockon.svg("svg", { class: "draw-sheet", "aria-hidden": "true" }));
    let wanted = 0;
    map.on("mousemove", (event) => {
      if (drag) return;
      cancelAnimationFrame(wanted);
      wanted = requestAnimationFrame(() => {
        const hit = knockon.at(event.point);
        showHover(hit, event.point);
        const i = hit && hit.i !== undefined ? hit.i : undefined;
        if (knockon.hovered !== i) { knockon.hovered = i; knockon.drawSymbols(); }
        map.getCanvas().style.cursor = tool !== "pan" ? "crosshair" : hit ? "pointer" : "";
      });
    });
    const leave = () => { cancelAnimationFrame(wanted); showHover(null); if (knockon.hovered !== undefined) { knockon.hovered = undefined; knockon.drawSymbols(); } };
    map.on("mouseout", leave);
    map.on("movestart", leave);
    map.on("click", (event) => click(knockon.at(event.point, 8), event.originalEvent));
    host.addEventListener("mousedown", begin, true);
  }
  knockon.on("map", connect);

  function click(hit, event) {
    const more = event.shiftKey || event.ctrlKey || event.metaKey;
    if (!hit) { if (!more) knockon.select([], "map"); return; }
    if (hit.group) return void closer(hit.group);
    if (hit.link !== undefined) return knockon.openLines(knockon.lineThing(knockon.world.links[hit.link].id));
    const id = knockon.world.assets[hit.i].id, held = knockon.selection;
    if (!more) return knockon.select([id], "map");
    knockon.select(held.includes(id) ? held.filter((one) => one !== id) : [...held, id], "map");
  }

  function closer(group) {
    const bounds = new window.maplibregl.LngLatBounds();
    for (const i of group.members) { const a = knockon.world.assets[i]; bounds.extend([a.lon, a.lat]); }
    knockon.map.fitBounds(bounds, { padding: 90, maxZoom: Math.max(14, knockon.map.getZoom() + 1.2), animate: knockon.motion() });
  }

  function begin(event) {
    const lasso = tool === "lasso", box = tool === "box" || (event.shiftKey && tool === "pan");
    if (event.button !== 0 || !(lasso || box) || event.target.closest(".maplibregl-ctrl")) return;
    const pane = knockon.map.getContainer().getBoundingClientRect();
    const at = (e) => [Math.max(0, Math.min(pane.width, e.clientX - pane.left)), Math.max(0, Math.min(pane.height, e.clientY - pane.top))];
    drag = { path: [at(event)], lasso, keep: event.shiftKey && tool !== "pan" };
    event.stopPropagation(); event.preventDefault();
    const move = (e) => {
      const p = at(e);
      if (lasso) drag.path.push(p);
      else { const [a] = drag.path; drag.path = [a, [p[0], a[1]], p, [a[0], p[1]]]; }
      knockon.sketch([knockon.svg("polygon", { points: drag.path.map((q) => q.join(",")).join(" ") })]);
    };
    const end = (e) => {
      removeEventListener("mousemove", move, true); removeEventListener("mouseup", end, true);
      sheet.replaceChildren();
      const { path, keep } = drag;
      drag = null;
      const small = path.length < 3 || Math.max(...path.map((q) => Math.hypot(q[0] - path[0][0], q[1] - path[0][1]))) < 6;
      if (small) { const p = at(e); return click(knockon.at({ x: p[0], y: p[1] }, 8), e); }
      swallowClick();
      knockon.take(path, lasso ? "lasso" : "box", keep);
    };
    addEventListener("mousemove", move, true); addEventListener("mouseup", end, true);
  }

  /** The click that ends a drag is not a click on the map. */
  function swallowClick() {
    const swallow = (e) => e.stopPropagation();
    addEventListener("click", swallow, { capture: true, once: true });
    window.setTimeout(() => removeEventListener("click", swallow, true), 50);
  }

  // --------------------------------------------------------- the card
  /** The line or the common cause of several whose card is open; see `knockon.things`. */
  let opened = null;
  knockon.openedLines = () => opened;

  /** Open the card of a line, or of what several hang on; `look` brings it into view on the map. */
  knockon.openLines = function (thing, look) {
    knockon.select([], "line");
    opened = thing;
    knockon.emit("opened", thing);
    showOpened();
    if (look) lookAt(thing);
  };

  function showOpened() {
    drawCard();
    knockon.markLinks(opened ? opened.links : []);
    knockon.drawSymbols();
  }

  function lookAt(thing) {
    const { world, map } = knockon, bounds = map && new window.maplibregl.LngLatBounds();
    if (!map) return;
    for (const id of thing.links) for (const spot of world.links[world.linkIndex.get(id)].line) bounds.extend(spot);
    for (const id of thing.assets) { const asset = world.assets[world.index.get(id)]; if (asset) bounds.extend([asset.lon, asset.lat]); }
    if (!bounds.isEmpty()) map.fitBounds(bounds, { padding: knockon.mapRoom, maxZoom: 14.5, animate: knockon.motion() });
  }
  const button = (text, label, run, more) => el("button", { type: "button", onclick: run, "aria-label": label, ...more }, text);

  /** A button that changes things: disabled, with the reason, where they are not this person's to change. */
  function changing(text, label, run, things, more) {
    const no = knockon.mayNot({ assets: [], links: [], ...things });
    return no ? button(text, `${label}: ${no}`, run, { ...more, class: "", title: no, disabled: true }) : button(text, label, run, more);
  }
  const notMine = (things) => { const no = knockon.mayNot({ assets: [], links: [], ...things }); return no ? el("small", { class: "not-mine" }, no) : null; };

  /** Do something to all that is selected, or to the line whose card is open. */
  function change(what) {
    const { assets, links } = opened || { assets: knockon.selection, links: [] };
    if (assets.length || links.length) knockon.act({ do: what, assets, links, at_h: knockon.hour() });
  }
  knockon.failSelection = () => change("fail");
  knockon.repairSelection = () => change("repair");

  function drawCard() {
    knockon.ready("asset-card", (host) => {
      const [first] = knockon.selection, one = knockon.selection.length === 1;
      if (knockon.selection.length && !one) host.replaceChildren();
      else if (one) host.replaceChildren(assetCard(knockon.world.index.get(first)));
      else if (opened) host.replaceChildren(opened.kind === "line" ? linkCard(knockon.world.linkIndex.get(opened.id)) : corridorCard(opened));
      else host.replaceChildren();
      if (one) aside(host, knockon.world.index.get(first));
    });
    drawChip();
  }

  /** The card keeps to the left, or to the right where it would cover what it is about. */
  function aside(host, i) {
    if (!knockon.mapReady) return;
    const asset = knockon.world.assets[i], p = knockon.map.project([asset.lon, asset.lat]), box = knockon.map.getContainer();
    const card = host.firstElementChild ? host.firstElementChild.getBoundingClientRect() : { width: 0, height: 0 };
    host.dataset.side = p.x < card.width + 40 && p.y > box.clientHeight - card.height - 90 ? "right" : "left";
  }

  function cardShell(title, lines, actions, close) {
    return el("section", { class: "card", "aria-label": knockon.t("Selected: {title}", { title }) },
      el("header", {}, el("h2", {}, title), button("×", knockon.t("Close"), close, { class: "close" })), ...lines, el("div", { class: "card-actions" }, ...actions));
  }

  function assetCard(i) {
    const asset = knockon.world.assets[i], { state } = knockon.stateAt(i), at = hoursText(knockon.clock.t);
    const down = state === STATE.HIT || state === STATE.DEGRADED, mine = { assets: [asset.id] };
    const actions = [
      changing(knockon.t("Knock out"), knockon.t("Knock out {name} at {at} (K)", { name: asset.name, at }), knockon.failSelection, mine, { class: down ? "" : "danger", title: knockon.t("Knock out at {at} (K)", { at }) }),
      changing(knockon.tp("action", "Repair"), knockon.t("Repair {name} at {at} (R)", { name: asset.name, at }), knockon.repairSelection, mine, { title: knockon.t("Repair at {at} (R)", { at }), disabled: state === STATE.WORKING }),
      supplies(asset).length ? changing(knockon.t("Emergency supply…"), knockon.t("Emergency supply for {name}", { name: asset.name }), () => openSupply(asset), mine, { "aria-expanded": "false", class: "supply-toggle" }) : null,
      button(knockon.t("Why"), knockon.t("Why {name} is {state}", { name: asset.name, state: knockon.states[state].label }), showWhy),
    ].filter(Boolean);
    return cardShell(asset.name, [
      el("p", { class: "card-type" }, `${asset.type_label} · ${knockon.world.sectorLabel.get(asset.sector) || asset.sector}`),
      el("p", { class: "state-line card-state" }, knockon.mark(state, 20), el("span", {}, knockon.stateWords(i))),
      ...knockon.peopleWords(asset).map((text) => el("p", { class: "card-people" }, text)),
      needsWords(i), asset.note ? el("p", { class: "card-note" }, asset.note) : null, el("p", { class: "fine-print" }, basis(asset), asset.source ? ` · ${asset.source}` : ""), notMine(mine),
      el("div", { class: "supply-form" }),
    ].filter(Boolean), actions, () => knockon.select([], "card"));
  }

  /** How many dependencies the thin lines on the map stand for. */
  function needsWords(i) {
    if (!knockon.mapReady || !knockon.layers.needs) return null;
    const { suppliers, consumers, drawn } = knockon.needsOf([i]), said = [];
    if (suppliers) said.push(knockon.t("needs {n}", { n: thousands(suppliers) }));
    if (consumers) said.push(knockon.t("is needed by {n}", { n: thousands(consumers) }));
    if (!said.length) return null;
    const what = said.join(", "), all = drawn === suppliers + consumers;
    return el("p", { class: "fine-print" }, all ? knockon.t("On the map: {what}", { what }) : knockon.t("On the map: {what} ({n} drawn)", { what, n: drawn }));
  }

  const supplies = (asset) => [...new Set(asset.needs.filter(([, how]) => how !== "unknown").map(([service]) => service))];

  function openSupply(asset) {
    const host = document.querySelector(".card .supply-form");
    const toggle = document.querySelector(".card .supply-toggle");
    if (host.firstChild) { toggle.setAttribute("aria-expanded", "false"); return host.replaceChildren(); }
    toggle.setAttribute("aria-expanded", "true");
    const options = supplies(asset).map((service) => el("option", { value: service }, knockon.world.serviceLabel.get(service) || service));
    const form = el("form", { class: "inline-form" },
      el("label", {}, `${knockon.t("Service")} `, el("select", { name: "service" }, ...options)),
      el("label", {}, `${knockon.t("for hours")} `, el("input", { name: "hours", type: "number", min: "0.5", step: "0.5", placeholder: knockon.t("no end"), class: "short" })),
      el("button", { type: "submit", class: "primary" }, knockon.t("Supply from {at}", { at: hoursText(knockon.clock.t) })));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = new FormData(form), hours = Number(given.get("hours")), at_h = knockon.hour();
      knockon.act({ do: "supply", assets: [asset.id], service: given.get("service"), at_h, ...(hours > 0 ? { until_h: at_h + hours } : {}) });
    });
    host.replaceChildren(form);
    form.querySelector("select").focus();
  }

  function showWhy() {
    knockon.drawer("right", true);
    knockon.ready("why", (why) => { why.scrollIntoView({ block: "nearest" }); why.classList.remove("glow"); void why.offsetWidth; why.classList.add("glow"); });
  }

  function linkCard(k) {
    const link = knockon.world.links[k], name = knockon.lineName(k), at = hoursText(knockon.clock.t), state = knockon.linkState(k), mine = { links: [link.id] };
    const shared = knockon.things().filter((one) => one.kind === "corridor" && one.links.includes(link.id));
    return cardShell(name, [
      el("p", { class: "card-type" }, `${lineKind(link)} · ${LINK_WORDS[state]}`),
      el("p", { class: "fine-print" }, basis(link)), notMine(mine),
      shared.length ? members(knockon.t("Hit together with others:"), shared.map((one) => [one.name, () => knockon.openLines(one, true)])) : null,
    ].filter(Boolean), [
      changing(knockon.t("Knock out"), knockon.t("Knock out {name} at {at} (K)", { name, at }), knockon.failSelection, mine, { class: state === 1 ? "" : "danger", title: knockon.t("Knock out at {at} (K)", { at }) }),
      changing(knockon.tp("action", "Repair"), knockon.t("Repair {name} at {at} (R)", { name, at }), knockon.repairSelection, mine, { title: knockon.t("Repair at {at} (R)", { at }), disabled: state === 0 }),
      ...[link.from, link.to].filter(nameOf).map((id) => button(nameOf(id), knockon.t("Select {name}", { name: nameOf(id) }), () => knockon.select([id], "card"))),
    ], closeLines);
  }

  const closeLines = () => knockon.select([], "card");
  const members = (title, rows) => el("div", { class: "card-members" }, el("p", { class: "fine-print" }, title),
    el("ul", {}, ...rows.map(([text, run, state]) => el("li", {}, button(text, knockon.t("Open {name}", { name: text }), run, { class: "link" }), state ? el("small", {}, state) : null))));

  /** Whether each thing is hit, working or neither. */
  function assetStates({ assets, links }) {
    const { index, linkIndex } = knockon.world, word = (hit, works) => (hit ? "hit" : works ? "working" : "else");
    return [...assets.filter(nameOf).map((id) => knockon.stateCode(index.get(id))).map((s) => word(s === STATE.HIT, s === STATE.WORKING)),
      ...links.map((id) => knockon.linkState(linkIndex.get(id))).map((s) => word(s === 1, s === 0))];
  }

  /** What one cause hits together: circuits on the same towers, neighbours in one place. */
  function corridorCard(thing) {
    const { world } = knockon, corridor = world.corridors.find((one) => one.id === thing.id), at = hoursText(knockon.clock.t);
    const assets = thing.assets.filter(nameOf).map((id) => [nameOf(id), () => knockon.select([id], "card"), knockon.stateWords(world.index.get(id))]), states = assetStates(thing);
    const lines = thing.links.map((id) => [knockon.lineName(world.linkIndex.get(id)), () => knockon.openLines(knockon.lineThing(id), true), LINK_WORDS[knockon.linkState(world.linkIndex.get(id))]]);
    const rows = [...assets, ...lines], all = thing.assets.length + thing.links.length;
    return cardShell(corridor.name, [
      el("p", { class: "card-type" }, knockon.t("Common cause: {what}", { what: knockon.sharedBy(corridor) })),
      members(knockon.t("One cause hits all of these:"), rows), notMine(thing),
    ].filter(Boolean), [
      changing(knockon.t("Knock out all {n}", { n: all }), knockon.t("Knock out all {n} of {name} at {at} (K)", { n: all, name: corridor.name, at }), knockon.failSelection, thing, { class: states.every((state) => state === "hit") ? "" : "danger", title: knockon.t("Knock out at {at} (K)", { at }) }),
      changing(knockon.t("Repair all"), knockon.t("Repair all {n} of {name} at {at} (R)", { n: all, name: corridor.name, at }), knockon.repairSelection, thing, { title: knockon.t("Repair at {at} (R)", { at }), disabled: states.every((state) => state === "working") }),
    ], closeLines);
  }

  function drawChip() {
    knockon.ready("selection-chip", (host) => {
      const n = knockon.selection.length, chosen = { assets: knockon.selection };
      if (n < 2) return host.replaceChildren();
      host.replaceChildren(el("div", { class: "chip-bar", role: "group", "aria-label": knockon.tn("{n} asset selected", "{n} assets selected", n) }, el("strong", {}, knockon.tn("{n} selected", "{n} selected", n)),
        changing(knockon.t("Knock out {n}", { n }), knockon.tn("Knock out {n} selected asset (K)", "Knock out {n} selected assets (K)", n), knockon.failSelection, chosen, { class: "danger" }),
        changing(knockon.tp("action", "Repair"), knockon.tn("Repair {n} selected asset (R)", "Repair {n} selected assets (R)", n), knockon.repairSelection, chosen),
        button(knockon.t("Clear"), knockon.t("Clear the selection (Esc)"), () => knockon.select([], "chip"))));
    });
  }

  knockon.on("me", () => { if (knockon.world) drawCard(); });
  knockon.on("selection", (value) => {
    if (!knockon.world) return;
    opened = null;
    showOpened();
    const [first] = value.assets;
    if (value.assets.length === 1 && value.from !== "map") pan(knockon.world.index.get(first), value.from);
  });
  knockon.on("world", () => { if (knockon.selection.length) knockon.select(knockon.selection, "address"); });

  /** Bring an asset into view, without moving a map that shows it already. */
  function pan(i, from) {
    const map = knockon.map;
    if (!map || i === undefined) return;
    const asset = knockon.world.assets[i], p = map.project([asset.lon, asset.lat]), box = map.getContainer();
    const inView = p.x > 60 && p.y > 90 && p.x < box.clientWidth - 60 && p.y < box.clientHeight - 90;
    const zoom = from === "search" ? Math.max(map.getZoom(), 13.5) : map.getZoom();
    if (inView && zoom === map.getZoom()) return;
    map.easeTo({ center: [asset.lon, asset.lat], zoom, duration: knockon.motion() ? 400 : 0 });
  }

  // the card follows the clock where its words change, but leaves an open form alone
  let shownWords = "";
  knockon.on("clock", () => {
    if (!knockon.world || document.querySelector(".card .supply-form form")) return;
    const [id] = knockon.selection;
    if (knockon.selection.length !== 1 && !opened) return;
    const words = opened ? openedWords() : `${id} ${knockon.stateWords(knockon.world.index.get(id))}`;
    if (words === shownWords) return;
    shownWords = words;
    const focus = document.activeElement && document.activeElement.closest(".card") ? document.activeElement.textContent : null;
    drawCard();
    if (focus) [...document.querySelectorAll(".card button")].find((b) => b.textContent === focus)?.focus();
  });

  function openedWords() {
    const { index, linkIndex } = knockon.world;
    return [opened.id, ...opened.links.map((id) => knockon.linkState(linkIndex.get(id))), ...opened.assets.filter(nameOf).map((id) => knockon.stateWords(index.get(id)))].join();
  }

  knockon.motion = () => !matchMedia("(prefers-reduced-motion: reduce)").matches;
})();
