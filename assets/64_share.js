/* Share: start a session, invite people by link and code, see who is in, put out, end. */
(function () {
  "use strict";
  const knockon = window.knockon;
  const { el, ask } = knockon;
  const ROLES = { participant: "Participant: changes their sectors", observer: "Observer: looks on", facilitator: "Leads together with you" };
  const ROLE = { participant: "participant", observer: "observer", facilitator: "leads" };
  const HOURS = { 2: "2 hours", 8: "8 hours", 24: "a day", 72: "3 days", 168: "a week" };
  let dialog = null, told = null;

  const day = (iso) => new Date(iso).toLocaleString([], { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const button = (text, run, more) => el("button", { type: "button", onclick: run, ...more }, text);
  const field = (label, control) => el("label", { class: "field" }, el("span", {}, label), control);
  const select = (name, options, chosen) => el("select", { name }, ...Object.entries(options).map(([value, text]) => el("option", { value, selected: String(value) === String(chosen) }, text)));
  const rights = ({ role, sectors, clearance }) => `${ROLE[role]}${role === "participant" ? `: ${sectors ? sectors.join(", ") : "all sectors"}` : ""} · up to ${clearance}`;

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
    el("p", {}, "Only you see this picture: Knock-on runs for one person on this machine. To let others join by link or code, stop it, add an account with ", el("code", {}, "python cli.py account add NAME"), ", and start it again with ", el("code", {}, "KNOCKON_SIGN_IN=on"), "."),
    el("p", { class: "fine-print" }, "docs/how-to/share.md says how, step by step."),
  ];

  // ------------------------------------------------------------ no session
  function start() {
    const form = el("form", { class: "stack" }, field("Name of the session", el("input", { name: "name", required: true, maxlength: 120, placeholder: "Storm exercise, Tuesday", autocomplete: "off" })), el("button", { class: "primary wide" }, "Start the session"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const { id, rev } = knockon.scenario;
      run(async () => {
        const made = await ask("POST", "/api/session", { name: form.elements.name.value, scenario: id, rev: id ? rev : 0 });
        knockon.hold("knockon-share", "open");
        location.assign(`/?s=${encodeURIComponent(made.scenario)}`);
      });
    });
    return [el("p", {}, "A session begins with a copy of what you see now. Who you invite sees and changes that copy; what you tried out before stays yours."), form, ...others()];
  }

  function others() {
    const list = told.sessions.filter((one) => !one.here);
    if (!list.length) return [];
    const go = (session) => run(async () => { await ask("POST", "/api/session/go", { session }); location.assign("/"); });
    return [el("h3", {}, "Your other sessions"), el("ul", { class: "share-list" }, ...list.map((one) => el("li", {}, el("span", {}, one.name, el("small", {}, one.ended ? `ended ${day(one.ended)}` : "open")), button(one.ended ? "Look at" : "Go to", () => go(one.id)))))];
  }

  // ------------------------------------------------------------ a session
  let invitation = null;

  function inviteForm() {
    const ticks = told.sectors.map(({ id, label }) => el("label", { class: "tick" }, el("input", { type: "checkbox", name: "sector", value: id }), label));
    const clearances = Object.fromEntries(told.clearances.map((label) => [label, `TLP:${label}`]));
    const usual = told.clearances.includes("AMBER") ? "AMBER" : told.clearances[told.clearances.length - 1];
    const sectors = el("fieldset", { class: "share-sectors" }, el("legend", {}, "They change"), ...ticks);
    const form = el("form", { class: "stack" }, field("Invite as", select("role", ROLES, "participant")), sectors,
      el("div", { class: "share-row" }, field("They see up to", select("clearance", clearances, usual)), field("Valid for", select("hours", HOURS, 8)), field("For", select("uses", { 1: "one person", 5: "5 people", 20: "20 people", 100: "100 people" }, 20))),
      el("button", { class: "primary wide" }, "Make a link"));
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
    return el("details", { class: "share-invite", open: !invitation }, el("summary", {}, "Invite people"), form);
  }

  function link() {
    if (!invitation) return null;
    const text = el("input", { readonly: true, value: invitation.link, "aria-label": "Invitation link", onfocus: (event) => event.target.select() });
    const copy = button("Copy", async () => { try { await navigator.clipboard.writeText(invitation.link); copy.textContent = "Copied"; } catch { text.focus(); text.select(); } });
    return el("section", { class: "share-link", "aria-label": "The new invitation" },
      el("img", { src: invitation.qr, alt: "QR code of the invitation link", width: 200, height: 200 }),
      el("div", {}, el("p", {}, el("b", {}, `For ${invitation.words}`)), el("p", { class: "fine-print" }, `Shown this once: whoever has the link can join until ${day(invitation.expires)}.`), el("div", { class: "share-row" }, text, copy)));
  }

  function invitations() {
    const open = told.invitations.filter((one) => one.open);
    if (!open.length) return [];
    const row = (one) => el("li", {}, el("span", {}, rights(one), el("small", {}, `used ${one.uses} of ${one.max_uses}, until ${day(one.expires)}`)),
      sure("Take back", "Also put out who came by it?", () => ask("DELETE", `/api/invitations/${one.id}`), { "aria-label": `Take back: ${rights(one)}` }));
    return [el("h3", {}, "Open invitations"), el("ul", { class: "share-list" }, ...open.map(row))];
  }

  function members() {
    const row = (one) => el("li", { class: one.out ? "is-out" : "" }, el("span", {}, el("b", {}, one.name), one.you ? " (you)" : "", el("small", {}, one.out ? "put out" : rights(one))),
      one.out || one.you ? null : sure("Put out", "Put out now?", () => ask("DELETE", `/api/members/${one.id}`), { "aria-label": `Put out ${one.name}` }));
    return [el("h3", {}, "Who is in"), el("ul", { class: "share-list" }, ...told.members.map(row))];
  }

  /** A map for everybody: what it shows, its link, and how it is taken back. */
  function publicMap() {
    const { public: shown, public_link: link } = told.session, here = knockon.scenario.id;
    const publish = doing(() => ask("POST", "/api/session/public", { scenario: knockon.scenario.id }));
    const about = el("p", { class: "fine-print" }, "What is out, by areas of 2 km, in rounded numbers; no names, no places, nothing with a label above CLEAR. It follows every change and asks nobody who they are.");
    if (!shown) return [el("h3", {}, "Map for the public"), about, el("div", { class: "share-row share-public" }, el("a", { href: `/public/${here}`, target: "_blank" }, "See how it would be"), button("Publish it", publish))];
    const text = el("input", { readonly: true, value: link, "aria-label": "Link of the public map", onfocus: (event) => event.target.select() });
    return [el("h3", {}, "Map for the public"), about, el("div", { class: "share-row share-public" }, text, el("a", { href: link, target: "_blank" }, "Open"),
      shown === here ? null : button("Show what you see now instead", publish), sure("Take it back", "Close it for everybody?", () => ask("POST", "/api/session/public", { scenario: null })))];
  }

  function leading() {
    const leave = () => run(async () => { await ask("POST", "/api/session/go", { session: null }); location.assign("/"); });
    return [link(), inviteForm(), ...members(), ...invitations(), ...publicMap(), el("h3", {}, "Session"),
      el("div", { class: "share-row share-end" }, el("a", { href: "/api/audit.csv", download: "audit.csv" }, "Audit log (CSV)"), el("a", { href: "/api/audit.json", download: "audit.json" }, "JSON"),
        told.account ? button("Leave for now", leave) : null, sure("End for everybody", "End it now?", async () => { await ask("POST", "/api/session/end"); location.assign("/"); }, { class: "danger" })), ...others()];
  }

  function draw() {
    const body = dialog.querySelector(".share-body"), inside = told && told.session;
    dialog.querySelector("h2").textContent = inside ? `Share: ${told.session.name}` : "Share";
    body.replaceChildren(...(!told ? ALONE : inside ? leading() : start()).filter(Boolean));
  }

  knockon.share = async function () {
    if (!dialog) {
      dialog = el("dialog", { id: "share-dialog", "aria-labelledby": "share-title" }, el("header", {}, el("h2", { id: "share-title" }, "Share"), button("×", () => dialog.close(), { class: "close", "aria-label": "Close" })),
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
