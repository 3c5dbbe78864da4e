/* What other users do, as it happens: a stream from the server, polling if that fails, and the line that shows the
   state of the connection. The contract is docs/reference/live.md. */
import { emit, on } from "../base/bus.js";
import * as changes from "../base/changes.js";
import * as columns from "../base/columns.js";
import { pageName } from "../base/dash.js";
import { whenReady } from "../base/elements.js";
import { model } from "../base/model.js";
import { queue, showScenario } from "../base/scenario.js";
import { currentView } from "../base/views.js";
import { formatMoment, spoken, t, tn } from "../base/words.js";
import { myName, othersHere } from "./together.js";

/** Without an event for this long the stream is dead, even if the browser keeps it. The server sends one each 15 s. */
const SILENCE_MS = 40_000;
const POLL_MS = 3_000;
const WELL_MS = 15_000;
const TRIES = 3;
const LONGEST_MS = 15_000;
const TROUBLE_SHOWN_MS = 1_500;

let source = null;
let watched = null;
let failures = 0;
let timer = 0;
let silence = 0;
let since = null;
let stopped = false;
/** `well` without a scenario, `live`, `trying`, `asking` (a few seconds behind), `offline`. */
let state = "well";

// ------------------------------------------------------- the state
const clockTime = (date) => formatMoment(date, { hour: "2-digit", minute: "2-digit" });
const WORDS = {
  well: () => "",
  live: () => (othersHere && othersHere() ? t("Live") : ""),
  trying: () => t("Reconnecting…"),
  asking: () => t("Live, a few seconds behind"),
  offline: () =>
    t("Offline since {time}. What you see still plays; {waiting}", { time: clockTime(since), waiting: kept() }),
};
function kept() {
  const { length } = queue.waiting;
  if (!length) return t("changes are queued until you are connected again.");
  return tn("{n} change is queued.", "{n} changes are queued.", length);
}

let saying = 0;
function say() {
  clearTimeout(saying);
  // most broken connections are back before a user could read it
  saying = setTimeout(
    () =>
      whenReady("connection", (host) => {
        const text = WORDS[state]();
        if (host.textContent !== text) host.textContent = text;
        host.dataset.state = state;
      }),
    state === "trying" ? TROUBLE_SHOWN_MS : 0,
  );
}

function become(next) {
  if (next === "offline" && state !== "offline") {
    since = new Date();
    queue.keep();
  }
  state = next;
  document.body.classList.toggle("offline", state === "offline");
  if (state !== "offline" && queue.kept) queue.goOn();
  emit("connection", state);
  say();
}

// ------------------------------------------------------------ the stream
const query = (more) =>
  new URLSearchParams({
    v: pageName,
    speak: spoken.code,
    rev: model.scenario.rev || 0,
    name: myName ? myName() : "",
    view: currentView(),
    ...more,
  });
const jittered = (ms) => ms * (0.5 + Math.random());

function close() {
  clearTimeout(timer);
  clearTimeout(silence);
  if (source) source.close();
  source = null;
}

function open() {
  close();
  watched = model.scenario.id;
  if (stopped || document.hidden) return;
  if (!watched) {
    check();
    return;
  }
  source = new EventSource(`/api/stream?${query({ s: watched })}`);
  const heard = (listener) => (event) => {
    clearTimeout(silence);
    silence = setTimeout(failed, SILENCE_MS);
    listener(event);
  };
  source.onopen = heard(() => {
    failures = 0;
    if (queue.kept) catchUp();
    else become("live");
  });
  source.onerror = failed;
  source.addEventListener(
    "alive",
    heard(() => {}),
  );
  source.addEventListener(
    "change",
    heard((event) => take(JSON.parse(event.data))),
  );
  for (const name of ["people", "lead", "trouble"]) {
    source.addEventListener(
      name,
      heard((event) => emit(`live-${name}`, JSON.parse(event.data))),
    );
  }
}

