/* Import: files are dropped, shown as what they are, corrected, and become a world on the server. */
import { on } from "../base/bus.js";
import { el, whenReady } from "../base/elements.js";
import { request } from "../base/server.js";
import { t, tn } from "../base/words.js";
import { layerView } from "./import_columns.js";
import { field, fileInput, progressView, recipeButton, sendingRow } from "./import_parts.js";
import { sendFile, sizeText } from "./import_files.js";
import { reportView } from "./import_report.js";

const POLL_MS = 400;
const IS_BUSY = ["waiting", "running"];

let dialog = null;
let held = null;

const fresh = () => ({
  state: null,
  looked: null,
  sending: [],
  busy: 0,
  title: "",
  crs: "",
  population: null,
  recipe: {},
  problem: "",
  number: 0,
});
const address = (rest = "") => `/api/imports/${encodeURIComponent(held.state.id)}${rest}`;

async function attempt(work) {
  held.problem = "";
  try {
    await work();
  } catch (error) {
    if (held) held.problem = error.message;
  }
  if (held) draw();
}

// -------------------------------------------------------------- files
async function take(files) {
  if (!files.length || IS_BUSY.includes(held.state?.state)) return;
  await attempt(async () => {
    held.state = held.state || (await request("POST", "/api/imports", {}));
    for (const file of files) await send(file);
  });
  await preview();
}

async function send(file) {
  const entry = { name: file.name, size: file.size, share: 0 };
  held.sending.push(entry);
  draw();
  try {
    held.state = await sendFile(held.state.id, file, (share) => {
      entry.share = share;
      const bar = dialog?.querySelector(`[data-sending="${held.sending.indexOf(entry)}"]`);
      if (bar) bar.value = share;
    });
    held.title ||= file.name.split(".")[0].replaceAll(/[_-]+/g, " ").trim();
  } finally {
    held.sending = held.sending.filter((one) => one !== entry);
  }
}

const drop = (number) =>
  attempt(async () => {
    held.state = await request("DELETE", address(`/files/${number}`));
    if (held.population === number) held.population = null;
    await preview();
  });

const how = () => ({ crs: held.crs, recipe: held.recipe });

async function preview() {
  if (!held?.state?.files.length) {
    if (held) held.looked = null;
    draw();
    return;
  }
  held.busy += 1;
  const asked = (held.number += 1);
  draw();
  await attempt(async () => {
    const looked = await request("POST", address("/preview"), how());
    if (!held || held.number !== asked) return;
    if (looked.problems) throw new Error(looked.problems.join("\n"));
    held.looked = looked;
    const raster = looked.files.find((file) => file.kind === "raster of people");
    if (raster && held.population === null) held.population = raster.number;
  });
  if (!held) return;
  held.busy -= 1;
  draw();
}

// ------------------------------------------------------------- recipe
function ofLayer(name) {
  held.recipe.layers = held.recipe.layers || {};
  held.recipe.layers[name] = held.recipe.layers[name] || {};
  return held.recipe.layers[name];
}

const choices = {
  column(layer, header, meaning) {
    const own = ofLayer(layer);
    own.columns = { ...own.columns, [header]: meaning };
    preview();
  },
  skip(layer, skip) {
    ofLayer(layer).skip = skip;
    preview();
  },
};

const mends = {
  apply(mend) {
    held.recipe[mend.section] = { ...held.recipe[mend.section], [mend.wrong]: mend.right };
    draw();
  },
  applied: (mend) => held.recipe[mend.section]?.[mend.wrong] === mend.right,
};

async function takeRecipe(file) {
  await attempt(async () => {
    let plain = null;
    try {
      plain = JSON.parse(await file.text());
    } catch {
      // said below
    }
    if (!plain || typeof plain !== "object" || Array.isArray(plain)) throw new Error(t("This file is no recipe."));
    held.recipe = plain;
    held.crs = typeof plain.crs === "string" ? plain.crs : held.crs;
  });
  await preview();
}

