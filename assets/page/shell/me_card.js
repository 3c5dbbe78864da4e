/* Who uses this page, in the header, and the card behind it. */
import { on } from "../base/bus.js";
import { el, whenReady } from "../base/elements.js";
import { LOOKS_ON, mySectors, signOut } from "../base/me.js";
import { model } from "../base/model.js";
import { t, tp } from "../base/words.js";

const ROLES = {
  facilitator: tp("role", "facilitator"),
  participant: tp("role", "participant"),
  observer: tp("role", "observer"),
};

on("me", (me) => {
  const role = ROLES[me.role] || me.role;
  whenReady("me-button", (button) => {
    button.hidden = !me.sign_in;
    button.replaceChildren(el("b", {}, me.name), el("span", { class: "me-role" }, role));
    button.setAttribute("aria-label", t("Signed in as {name}, {role}", { name: me.name, role }));
  });
  whenReady("share-button", (button) => {
    button.hidden = !me.leads;
  });
});

const may = (role) =>
  ({
    facilitator: t("You are a facilitator and can change everything."),
    participant: t("You can change: {mine}.", { mine: mySectors() }),
    observer: LOOKS_ON,
  })[role];

function sessionText(session) {
  if (!session) return t("none: only you see this");
  return session.ended ? t("{name} (ended)", session) : session.name;
}

function openCard() {
  const { me } = model;
  const rows = [
    [t("Role"), may(me.role)],
    [t("You see"), t("labels up to {label}", { label: `TLP:${me.clearance}` })],
    [t("Session"), sessionText(me.session)],
  ];
  const problem = el("p", { class: "form-problem", role: "alert" });
  const out = () =>
    signOut().catch((error) => {
      problem.textContent = error.message;
    });
  const dialog = el(
    "dialog",
    { id: "me-dialog", "aria-labelledby": "me-title" },
    el("h2", { id: "me-title" }, me.name),
    el("dl", { class: "me-rows" }, ...rows.flatMap(([term, text]) => [el("dt", {}, term), el("dd", {}, text)])),
    problem,
    el(
      "div",
      { class: "dialog-buttons" },
      el("button", { type: "button", onclick: out }, t("Sign out")),
      el("button", { type: "button", class: "primary", onclick: () => dialog.close() }, t("Close")),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
whenReady("me-button", (button) => button.addEventListener("click", openCard));
