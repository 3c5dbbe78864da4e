/* Share: start a session, invite people by link and code, see who is in, put out, end. */
(function () {
  "use strict";
  const knockon = window.knockon;
  const { el, ask } = knockon;
  const ROLES = { participant: knockon.t("Participant: changes their sectors"), observer: knockon.t("Observer: looks on"), facilitator: knockon.t("Leads together with you") };
  const ROLE = { participant: knockon.tp("role", "participant"), observer: knockon.tp("role", "observer"), facilitator: knockon.tp("role", "leads") };
  const HOURS = { 2: knockon.t("2 hours"), 8: knockon.t("8 hours"), 24: knockon.t("a day"), 72: knockon.t("3 days"), 168: knockon.t("a week") };
  let dialog = null, told = null;

  const day = (iso) => knockon.moment(iso, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const button = (text, run, more) => el("button", { type: "button", onclick: run, ...more }, text);
  const field = (label, control) => el("label", { class: "field" }, el("span", {}, label), control);
  const select = (name, options, chosen) => el("select", { name }, ...Object.entries(options).map(([value, text]) => el("option", { value, selected: String(value) === String(chosen) }, text)));
  const rights = ({ role, sectors, clearance }) => knockon.t("{role} · up to {label}", { role: `${ROLE[role]}${role === "participant" ? `: ${sectors ? sectors.join(", ") : knockon.t("all sectors")}` : ""}`, label: clearance });

  /** Do something, then show what stands; what is refused is said in the dialog. */
  async function run(work) {
    const problem = dialog.querySelector(".form-problem");
    problem.textContent = "";
    try { await work(); } catch (error) { problem.textContent = error.message; problem.scrollIntoView({ block: "nearest" }); }
  }
  const anew = async () => { told = await ask("GET", "/api/session"); draw(); };
  const doing = (work) => () => run(async () => { await work(); await anew(); });

  /** A button that asks once more before it does what cannot be taken back. */
  function sure(text, question, work, more) {
    const one = button(text, () => {
      if (one.dataset.sure) return doing(work)();
      one.dataset.sure = "1";
      one.textContent = question;
    }, more);
    one.addEventListener("blur", () => { delete one.dataset.sure; one.textContent = text; });
    return one;
  }

  // --------------------------------------------------------- without sign-in
  const ALONE = [
    el("p", {}, ...knockon.parts(knockon.t("Only you see this picture: Knock-on runs for one person on this machine. To let others join by link or code, stop it, add an account with {command}, and start it again with {setting}."), { command: el("code", {}, "python cli.py account add NAME"), setting: el("code", {}, "KNOCKON_SIGN_IN=on") })),
    el("p", { class: "fine-print" }, knockon.t("docs/how-to/share.md says how, step by step.")),
  ];

  // ------------------------------------------------------------ no session
  function start() {
    const form = el("form", { class: "stack" }, field(knockon.t("Name of the session"), el("input", { name: "name", required: true, maxlength: 120, placeholder: knockon.t("Storm exercise, Tuesday"), autocomplete: "off" })), el("button", { class: "primary wide" }, knockon.t("Start the session")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const { id, rev } = knockon.scenario;
      run(async () => {
        const made = await ask("POST", "/api/session", { name: form.elements.name.value, scenario: id, rev: id ? rev : 0 });
        knockon.hold("knockon-share", "open");
        location.assign(`/?s=${encodeURIComponent(made.scenario)}`);
      });
    });
    return [el("p", {}, knockon.t("A session begins with a copy of what you see now. Who you invite sees and changes that copy; what you tried out before stays yours.")), form, ...others()];
  }

  function others() {
    const list = told.sessions.filter((one) => !one.here);
    if (!list.length) return [];
    const go = (session) => run(async () => { await ask("POST", "/api/session/go", { session }); location.assign("/"); });
    return [el("h3", {}, knockon.t("Your other sessions")), el("ul", { class: "share-list" }, ...list.map((one) => el("li", {}, el("span", {}, one.name, el("small", {}, one.ended ? knockon.t("ended {day}", { day: day(one.ended) }) : knockon.t("open"))), button(one.ended ? knockon.t("Look at") : knockon.t("Go to"), () => go(one.id)))))];
  }

  // ------------------------------------------------------------ a session
  let invitation = null;

  function inviteForm() {
    const ticks = told.sectors.map(({ id, label }) => el("label", { class: "tick" }, el("input", { type: "checkbox", name: "sector", value: id }), label));
    const clearances = Object.fromEntries(told.clearances.map((label) => [label, `TLP:${label}`]));
    const usual = told.clearances.includes("AMBER") ? "AMBER" : told.clearances[told.clearances.length - 1];
    const sectors = el("fieldset", { class: "share-sectors" }, el("legend", {}, knockon.t("They change")), ...ticks);
    const form = el("form", { class: "stack" }, field(knockon.t("Invite as"), select("role", ROLES, "participant")), sectors,
      el("div", { class: "share-row" }, field(knockon.t("They see up to"), select("clearance", clearances, usual)), field(knockon.t("Valid for"), select("hours", HOURS, 8)), field(knockon.tp("invitation", "For"), select("uses", Object.fromEntries([1, 5, 20, 100].map((n) => [n, knockon.tn("one person", "{n} people", n)])), 20))),
      el("button", { class: "primary wide" }, knockon.t("Make a link")));
    const { role } = form.elements;
    role.addEventListener("change", () => { sectors.hidden = role.value !== "participant"; });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = [...form.querySelectorAll("[name=sector]:checked")].map((one) => one.value), { clearance, hours, uses } = form.elements;
      const wish = { role: role.value, sectors: role.value === "participant" ? chosen : null, clearance: clearance.value, hours: Number(hours.value), max_uses: Number(uses.value) };
      run(async () => {
        invitation = { ...await ask("POST", "/api/invitations", wish), words: `${ROLE[wish.role]}${wish.role === "participant" ? `: ${chosen.map((id) => told.sectors.find((one) => one.id === id).label).join(", ")}` : ""}` };
        await anew();
      });
    });
    return el("details", { class: "share-invite", open: !invitation }, el("summary", {}, knockon.t("Invite people")), form);
  }

  function link() {
    if (!invitation) return null;
    const text = el("input", { readonly: true, value: invitation.link, "aria-label": knockon.t("Invitation link"), onfocus: (event) => event.target.select() });
    const copy = button(knockon.t("Copy"), async () => { try { await navigator.clipboard.writeText(invitation.link); copy.textContent = knockon.t("Copied"); } catch { text.focus(); text.select(); } });
    return el("section", { class: "share-link", "aria-label": knockon.t("The new invitation") },
      el("img", { src: invitation.qr, alt: knockon.t("QR code of the invitation link"), width: 200, height: 200 }),
      el("div", {}, el("p", {}, el("b", {}, knockon.t("For {who}", { who: invitation.words }))), el("p", { class: "fine-print" }, knockon.t("Shown this once: whoever has the link can join until {day}.", { day: day(invitation.expires) })), el("div", { class: "share-row" }, text, copy)));
  }

  function invitations() {
    const open = told.invitations.filter((one) => one.open);
    if (!open.length) return [];
    const row = (one) => el("li", {}, el("span", {}, rights(one), el("small", {}, knockon.t("used {n} of {all}, until {day}", { n: one.uses, all: one.max_uses, day: day(one.expires) }))),
      sure(knockon.t("Take back"), knockon.t("Also put out who came by it?"), () => ask("DELETE", `/api/invitations/${one.id}`), { "aria-label": knockon.t("Take back: {what}", { what: rights(one) }) }));
    return [el("h3", {}, knockon.t("Open invitations")), el("ul", { class: "share-list" }, ...open.map(row))];
  }

  function members() {
    const row = (one) => el("li", { class: one.out ? "is-out" : "" }, el("span", {}, el("b", {}, one.name), one.you ? ` ${knockon.t("(you)")}` : "", el("small", {}, one.out ? knockon.t("put out") : rights(one))),
      one.out || one.you ? null : sure(knockon.t("Put out"), knockon.t("Put out now?"), () => ask("DELETE", `/api/members/${one.id}`), { "aria-label": knockon.t("Put out {name}", { name: one.name }) }));
    return [el("h3", {}, knockon.t("Who is in")), el("ul", { class: "share-list" }, ...told.members.map(row))];
  }

  /** A map for everybody: what it shows, its link, and how it is taken back. */
  function publicMap() {
    const { public: shown, public_link: link } = told.session, here = knockon.scenario.id;
    const publish = doing(() => ask("POST", "/api/session/public", { scenario: knockon.scenario.id }));
    const about = el("p", { class: "fine-print" }, knockon.t("What is out, by areas of 2 km, in rounded numbers; no names, no places, nothing with a label above CLEAR. It follows every change and asks nobody who they are."));
    if (!shown) return [el("h3", {}, knockon.t("Map for the public")), about, el("div", { class: "share-row share-public" }, el("a", { href: `/public/${here}`, target: "_blank" }, knockon.t("See how it would be")), button(knockon.t("Publish it"), publish))];
    const text = el("input", { readonly: true, value: link, "aria-label": knockon.t("Link of the public map"), onfocus: (event) => event.target.select() });
    return [el("h3", {}, knockon.t("Map for the public")), about, el("div", { class: "share-row share-public" }, text, el("a", { href: link, target: "_blank" }, knockon.t("Open")),
      shown === here ? null : button(knockon.t("Show what you see now instead"), publish), sure(knockon.t("Take it back"), knockon.t("Close it for everybody?"), () => ask("POST", "/api/session/public", { scenario: null })))];
  }

  function leading() {
    const leave = () => run(async () => { await ask("POST", "/api/session/go", { session: null }); location.assign("/"); });
    return [link(), inviteForm(), ...members(), ...invitations(), ...publicMap(), el("h3", {}, knockon.t("Session")),
      el("div", { class: "share-row share-end" }, el("a", { href: "/api/audit.csv", download: "audit.csv" }, knockon.t("Audit log (CSV)")), el("a", { href: "/api/audit.json", download: "audit.json" }, "JSON"),
        told.account ? button(knockon.t("Leave for now"), leave) : null, sure(knockon.t("End for everybody"), knockon.t("End it now?"), async () => { await ask("POST", "/api/session/end"); location.assign("/"); }, { class: "danger" })), ...others()];
  }

  function draw() {
    const body = dialog.querySelector(".share-body"), inside = told && told.session;
    dialog.querySelector("h2").textContent = inside ? knockon.t("Share: {name}", { name: told.session.name }) : knockon.t("Share");
    body.replaceChildren(...(!told ? ALONE : inside ? leading() : start()).filter(Boolean));
  }

  knockon.share = async function () {
    if (!dialog) {
      dialog = el("dialog", { id: "share-dialog", "aria-labelledby": "share-title" }, el("header", {}, el("h2", { id: "share-title" }, knockon.t("Share")), button("×", () => dialog.close(), { class: "close", "aria-label": knockon.t("Close") })),
        el("div", { class: "share-body" }), el("p", { class: "form-problem", role: "alert" }));
      dialog.addEventListener("close", () => { invitation = null; });
      document.body.append(dialog);
    }
    if (!dialog.open) dialog.showModal();
    if (knockon.me.sign_in) await run(anew); else { told = null; draw(); }
  };
  knockon.ready("share-button", (one) => one.addEventListener("click", knockon.share));

  // a session that was just started goes on with inviting
  knockon.on("me", (me) => {
    if (knockon.held("knockon-share") !== "open" || !me.session) return;
    knockon.hold("knockon-share", "");
    knockon.share();
  });
})();
