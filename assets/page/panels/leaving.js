/* Exports: the Brief dialog requests one file and saves it; options are deleted with an undo notice. */
import { emit, on } from "../base/bus.js";
import { clock } from "../base/clock.js";
import { el, whenReady } from "../base/elements.js";
import { model } from "../base/model.js";
import { act } from "../base/scenario.js";
import { hoursText } from "../base/time.js";
import { t } from "../base/words.js";
import { stage } from "../map/stage.js";

// -------------------------------------------------------------- brief
const form = () => document.querySelector('[data-leave="form"]');
const isWarning = () => form().elements.kind.value === "cap";

function fit() {
  document.querySelector('[data-leave="warning"]').hidden = !isWarning();
}

whenReady("brief-dialog", (dialog) => {
  new MutationObserver(() => {
    if (!dialog.open) return;
    const title = document.getElementById("scenario-title");
    document.querySelector('[data-leave="about"]').textContent =
      `${title ? title.textContent : ""}${t(", at {at}", { at: hoursText(clock.t) })}`;
    dialog.querySelector(".form-problem").textContent = "";
    dialog.querySelector('[data-leave="links"]').replaceChildren(...links());
    fit();
  }).observe(dialog, { attributes: true, attributeFilter: ["open"] });
});
/** The address of this very picture: to work on, only to look at, for a wall. */
function links() {
  return [
    [t("Full view"), ""],
    [t("Read-only view"), "look"],
    [t("Wall screen"), "kiosk"],
  ].flatMap(([text, more], n) => {
    const to = new URL(location.href);
    for (const name of ["look", "kiosk"]) to.searchParams.delete(name);
    if (more) to.searchParams.set(more, "1");
    return [n ? " · " : "", el("a", { href: to.href, target: "_blank", rel: "noopener" }, text)];
  });
}

document.addEventListener("change", (event) => {
  if (form() && event.target.closest('[data-leave="form"]')) fit();
});

/** A ring around what the map shows. */
function view() {
  const b = stage.map.getBounds();
  const [w, e] = [Math.max(-180, b.getWest()), Math.min(180, b.getEast())];
  return [
    [w, b.getSouth()],
    [e, b.getSouth()],
    [e, b.getNorth()],
    [w, b.getNorth()],
    [w, b.getSouth()],
  ];
}

function order(fields) {
  const { scenario } = model;
  const asked = {
    scenario: scenario.id || null,
    rev: scenario.id ? scenario.rev : 0,
    at_ms: Math.round(clock.t),
    kind: fields.kind.value,
    label: fields.label.value,
  };
  if (!isWarning()) return asked;
  for (const name of ["status", "urgency", "severity", "certainty"]) asked[name] = fields[name].value;
  if (fields.area.value === "map" && stage.map) asked.polygon = view();
  return asked;
}

document.addEventListener("submit", async (event) => {
  const asking = event.target.closest('[data-leave="form"]');
  if (!asking) return;
  event.preventDefault();
  const button = asking.querySelector("[type=submit]");
  const problem = asking.querySelector(".form-problem");
  button.disabled = true;
  button.textContent = t("Making…");
  problem.textContent = "";
  try {
    const response = await fetch("/api/files", {
      method: "POST",
      cache: "no-store",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(order(asking.elements)),
    });
    if (!response.ok) {
      throw new Error(
        (await response.json().catch(() => ({}))).error ||
          t("The server answered {status}.", { status: response.status }),
      );
    }
    save(await response.blob(), (response.headers.get("content-disposition") || "").match(/filename="([^"]+)"/));
    asking.closest("dialog").close();
  } catch (error) {
    problem.textContent =
      error instanceof TypeError
        ? t("The server cannot be reached. Try again when the connection is back.")
        : error.message;
  }
  button.disabled = false;
  button.textContent = t("Make and save");
});

function save(blob, named) {
  const link = el("a", { href: URL.createObjectURL(blob), download: named ? named[1] : "briefing" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  emit("message", { kind: "info", text: t("Saved: {file}", { file: link.download }) });
}

// ------------------------------------------------------------ options
document.addEventListener("submit", (event) => {
  const naming = event.target.closest("form[data-branch]");
  if (!naming) return;
  event.preventDefault();
  const name = naming.elements.name.value.trim();
  if (name) act({ do: "branch", name });
});

/** Delete at once, with undo while the notice is shown. */
let away = null;
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-option-away]");
  if (!button) return;
  away = { id: button.dataset.optionAway, name: button.dataset.name };
  act({ do: "delete_option", id: away.id });
});
on("scenario", () => {
  if (!away) return;
  const { id, name } = away;
  away = null;
  emit("message", {
    kind: "info",
    text: t("{name} was deleted.", { name }),
    act: { label: t("Restore it"), action: { do: "restore_option", id } },
  });
});
on("message", (message) => {
  if (message.kind !== "info") away = null;
});