/** Retry with growing, jittered delays; check meanwhile whether the server responds. */
async function failed() {
  close();
  if (stopped || document.hidden) return;
  failures += 1;
  if (state === "live" || state === "well") become("trying");
  const tried = failures;
  const well = await isWell();
  if (tried !== failures || source || stopped) return;
  if (!well) become("offline");
  if (well && failures >= TRIES && watched) {
    await poll();
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(open, jittered(Math.min(LONGEST_MS, 500 * 2 ** Math.min(failures, 6)) / (well ? 1 : 2)));
}

/** Checks the user's own address: a user who was removed leaves the page at once. */
async function isWell() {
  try {
    return (await fetch("/api/me", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

/** Without a scenario there is no stream: only check that the server responds. */
async function check() {
  const well = await isWell();
  if (model.scenario.id || stopped) return;
  if (well !== (state !== "offline")) become(well ? "well" : "offline");
  clearTimeout(timer);
  timer = setTimeout(check, well ? WELL_MS : jittered(2_000));
}

/** Poll every few seconds, and retry the stream now and then. */
async function poll() {
  if (!(await ask())) return failed();
  become("asking");
  failures += 1;
  clearTimeout(timer);
  timer = setTimeout(failures % 10 ? poll : open, jittered(POLL_MS));
}

/** After a time without connection: first show what others did, then send the kept changes. */
async function catchUp() {
  if (await ask()) become("live");
  else failed();
}

/** Poll for changes since the revision on show; returns whether there was an answer. */
async function ask() {
  const { id } = model.scenario;
  try {
    const answer = await fetch(`/api/scenarios/${encodeURIComponent(id)}/news?${query()}`, { cache: "no-store" });
    const news = await answer.json();
    if (answer.status === 401 || answer.status === 403) {
      end(news.error);
      return true;
    }
    if (!answer.ok) {
      emit("live-trouble", { text: news.error });
      return answer.status < 500;
    }
    if (news.change) take(news.change);
    if (news.people) emit("live-people", news.people);
    if (news.lead) emit("live-lead", news.lead);
    return true;
  } catch {
    return false;
  }
}

function end(text) {
  stopped = true;
  close();
  become("well");
  emit("message", { text: text || t("You no longer have access."), kind: "error" });
}

// ------------------------------------------------------- what others did
let held = [];

/** Apply an event of the stream; while a change of this page is pending, wait for its answer. */
function take(change) {
  if (queue.underway || !model.world) {
    held.push(change);
    return;
  }
  apply(change);
}
function takeHeld() {
  const all = held;
  held = [];
  all.forEach(apply);
}
on("between", takeHeld);
on("world", () => setTimeout(takeHeld, 0));

let asking = false;
function apply(change) {
  const { scenario, picture } = model;
  const { id, rev, from } = change;
  if (id !== scenario.id) return;
  emit("log", change.log);
  if (change.text) emit("message", { text: change.text, kind: "error" });
  if (rev <= scenario.rev) return;
  if (from === null) {
    showScenario(change.scenario, change.picture && columns.picture(change.picture));
  } else if (from === scenario.rev && picture && picture.rev === from && picture.scenario === id) {
    const plain = changes.plain(scenario.plain, change.scenario);
    showScenario(
      { ...scenario, rev, plain, title: plain.title || "" },
      changes.picture(picture, change.picture, rev),
    );
  } else if (!asking) {
    // a change of this page came between: request the difference from the shown revision
    asking = true;
    ask().finally(() => {
      asking = false;
    });
  }
}

// -------------------------------------------------------------- the line
on("scenario", (scenario) => {
  if (scenario.id !== watched || (!source && state === "well")) {
    failures = 0;
    open();
  }
});
on("asked", say);
on("live-people", say);
on("live-trouble", ({ text }) => {
  if (text) emit("message", { text, kind: "info" });
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) close();
  else {
    failures = 0;
    open();
  }
});
addEventListener("offline", () => {
  close();
  failed();
});
addEventListener("online", () => {
  failures = 0;
  open();
});
addEventListener("pagehide", close);
// changes that wait are counted in the line
on("queued", () => {
  if (state === "offline") say();
});
