/* Import: small parts of its dialog. */
import { el } from "../base/elements.js";
import { t } from "../base/words.js";
import { saveText } from "./import_files.js";

const STAGES = {
  waiting: t("waiting for its turn"),
  reading: t("reading {file}"),
  joining: t("joining"),
  "inferring what needs what": t("inferring what needs what"),
  writing: t("writing"),
  checking: t("checking"),
};

/** What is done now, and how far it is. */
export function progressView({ stage, file, share }) {
  const text = (STAGES[stage] || t("starting")).replace("{file}", file || "");
  return [
    el("p", { role: "status", class: "import-stage" }, text),
    el("progress", { max: 1, value: share || 0, "aria-label": t("How far the import is") }),
  ];
}

/** A button that lets a person choose files. */
export function fileInput(label, options, take_) {
  const input = el("input", { type: "file", class: "sr-only", tabindex: "-1", "aria-hidden": true, ...options });
  input.addEventListener("change", () => {
    take_([...input.files]);
    input.value = "";
  });
  return [el("button", { type: "button", onclick: () => input.click() }, label), input];
}

/** A file that is being sent. */
export function sendingRow(entry, at) {
  return el(
    "li",
    {},
    el("b", {}, entry.name),
    el("progress", {
      max: 1,
      value: entry.share,
      "data-sending": at,
      "aria-label": t("Sending {file}", { file: entry.name }),
    }),
  );
}

/** A control with its label. */
export const field = (label, control, more) => el("label", { class: "field" }, el("span", {}, label), control, more);

/** Saves what was corrected by hand as a file, to be used again; null where nothing was. */
export function recipeButton(recipe, crs) {
  if (!Object.keys(recipe).length) return null;
  const text = JSON.stringify({ ...recipe, ...(crs ? { crs } : {}) }, null, 1);
  return el("button", { type: "button", onclick: () => saveText("recipe.json", `${text}\n`) }, t("Save the recipe"));
}
