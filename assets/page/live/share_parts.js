/* Words and small parts of the Share dialog. */
import { el } from "../base/elements.js";
import { formatMoment, t, textParts, tp } from "../base/words.js";

export const ROLES = {
  participant: t("Participant: can change their sectors"),
  observer: t("Observer: can only view"),
  facilitator: t("Facilitator: leads with you"),
};
export const ROLE = {
  participant: tp("role", "participant"),
  observer: tp("role", "observer"),
  facilitator: tp("role", "facilitator"),
};
export const HOURS = { 2: t("2 hours"), 8: t("8 hours"), 24: t("a day"), 72: t("3 days"), 168: t("a week") };
export const day = (iso) =>
  formatMoment(iso, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
export const button = (text, onclick, more) => el("button", { type: "button", onclick, ...more }, text);
export const field = (label, control) => el("label", { class: "field" }, el("span", {}, label), control);
export const select = (name, options, chosen) =>
  el(
    "select",
    { name },
    ...Object.entries(options).map(([value, text]) =>
      el("option", { value, selected: String(value) === String(chosen) }, text),
    ),
  );
export const rights = ({ role, sectors, clearance }) =>
  t("{role} · up to {label}", {
    role: `${ROLE[role]}${role === "participant" ? `: ${sectors ? sectors.join(", ") : t("all sectors")}` : ""}`,
    label: clearance,
  });

/** The text for a single user, without sign-in. */
export const ALONE = [
  el(
    "p",
    {},
    ...textParts(
      t(
        "Only you see this picture: Knock-on runs for one person on this machine. To let others join by link or code, stop it, add an account with {command}, and start it again with {setting}.",
      ),
      { command: el("code", {}, "python cli.py account add NAME"), setting: el("code", {}, "KNOCKON_SIGN_IN=on") },
    ),
  ),
  el("p", { class: "fine-print" }, t("docs/how-to/share.md says how, step by step.")),
];