// ---------------------------------------------------------------- run
const start = () =>
  attempt(async () => {
    const plan = { ...how(), title: held.title, population: held.population };
    held.state = await request("POST", address("/start"), plan);
    setTimeout(poll, POLL_MS);
  });

async function poll() {
  if (!held?.state) return;
  try {
    held.state = await request("GET", address());
    held.problem = "";
  } catch (error) {
    held.problem = error.message;
  }
  if (IS_BUSY.includes(held.state.state)) setTimeout(poll, POLL_MS);
  draw();
}

const cancel = () =>
  attempt(async () => {
    held.state = await request("POST", address("/cancel"), {});
  });

// --------------------------------------------------------------- draw
function dropZone() {
  return el(
    "div",
    { class: "import-drop" },
    el("p", {}, t("Drop files here: an OpenStreetMap extract, spreadsheets, GIS layers, networks, a world of ours.")),
    ...fileInput(t("Choose files…"), { multiple: true, "data-import": "files" }, take),
  );
}

function fileRow(file) {
  const looked = held.looked?.files.find((one) => one.number === file.number);
  const problems = looked?.problems || [];
  return el(
    "li",
    { class: problems.length ? "is-wrong" : "" },
    el("b", {}, file.name),
    el(
      "span",
      { class: "import-kind" },
      `${looked && !problems.length ? `${looked.kind}, ` : ""}${sizeText(file.size)}`,
    ),
    el(
      "button",
      {
        type: "button",
        class: "close",
        "aria-label": t("Leave out {file}", { file: file.name }),
        onclick: () => drop(file.number),
      },
      "×",
    ),
    problems.length ? el("p", { class: "form-problem" }, problems.slice(0, 5).join("\n")) : null,
  );
}

function settings() {
  const { files } = held.state;
  const layers = held.looked?.files.flatMap((file) => file.layers) || [];
  const asksCrs = held.crs || layers.some((layer) => layer.needs_crs);
  const option = (value, label) => el("option", { value, selected: value === String(held.population ?? "") }, label);
  return el(
    "div",
    { class: "stack" },
    field(
      t("Title"),
      el("input", {
        name: "title",
        maxlength: 120,
        value: held.title,
        oninput: (event) => (held.title = event.target.value),
      }),
    ),
    asksCrs
      ? field(
          t("Coordinates in"),
          el("input", {
            name: "crs",
            placeholder: "EPSG:25833",
            value: held.crs,
            onchange: (event) => {
              held.crs = event.target.value.trim();
              preview();
            },
          }),
        )
      : null,
    layers.some((layer) => layer.needs_crs)
      ? el(
          "p",
          { class: "form-problem" },
          t("These coordinates are no degrees and no file says what they are in. Name their reference system."),
        )
      : null,
    files.length > 1
      ? field(
          t("People from"),
          el(
            "select",
            {
              name: "population",
              onchange: (event) => (held.population = event.target.value ? Number(event.target.value) : null),
            },
            option("", t("the files themselves, or an estimate")),
            ...files.map((file) => option(String(file.number), file.name)),
          ),
        )
      : null,
  );
}

function layersOf() {
  const found = held.looked?.files.flatMap((file) => file.layers) || [];
  if (!found.length) return [];
  return [
    el("h3", {}, t("What the columns mean")),
    ...found.map((layer) => layerView(layer, held.looked.fields, choices)),
  ];
}

function running() {
  return [
    ...progressView(held.state.progress),
    el("div", { class: "dialog-buttons" }, el("button", { type: "button", onclick: cancel }, t("Cancel"))),
  ];
}

