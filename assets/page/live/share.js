/* Share: start a session, invite people by link and code, list members, remove them, end. */
import { on } from "../base/bus.js";
import { el, whenReady } from "../base/elements.js";
import { askServer } from "../base/me.js";
import { remember, remembered } from "../base/memory.js";
import { model } from "../base/model.js";
import { t, tn, tp } from "../base/words.js";
import { ALONE, HOURS, ROLE, ROLES, button, day, field, rights, select } from "./share_parts.js";

let dialog = null;
let overview = null;

/** Do something, then show the current state; a refusal is shown in the dialog. */
async function run(work) {
  const problem = dialog.querySelector(".form-problem");
  problem.textContent = "";
  try {
    await work();
  } catch (error) {
    problem.textContent = error.message;
    problem.scrollIntoView({ block: "nearest" });
  }
}
const anew = async () => {
  overview = await askServer("GET", "/api/session");
  draw();
};
const doing = (work) => () =>
  run(async () => {
    await work();
    await anew();
  });

/** A button that asks for confirmation before an action without undo. */
function sure(text, question, work, more) {
  const node = button(
    text,
    () => {
      if (node.dataset.sure) return doing(work)();
      node.dataset.sure = "1";
      node.textContent = question;
    },
    more,
  );
  node.addEventListener("blur", () => {
    delete node.dataset.sure;
    node.textContent = text;
  });
  return node;
}

// ------------------------------------------------------------ no session
function start() {
  const form = el(
    "form",
    { class: "stack" },
    field(
      t("Name of the session"),
      el("input", {
        name: "name",
        required: true,
        maxlength: 120,
        placeholder: t("Storm exercise, Tuesday"),
        autocomplete: "off",
      }),
    ),
    el("button", { class: "primary wide" }, t("Start the session")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { id, rev } = model.scenario;
    run(async () => {
      const made = await askServer("POST", "/api/session", {
        name: form.elements.name.value,
        scenario: id,
        rev: id ? rev : 0,
      });
      remember("knockon-share", "open");
      location.assign(`/?s=${encodeURIComponent(made.scenario)}`);
    });
  });
  return [
    el(
      "p",
      {},
      t(
        "A session begins with a copy of the current scenario. Invited people see and change that copy; your earlier work stays private.",
      ),
    ),
    form,
    ...others(),
  ];
}

function others() {
  const list = overview.sessions.filter((session) => !session.here);
  if (!list.length) return [];
  const go = (session) =>
    run(async () => {
      await askServer("POST", "/api/session/go", { session });
      location.assign("/");
    });
  return [
    el("h3", {}, t("Your other sessions")),
    el(
      "ul",
      { class: "share-list" },
      ...list.map((session) =>
        el(
          "li",
          {},
          el(
            "span",
            {},
            session.name,
            el("small", {}, session.ended ? t("ended {day}", { day: day(session.ended) }) : t("open")),
          ),
          button(session.ended ? t("Look at") : t("Go to"), () => go(session.id)),
        ),
      ),
    ),
  ];
}

// ------------------------------------------------------------ a session
let invitation = null;

function inviteForm() {
  const ticks = overview.sectors.map(({ id, label }) =>
    el("label", { class: "tick" }, el("input", { type: "checkbox", name: "sector", value: id }), label),
  );
  const clearances = Object.fromEntries(overview.clearances.map((label) => [label, `TLP:${label}`]));
  const usual = overview.clearances.includes("AMBER") ? "AMBER" : overview.clearances[overview.clearances.length - 1];
  const sectors = el("fieldset", { class: "share-sectors" }, el("legend", {}, t("They can change")), ...ticks);
  const form = el(
    "form",
    { class: "stack" },
    field(t("Invite as"), select("role", ROLES, "participant")),
    sectors,
    el(
      "div",
      { class: "share-row" },
      field(t("They can see up to"), select("clearance", clearances, usual)),
      field(t("Valid for"), select("hours", HOURS, 8)),
      field(
        tp("invitation", "For"),
        select("uses", Object.fromEntries([1, 5, 20, 100].map((n) => [n, tn("one person", "{n} people", n)])), 20),
      ),
    ),
    el("button", { class: "primary wide" }, t("Make a link")),
  );
  const { role } = form.elements;
  role.addEventListener("change", () => {
    sectors.hidden = role.value !== "participant";
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = [...form.querySelectorAll("[name=sector]:checked")].map((box) => box.value);
    const { clearance, hours, uses } = form.elements;
    const wish = {
      role: role.value,
      sectors: role.value === "participant" ? chosen : null,
      clearance: clearance.value,
      hours: Number(hours.value),
      max_uses: Number(uses.value),
    };
    run(async () => {
      invitation = {
        ...(await askServer("POST", "/api/invitations", wish)),
        words: `${ROLE[wish.role]}${wish.role === "participant" ? `: ${chosen.map((id) => overview.sectors.find((sector) => sector.id === id).label).join(", ")}` : ""}`,
      };
      await anew();
    });
  });
  return el("details", { class: "share-invite", open: !invitation }, el("summary", {}, t("Invite people")), form);
}

function link() {
  if (!invitation) return null;
  const text = el("input", {
    readonly: true,
    value: invitation.link,
    "aria-label": t("Invitation link"),
    onfocus: (event) => event.target.select(),
  });
  const copy = button(t("Copy"), async () => {
    try {
      await navigator.clipboard.writeText(invitation.link);
      copy.textContent = t("Copied");
    } catch {
      text.focus();
      text.select();
    }
  });
  return el(
    "section",
    { class: "share-link", "aria-label": t("The new invitation") },
    el("img", { src: invitation.qr, alt: t("QR code of the invitation link"), width: 200, height: 200 }),
    el(
      "div",
      {},
      el("p", {}, el("b", {}, t("For {who}", { who: invitation.words }))),
      el(
        "p",
        { class: "fine-print" },
        t("Shown only once. Anyone with the link can join until {day}.", { day: day(invitation.expires) }),
      ),
      el("div", { class: "share-row" }, text, copy),
    ),
  );
}

