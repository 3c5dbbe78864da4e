/* Who I am, and what I may change: asked once, shown in the header. The server decides every time anew. */
(function () {
  "use strict";
  const knockon = window.knockon;
  const { el } = knockon;
  const ROLES = { facilitator: knockon.tp("role", "leads"), participant: knockon.tp("role", "participant"), observer: knockon.tp("role", "looks on") };
  /** So often somebody is missed who was put out and does nothing. */
  const ASK_AGAIN_MS = 15_000;

  // until it is known, as one person alone: what may not be is refused by the server
  knockon.me = { name: "", role: "facilitator", leads: true, may_change: true, sectors: null, sign_in: false, account: false, session: null };

  // ------------------------------------------------------------- put out
  const send = window.fetch.bind(window);
  let leaving = false;

  /** Go to where people sign in: the server does not know this browser any more. */
  knockon.putOut = function () {
    if (leaving) return;
    leaving = true;
    location.replace(`/sign-in?no=out&to=${encodeURIComponent(location.search.slice(1))}`);
  };

  const isChange = ([, options]) => typeof options?.body === "string" && options.body.includes('"changedPropIds":["action.data"]');

  /** An open page keeps its language, whatever another tab chooses: it says with each question which one that is. */
  function inMyLanguage([what, options]) {
    const headers = new Headers((options && options.headers) || (what instanceof Request ? what.headers : undefined));
    headers.set("X-Knockon-Language", knockon.spoken.code);
    return [what, { ...options, headers }];
  }

  window.fetch = async function (...given) {
    const answer = await send(...inMyLanguage(given));
    if (answer.status !== 401) {
      // too many, or nobody knows who asks because the database is gone: no callback tells of it
      if (!answer.ok && isChange(given)) answer.clone().json().then((told) => knockon.queue.refused(told.error), () => {});
      return answer;
    }
    knockon.putOut();
    // the page is being left: whoever asked is told nothing more, for Dash would trip over it
    return new Promise(() => {});
  };

  /** Ask the server something as JSON; what it refuses is thrown in its words. */
  knockon.ask = async function (method, address, body) {
    const form = method === "GET" || method === "DELETE" ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}) };
    let answer, told = {};
    try { answer = await fetch(address, { method, cache: "no-store", ...form }); told = await answer.json(); } catch { /* said below */ }
    if (!answer || !answer.ok) throw new Error(told.error || knockon.t("The server does not answer. Try again in a moment."));
    return told;
  };

  // ------------------------------------------------------------ may I not
  const LEADS_ONLY = knockon.t("This is changed by who leads the session.");
  const LOOKS_ON = knockon.t("You look on here and change nothing.");
  /** A read-only link keeps from changing by accident; who must not change is invited as an observer. */
  const LOOKING = new URLSearchParams(location.search).get("look") === "1";
  const label = (sector) => (knockon.world && knockon.world.sectorLabel.get(sector)) || sector;
  knockon.mySectors = () => (knockon.me.sectors || []).map(label).join(", ") || knockon.t("none");

  function sectorsOf({ assets = [], links = [] }) {
    const { world } = knockon, sector = (id) => (world.index.has(id) ? world.assets[world.index.get(id)].sector : null);
    const ends = (id) => (world.linkIndex.has(id) ? [world.links[world.linkIndex.get(id)].from, world.links[world.linkIndex.get(id)].to] : []);
    return [...assets, ...links.flatMap(ends)].map(sector).filter(Boolean);
  }

  /** Why I may not change these things, or "" where I may. */
  knockon.mayNot = function (things) {
    const { me, world } = knockon;
    if (me.leads) return "";
    if (!me.may_change) return LOOKS_ON;
    if (things.lead) return LEADS_ONLY;
    const other = world && me.sectors && sectorsOf(things).find((sector) => !me.sectors.includes(sector));
    return other ? knockon.t("{sector} is not yours to change. You change: {mine}.", { sector: label(other), mine: knockon.mySectors() }) : "";
  };

  /** What an action is about, as far as the page can tell. */
  function about(action) {
    const list = { edit_event: "events", remove_event: "events", remove_measure: "measures", cost_measure: "measures" }[action.do];
    const entry = list ? ((knockon.scenario.plain || {})[list] || [])[action.index] || {} : action.measure || {};
    const named = [entry.asset, entry.supplier].filter(Boolean);
    return {
      lead: ["settings", "open_ready", "new"].includes(action.do),
      assets: [...(action.assets || []), ...named],
      links: [...(action.links || []), ...(entry.link ? [entry.link] : [])],
    };
  }

  const act = knockon.act;
  knockon.act = function (action) {
    const no = knockon.mayNot(about(action));
    if (no) knockon.emit("message", { text: no, kind: "info" }); else act(action);
  };

  // ---------------------------------------------------------- the header
  function show(told) {
    const me = LOOKING ? { ...told, role: "observer", leads: false, may_change: false } : told;
    const changed = JSON.stringify(me) !== JSON.stringify(knockon.me);
    knockon.me = me;
    document.documentElement.dataset.may = me.leads ? "lead" : me.may_change ? "edit" : "look";
    if (!changed && knockon.last("me")) return;
    knockon.ready("me-button", (button) => {
      button.hidden = !me.sign_in;
      button.replaceChildren(el("b", {}, me.name), el("span", { class: "me-role" }, ROLES[me.role] || me.role));
      button.setAttribute("aria-label", knockon.t("Signed in as {name}, {role}", { name: me.name, role: ROLES[me.role] || me.role }));
    });
    knockon.ready("share-button", (button) => { button.hidden = !me.leads; });
    knockon.emit("me", me);
  }

  function card() {
    const { me } = knockon, dialog = el("dialog", { id: "me-dialog", "aria-labelledby": "me-title" });
    const rows = [[knockon.t("Role"), { facilitator: knockon.t("You lead: you may change everything."), participant: knockon.t("You change: {mine}.", { mine: knockon.mySectors() }), observer: LOOKS_ON }[me.role]],
      [knockon.t("You see"), knockon.t("what is labelled up to {label}", { label: `TLP:${me.clearance}` })], [knockon.t("Session"), !me.session ? knockon.t("none: nobody else sees this") : me.session.ended ? knockon.t("{name} (ended)", me.session) : me.session.name]];
    const problem = el("p", { class: "form-problem", role: "alert" });
    const out = async () => {
      leaving = true;  // the stream ends before the answer comes, and is nobody's fault
      try { await knockon.ask("POST", "/api/sign-out"); location.replace("/sign-in"); } catch (error) { leaving = false; problem.textContent = error.message; }
    };
    dialog.append(el("h2", { id: "me-title" }, me.name), el("dl", { class: "me-rows" }, ...rows.flatMap(([term, text]) => [el("dt", {}, term), el("dd", {}, text)])), problem,
      el("div", { class: "dialog-buttons" }, el("button", { type: "button", onclick: out }, knockon.t("Sign out")), el("button", { type: "button", class: "primary", onclick: () => dialog.close() }, knockon.t("Close"))));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }
  knockon.ready("me-button", (button) => button.addEventListener("click", card));

  async function ask() {
    try {
      show(await knockon.ask("GET", "/api/me"));
    } catch { /* the line about the connection tells; asked again below */ }
    if (knockon.me.sign_in || !knockon.last("me")) setTimeout(ask, ASK_AGAIN_MS);
  }
  ask();
})();
