/* Who else is here, who did what, and being led: "follow me". Nothing of it shows to somebody who is alone. */
(function () {
  "use strict";
  const knockon = window.knockon;
  const { el, held, hold } = knockon;
  const { HOUR } = knockon.time;
  const VIEWS = { map: knockon.t("Map"), graph: knockon.t("Graph"), both: knockon.t("Map and graph"), list: knockon.t("List"), weak: knockon.t("Weak points"), compare: knockon.t("Compare"), exercise: knockon.t("Exercise") };
  const ROLES = { facilitator: knockon.tp("role", "leads"), participant: knockon.tp("role", "participant"), observer: knockon.tp("role", "looks on") };
  const mayLead = () => !knockon.me || knockon.me.leads;

  let people = [], count = 0, leading = false, lead = null, following = true, toGo = null;
  knockon.others = () => Math.max(0, count - 1);
  knockon.myName = () => held("knockon-name") || "";

  async function tell(address, body) {
    try {
      const answer = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), keepalive: true });
      if (!answer.ok) knockon.emit("message", { text: (await answer.json()).error, kind: "info" });
      return answer.ok;
    } catch { return false; }
  }
  const view = () => document.getElementById("centre")?.dataset.view || "map";
  const here = () => { if (knockon.scenario.id) tell("/api/presence", { scenario: knockon.scenario.id, page: knockon.page, name: knockon.myName(), view: view() }); };

  // ------------------------------------------------------------ the menu
  function draw() {
    knockon.ready("together", (menu) => {
      menu.hidden = count < 2 && !leading;
      if (menu.hidden) menu.open = false;
      // somebody may be typing their name
      if (menu.contains(document.activeElement) && document.activeElement.tagName === "INPUT") return;
      const mine = people.find((one) => one.id === knockon.page);
      const rows = people.map((one) => el("li", { class: one === mine ? "is-me" : "" }, el("b", {}, one.name), el("small", {}, [one === mine ? knockon.t("you") : "", (knockon.me && knockon.me.sign_in && ROLES[one.role]) || "", VIEWS[one.view] || ""].filter(Boolean).join(" · "))));
      const more = count - people.length;
      menu.replaceChildren(
        el("summary", { title: knockon.t("Who is here"), "aria-label": knockon.tn("{n} here: who they are", "{n} here: who they are", count) }, el("span", { class: "here-dot", "aria-hidden": "true" }), knockon.tn("{n} here", "{n} here", count)),
        el("div", { class: "popover together-menu" },
          el("ul", { class: "plain-list" }, rows), more > 0 ? el("p", { class: "fine-print" }, knockon.tn("and {n} more", "and {n} more", more)) : null,
          knockon.me && knockon.me.sign_in ? null : nameField(mine),
          el("div", { class: "together-buttons" },
            mayLead() ? el("button", { type: "button", "aria-pressed": String(leading), onclick: toggleLead }, leading ? knockon.t("Stop leading") : knockon.t("Lead: all see what I see")) : null,
            el("button", { type: "button", "data-open": "log-dialog" }, knockon.t("Who changed what")))));
    });
  }

  function nameField(mine) {
    const input = el("input", { name: "my-name", maxlength: 40, value: knockon.myName(), placeholder: mine ? mine.name : knockon.t("Your name"), autocomplete: "off" });
    input.addEventListener("change", () => { hold("knockon-name", input.value.trim()); here(); });
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") input.blur(); });
    return el("label", { class: "field" }, el("span", {}, knockon.t("You go by")), input);
  }

  knockon.on("live-people", (told) => { ({ people, count } = told); draw(); });
  knockon.on("view", () => { if (count > 1) here(); });
  knockon.on("scenario", (() => { let known = null; return ({ id }) => { if (id !== known) { known = id; people = []; count = 0; lead = toGo = null; if (leading) leadOn(); draw(); bar(); } }; })());
  knockon.on("me", draw);

  // -------------------------------------------------------- who did what
  const heard = new Set(), FEW = 2;
  knockon.on("log", (lines) => {
    const fresh = (lines || []).filter((line) => line.page !== knockon.page && !mine.has(line.rev) && !heard.has(line.rev));
    for (const { rev } of lines || []) heard.add(rev);
    for (const line of fresh.slice(-FEW)) knockon.emit("message", { text: sentence(line), kind: "info" });
    if (fresh.length > FEW) knockon.emit("message", { text: knockon.tn("{n} more change by others before that.", "{n} more changes by others before that.", fresh.length - FEW), kind: "info" });
  });
  // what our own answers brought needs no notice
  const mine = new Set();
  knockon.on("scenario", (() => { let id = null; return (scenario) => { if (scenario.id !== id) { id = scenario.id; mine.clear(); heard.clear(); } if (knockon.queue.underway) mine.add(scenario.rev); }; })());

  const DID = { undone: knockon.t("took back: {what}"), redone: knockon.t("made again: {what}"), created: knockon.t("began this"), deleted: knockon.t("deleted this"), restored: knockon.t("restored this") };
  const said = ({ kind, text }) => { const what = text === kind ? "" : text, did = DID[kind] || "{what}"; return did.includes("{what}") ? did.replace("{what}", () => what) : did + what; };
  const sentence = (line) => `${line.name}: ${said(line)}`;

  function logDialog() {
    const body = el("div", { class: "log-lines" }, el("p", { class: "placeholder" }, "…"));
    const dialog = el("dialog", { id: "log-dialog", "aria-labelledby": "log-title" }, el("header", {}, el("h2", { id: "log-title" }, knockon.t("Who changed what")), el("button", { type: "button", class: "quiet-button", "data-close": "", "aria-label": knockon.t("Close") }, "×")), body);
    new MutationObserver(() => { if (dialog.open) load(body); }).observe(dialog, { attributes: true, attributeFilter: ["open"] });
    knockon.on("scenario", () => { if (dialog.open) load(body); });
    document.body.append(dialog);
  }
  async function load(body) {
    const { id } = knockon.scenario;
    if (!id) { body.replaceChildren(el("p", {}, knockon.t("Nothing has been changed yet."))); return; }
    try {
      const answer = await fetch(`/api/scenarios/${encodeURIComponent(id)}/log`, { cache: "no-store" }), told = await answer.json();
      if (!answer.ok) throw new Error(told.error);
      const rows = told.lines.reverse().map((line) => el("li", {}, el("time", { datetime: line.at }, when(line.at)), el("b", {}, line.page === knockon.page ? knockon.t("You") : line.name), el("span", {}, said(line))));
      body.replaceChildren(el("ol", { class: "plain-list", reversed: true }, rows));
    } catch (error) { body.replaceChildren(el("p", { role: "alert" }, error.message || knockon.t("The log could not be read. Try again in a moment."))); }
  }
  function when(iso) {
    const at = new Date(iso), today = at.toDateString() === new Date().toDateString();
    return knockon.moment(at, { hour: "2-digit", minute: "2-digit", ...(today ? {} : { day: "numeric", month: "short" }) });
  }
  logDialog();

  // ------------------------------------------------------------- to lead
  const SOON_MS = 120, STILL_MS = 5_000;
  let timer = 0, sent = "", sentAt = 0, ledAt = null;

  function standing() {
    const { clock, map, selection } = knockon;
    const at = map ? [...map.getCenter().toArray(), map.getZoom()].map((n) => Math.round(n * 1e5) / 1e5) : null;
    return { t_ms: Math.round(clock.t), playing: clock.playing, speed: clock.speed, view: view(), selection: selection.slice(0, 200), at };
  }
  function toggleLead() {
    leading = !leading;
    if (leading) { following = false; lead = null; sent = ""; show(); } else if (ledAt) tell("/api/lead", { scenario: ledAt, page: knockon.page });
    draw();
    bar();
  }
  /** Another scenario was opened: those who follow come along. One that is not begun yet is nowhere to go. */
  async function leadOn() {
    const { id } = knockon.scenario, from = ledAt;
    if (!id) return;
    sent = "";
    if (from && from !== id) await tell("/api/lead", { scenario: from, page: knockon.page, to: id });
    show();
  }
  async function show() {
    clearTimeout(timer);
    if (!leading || !knockon.scenario.id) return;
    const state = standing(), text = JSON.stringify({ ...state, t_ms: state.playing ? 0 : state.t_ms });
    timer = setTimeout(show, STILL_MS);
    if (text === sent && Date.now() - sentAt < STILL_MS - 100) return;
    sent = text;
    sentAt = Date.now();
    ledAt = knockon.scenario.id;
    if (!(await tell("/api/lead", { scenario: knockon.scenario.id, page: knockon.page, state })) && knockon.last("connection") !== "offline") { leading = false; draw(); bar(); }
  }
  function soon() {
    if (!leading) return;
    clearTimeout(timer);
    timer = setTimeout(show, SOON_MS);
  }
  for (const topic of ["playing", "selection", "view"]) knockon.on(topic, soon);
  knockon.on("clock", () => { if (!knockon.clock.playing) soon(); });
  knockon.on("map", (map) => map.on("moveend", soon));
  addEventListener("pagehide", () => { if (leading && ledAt) tell("/api/lead", { scenario: ledAt, page: knockon.page }); });

  // ----------------------------------------------------------- to follow
  knockon.on("live-lead", (told) => {
    const begins = told.on && (!lead || lead.page !== told.page);
    if (told.page === knockon.page) return;
    if (told.to && lead && lead.page === told.page) { wentOn(told); return; }
    if (told.on && leading) leading = false;  // somebody else took the lead
    lead = told.on ? told : null;
    if (begins) following = true;
    if (lead && following) go(lead);
    if (!lead) following = true;
    draw();
    bar();
  });

  /** Who leads is at another scenario now. Who follows goes along, once changes under way are made; others are told. */
  function wentOn({ name, to }) {
    lead = { ...lead, to };
    if (following) {
      knockon.emit("message", { text: knockon.t("{name} went on to another scenario, and you with them.", { name }), kind: "info" });
      along(to);
    }
    bar();
  }
  function along(to) {
    toGo = to || toGo;
    if (!toGo || knockon.queue.underway || knockon.queue.waiting.length) return;
    knockon.openScenario(toGo);
    toGo = null;
  }
  knockon.on("between", () => along());

  const same = (a, b) => a.length === b.length && a.every((one, n) => one === b[n]);
  function go(to) {
    const { clock, map } = knockon;
    if (view() !== to.view) knockon.setView(to.view);
    clock.setSpeed(to.speed);
    const apart = Math.abs(clock.t - to.t_ms);
    // while both play, a little apart is no reason to jump
    if (apart > (to.playing && clock.playing ? 0.7 * to.speed * HOUR : 1)) clock.set(to.t_ms);
    if (to.playing !== clock.playing) clock.toggle();
    if (!same(knockon.selection, to.selection)) knockon.select(to.selection, "lead");
    if (map && to.at) {
      const now = map.getCenter(), [lng, lat, zoom] = to.at;
      if (Math.abs(now.lng - lng) + Math.abs(now.lat - lat) > 2e-5 || Math.abs(map.getZoom() - zoom) > 0.01) map.easeTo({ center: [lng, lat], zoom, duration: 300 });
    }
  }

  const strip = el("div", { id: "lead-bar", class: "lead-bar", role: "status", hidden: true });
  knockon.ready("centre", (centre) => centre.append(strip));
  function bar() {
    strip.hidden = !leading && !lead;
    if (leading) { strip.replaceChildren(el("span", {}, knockon.t("You lead: those who follow see your clock, view and place.")), button(knockon.t("Stop leading"), toggleLead)); return; }
    if (!lead) return;
    const apart = lead.to ? knockon.t("{name} went on to another scenario; you stayed.", lead) : knockon.t("{name} leads; you look around yourself.", lead);
    strip.replaceChildren(el("span", {}, following ? knockon.t("You follow {name}.", lead) : apart), button(following ? knockon.t("Look around yourself") : knockon.t("Follow {name}", lead), toggleFollow));
  }
  function toggleFollow() {
    following = !following;
    toGo = null;
    if (!following) knockon.clock.pause(); else if (lead.to) along(lead.to); else go(lead);
    bar();
  }
  const button = (text, onclick) => el("button", { type: "button", onclick }, text);
})();