function invitations() {
  const open = overview.invitations.filter((entry) => entry.open);
  if (!open.length) return [];
  const row = (entry) =>
    el(
      "li",
      {},
      el(
        "span",
        {},
        rights(entry),
        el(
          "small",
          {},
          t("used {n} of {all}, until {day}", {
            n: entry.uses,
            all: entry.max_uses,
            day: day(entry.expires),
          }),
          entry.host ? ` · ${t("by {name}", { name: entry.host })}` : "",
        ),
      ),
      sure(
        t("Revoke"),
        t("Also remove those who joined by it?"),
        () => askServer("DELETE", `/api/invitations/${entry.id}`),
        {
          "aria-label": t("Revoke: {what}", { what: rights(entry) }),
        },
      ),
    );
  return [el("h3", {}, t("Open invitations")), el("ul", { class: "share-list" }, ...open.map(row))];
}

/** The members, each below the member who invited them. */
function members() {
  const row = (member) =>
    el(
      "li",
      { class: member.out ? "is-out" : "" },
      el(
        "span",
        {},
        el("b", {}, member.name),
        member.you ? ` ${t("(you)")}` : "",
        el("small", {}, member.out ? t("removed") : rights(member)),
      ),
      member.out || member.you
        ? null
        : sure(
            t("Remove"),
            guests(member.id).length ? t("Also everyone they invited?") : t("Remove now?"),
            () => askServer("DELETE", `/api/members/${member.id}`),
            {
              "aria-label": t("Remove {name}", { name: member.name }),
            },
          ),
      guests(member.id).length ? branch(member.id) : null,
    );
  const guests = (host) => overview.members.filter((member) => member.host === host);
  const branch = (host) => el("ul", { class: "share-list" }, ...guests(host).map(row));
  return [el("h3", {}, t("Members")), branch(null)];
}

/** The public map: what it shows, its link, and how to withdraw it. */
function publicMap() {
  const { public: shown, public_link: address } = overview.session;
  const here = model.scenario.id;
  const publish = doing(() => askServer("POST", "/api/session/public", { scenario: model.scenario.id }));
  const about = el(
    "p",
    { class: "fine-print" },
    t(
      "Outages by areas of 2 km, in rounded numbers; no names, no places, nothing labelled above CLEAR. It follows every change and needs no sign-in.",
    ),
  );
  if (!shown) {
    return [
      el("h3", {}, t("Map for the public")),
      about,
      el(
        "div",
        { class: "share-row share-public" },
        el("a", { href: `/public/${here}`, target: "_blank" }, t("Preview")),
        button(t("Publish it"), publish),
      ),
    ];
  }
  const text = el("input", {
    readonly: true,
    value: address,
    "aria-label": t("Link of the public map"),
    onfocus: (event) => event.target.select(),
  });
  return [
    el("h3", {}, t("Map for the public")),
    about,
    el(
      "div",
      { class: "share-row share-public" },
      text,
      el("a", { href: address, target: "_blank" }, t("Open")),
      shown === here ? null : button(t("Show what you see now instead"), publish),
      sure(t("Withdraw it"), t("Close it for everybody?"), () =>
        askServer("POST", "/api/session/public", { scenario: null }),
      ),
    ),
  ];
}

function leading() {
  const leave = () =>
    run(async () => {
      await askServer("POST", "/api/session/go", { session: null });
      location.assign("/");
    });
  return [
    link(),
    inviteForm(),
    ...members(),
    ...invitations(),
    ...publicMap(),
    el("h3", {}, t("Session")),
    el(
      "div",
      { class: "share-row share-end" },
      el("a", { href: "/api/audit.csv", download: "audit.csv" }, t("Audit log (CSV)")),
      el("a", { href: "/api/audit.json", download: "audit.json" }, "JSON"),
      overview.account ? button(t("Leave for now"), leave) : null,
      sure(
        t("End for everybody"),
        t("End it now?"),
        async () => {
          await askServer("POST", "/api/session/end");
          location.assign("/");
        },
        { class: "danger" },
      ),
    ),
    ...others(),
  ];
}

function draw() {
  const body = dialog.querySelector(".share-body");
  const inside = overview && overview.session;
  dialog.querySelector("h2").textContent = inside ? t("Share: {name}", { name: overview.session.name }) : t("Share");
  body.replaceChildren(...(!overview ? ALONE : inside ? leading() : start()).filter(Boolean));
}

export async function openShare() {
  if (!dialog) {
    dialog = el(
      "dialog",
      { id: "share-dialog", "aria-labelledby": "share-title" },
      el(
        "header",
        {},
        el("h2", { id: "share-title" }, t("Share")),
        button("×", () => dialog.close(), { class: "close", "aria-label": t("Close") }),
      ),
      el("div", { class: "share-body" }),
      el("p", { class: "form-problem", role: "alert" }),
    );
    dialog.addEventListener("close", () => {
      invitation = null;
    });
    document.body.append(dialog);
  }
  if (!dialog.open) dialog.showModal();
  if (model.me.sign_in) await run(anew);
  else {
    overview = null;
    draw();
  }
}
whenReady("share-button", (opener) => opener.addEventListener("click", openShare));

// after starting a session, the next step is to invite
on("me", (me) => {
  if (remembered("knockon-share") !== "open" || !me.session) return;
  remember("knockon-share", "");
  openShare();
});
