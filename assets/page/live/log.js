/* Who changed what: notices of what others did, and the log. */
import { emit, on } from "../base/bus.js";
import { pageName } from "../base/dash.js";
import { el } from "../base/elements.js";
import { model } from "../base/model.js";
import { queue } from "../base/scenario.js";
import { formatMoment, t, tn } from "../base/words.js";

const heard = new Set();
const FEW = 2;
on("log", (lines) => {
  const fresh = (lines || []).filter((line) => line.page !== pageName && !mine.has(line.rev) && !heard.has(line.rev));
  for (const { rev } of lines || []) heard.add(rev);
  for (const line of fresh.slice(-FEW)) emit("message", { text: sentence(line), kind: "info" });
  if (fresh.length > FEW) {
    emit("message", {
      text: tn(
        "{n} more change by others before that.",
        "{n} more changes by others before that.",
        fresh.length - FEW,
      ),
      kind: "info",
    });
  }
});
// what our own answers brought needs no notice
const mine = new Set();
on(
  "scenario",
  (() => {
    let id = null;
    return (scenario) => {
      if (scenario.id !== id) {
        id = scenario.id;
        mine.clear();
        heard.clear();
      }
      if (queue.underway) mine.add(scenario.rev);
    };
  })(),
);

const DID = {
  undone: t("undid: {what}"),
  redone: t("redid: {what}"),
  created: t("created this"),
  deleted: t("deleted this"),
  restored: t("restored this"),
};
const said = ({ kind, text }) => {
  const what = text === kind ? "" : text;
  const did = DID[kind] || "{what}";
  return did.includes("{what}") ? did.replace("{what}", () => what) : did + what;
};
const sentence = (line) => `${line.name}: ${said(line)}`;

function logDialog() {
  const body = el("div", { class: "log-lines" }, el("p", { class: "placeholder" }, "…"));
  const dialog = el(
    "dialog",
    { id: "log-dialog", "aria-labelledby": "log-title" },
    el(
      "header",
      {},
      el("h2", { id: "log-title" }, t("Who changed what")),
      el("button", { type: "button", class: "quiet-button", "data-close": "", "aria-label": t("Close") }, "×"),
    ),
    body,
  );
  new MutationObserver(() => {
    if (dialog.open) load(body);
  }).observe(dialog, { attributes: true, attributeFilter: ["open"] });
  on("scenario", () => {
    if (dialog.open) load(body);
  });
  document.body.append(dialog);
}
async function load(body) {
  const { id } = model.scenario;
  if (!id) {
    body.replaceChildren(el("p", {}, t("Nothing has been changed yet.")));
    return;
  }
  try {
    const answer = await fetch(`/api/scenarios/${encodeURIComponent(id)}/log`, { cache: "no-store" });
    const payload = await answer.json();
    if (!answer.ok) throw new Error(payload.error);
    const rows = payload.lines
      .reverse()
      .map((line) =>
        el(
          "li",
          {},
          el("time", { datetime: line.at }, when(line.at)),
          el("b", {}, line.page === pageName ? t("You") : line.name),
          el("span", {}, said(line)),
        ),
      );
    body.replaceChildren(el("ol", { class: "plain-list", reversed: true }, rows));
  } catch (error) {
    body.replaceChildren(
      el("p", { role: "alert" }, error.message || t("The log could not be read. Try again in a moment.")),
    );
  }
}
function when(iso) {
  const at = new Date(iso);
  const today = at.toDateString() === new Date().toDateString();
  return formatMoment(at, {
    hour: "2-digit",
    minute: "2-digit",
    ...(today ? {} : { day: "numeric", month: "short" }),
  });
}
logDialog();
