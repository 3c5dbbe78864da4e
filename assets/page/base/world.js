/* The world and its pictures: fetched, read, put where the page reads them (model.js). */
import { emit, latest, on } from "./bus.js";
import { sayClockAnew, setCourse } from "./clock.js";
import * as columns from "./columns.js";
import { whenReady } from "./elements.js";
import { model } from "./model.js";
import { Course } from "./time.js";
import { t } from "./words.js";

/** So long after the world the first picture is awaited without a word. */
const FIRST_MS = 8000;
const STARTING = t(
  "The server is still starting. The map and the search already work; cascades will follow in a moment.",
);
const OPTION_CHANGES = new Set(["branch", "open_option", "delete_option", "restore_option"]);

const limits = [];
let waitingPicture = null;
let askedAt = 0;

export const world = {
  /** Let `cut(picture)` limit how much of every picture this page shows. */
  limit(cut) {
    limits.push(cut);
  },
};

on("asked", () => {
  askedAt = performance.now();
});

/** Fetch the world as soon as the page has its address. */
export function loadWorld() {
  whenReady("page", (page) => {
    load(page).catch((error) => {
      console.error(error);
      const text = `${error.message} ${t("Reload the page, or check that the server still runs.")}`;
      emit("message", { text, kind: "error" });
    });
  });
}

async function load(page) {
  model.states = JSON.parse(page.dataset.states);
  const response = await fetch(page.dataset.features);
  if (!response.ok) throw new Error(t("The map's data did not arrive ({status}).", { status: response.status }));
  const text = await response.text();
  const came = performance.now();
  const loaded = withIndices(JSON.parse(text));
  loaded.read_ms = performance.now() - came;
  model.world = loaded;
  model.course = new Course(loaded.assets.length, loaded.links.length);
  emit("world", loaded);
  if (waitingPicture) takePicture(waitingPicture);
  window.setTimeout(() => {
    if (!model.picture) emit("message", { text: STARTING, kind: "info", waiting: true });
  }, FIRST_MS);
}

function withIndices(sent) {
  const loaded = columns.world(sent);
  loaded.index = new Map(sent.assets.id.map((id, i) => [id, i]));
  loaded.linkIndex = new Map(sent.links.id.map((id, k) => [id, k]));
  loaded.sectorLabel = new Map(loaded.sectors.map((sector) => [sector.id, sector.label]));
  loaded.serviceLabel = new Map(loaded.services.map((service) => [service.id, service.label]));
  loaded.serviceOf = new Map(loaded.services.map((service) => [service.id, service]));
  return loaded;
}

/** Show a picture as the server sent it, once there is a world. */
export function takePicture(sent) {
  if (!sent) return;
  if (!model.world) {
    waitingPicture = sent;
    return;
  }
  showPicture(columns.picture(sent), performance.now());
}

/** Show a picture that is read; `came` is when, in ms of the page. */
export function showPicture(whole, came) {
  const picture = limits.reduce((left, cut) => cut(left), whole);
  const fromStart = isOther(picture);
  model.picture = picture;
  setCourse(picture, fromStart);
  emit("picture", picture);
  sayClockAnew();
  // from the question to the picture, and from the picture to the colours
  model.timing = { answer_ms: askedAt ? came - askedAt : null, colours_ms: performance.now() - came };
  askedAt = 0;
}

/** Whether a picture is of another scenario, so that the clock restarts. */
function isOther(picture) {
  const { picture: before } = model;
  if (before === null || before.scenario === picture.scenario) return false;
  // another option of the same scenario is looked at, at the same hour
  if (OPTION_CHANGES.has((latest("asked") || {}).do)) return false;
  // a first change gives the scenario its id (and revision 2): that is no other one, the clock stays
  return before.scenario !== null || picture.rev === 1;
}