function result() {
  const { state, report, problems, opens, labels } = held.state || {};
  if (state === "cancelled") return [el("p", { role: "status" }, t("Cancelled. The files are still here."))];
  if (state === "failed") {
    return [
      el("h3", {}, t("These files could not be imported")),
      el("ul", { class: "import-problems", role: "alert" }, ...problems.map((line) => el("li", {}, line))),
    ];
  }
  if (state !== "done") return [];
  return [
    el("h3", {}, t("Imported: {title}", { title: held.title })),
    opens.address
      ? el("a", { class: "primary import-open", href: opens.address }, t("Open this world"))
      : el(
          "p",
          {},
          t("It stands in {folder}. Start Knock-on with KNOCKON_WORLD={folder} to open it.", {
            folder: opens.folder,
          }),
        ),
    ...reportView(report, labels, mends),
  ];
}

function buttons() {
  const ready = held.state?.files.length && !held.sending.length && !held.busy;
  const again = ["done", "failed", "cancelled"].includes(held.state?.state);
  return el(
    "div",
    { class: "dialog-buttons import-buttons" },
    ...(held.state?.files.length
      ? fileInput(
          t("Use a recipe…"),
          { accept: ".json", "data-import": "recipe" },
          ([file]) => file && takeRecipe(file),
        )
      : []),
    recipeButton(held.recipe, held.crs),
    el(
      "button",
      { type: "button", class: "primary", disabled: !ready, "data-import": "start", onclick: start },
      again ? t("Import again") : t("Import"),
    ),
  );
}

function body() {
  if (held.state && IS_BUSY.includes(held.state.state)) return running();
  const files = held.state?.files || [];
  return [
    ...result(),
    dropZone(),
    files.length || held.sending.length
      ? el(
          "ul",
          { class: "import-files", "aria-label": tn("{n} file", "{n} files", files.length) },
          ...files.map(fileRow),
          ...held.sending.map(sendingRow),
        )
      : el("p", { class: "empty" }, t("Nothing leaves this server. What is open on the map stays as it is.")),
    held.busy ? el("p", { role: "status", class: "fine-print" }, t("Looking at the files…")) : null,
    ...(files.length ? [settings(), ...layersOf()] : []),
    buttons(),
  ];
}

function draw() {
  if (!dialog || !held) return;
  const place = dialog.querySelector(".import-body");
  const focused = document.activeElement?.getAttribute?.("aria-label") || document.activeElement?.name;
  const unfolded = [...place.querySelectorAll("details")].map((part) => part.open);
  place.replaceChildren(...body().filter((child) => child));
  const parts = [...place.querySelectorAll("details")];
  if (parts.length === unfolded.length) parts.forEach((part, at) => (part.open = unfolded[at]));
  const problem = dialog.querySelector(".import-problem");
  problem.textContent = held.problem;
  if (!focused) return;
  const again = [...place.querySelectorAll("button, select, input")].find(
    (part) => part.getAttribute("aria-label") === focused || part.name === focused,
  );
  again?.focus({ preventScroll: true });
}

function open() {
  held = held || fresh();
  dialog = el(
    "dialog",
    { id: "import-dialog", "aria-labelledby": "import-title" },
    el(
      "header",
      {},
      el("h2", { id: "import-title" }, t("Import your own region")),
      el("button", { type: "button", class: "close", "aria-label": t("Close"), onclick: () => dialog.close() }, "×"),
    ),
    el("p", { class: "form-problem import-problem", role: "alert" }),
    el("div", { class: "import-body" }),
  );
  dialog.addEventListener("dragover", (event) => {
    event.preventDefault();
    dialog.classList.add("is-over");
  });
  dialog.addEventListener("dragleave", () => dialog.classList.remove("is-over"));
  dialog.addEventListener("drop", (event) => {
    event.preventDefault();
    dialog.classList.remove("is-over");
    take([...event.dataTransfer.files]);
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    dialog = null;
  });
  document.body.append(dialog);
  draw();
  dialog.showModal();
}

whenReady("import-button", (button) => button.addEventListener("click", open));
on("me", (me) => {
  whenReady("import", (section) => {
    section.hidden = !me.leads;
  });
});
