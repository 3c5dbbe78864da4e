/* The user of this page and what they may change; the server decides on each request. shell/me_card.js shows it. */
import { emit, latest } from "./bus.js";
import { model } from "./model.js";
import { queue } from "./scenario.js";
import { spoken, t } from "./words.js";

/** The interval of checks that the user still has access, when they send nothing. */
const ASK_AGAIN_MS = 15_000;

// ------------------------------------------------------------- removed
const send = window.fetch.bind(window);
let leaving = false;

/** Go to the sign-in page: this browser is no longer authenticated. */
export function putOut() {
  if (leaving) return;
  leaving = true;
  location.replace(`/sign-in?no=out&to=${encodeURIComponent(location.search.slice(1))}`);
}

const isChange = (options) =>
  typeof options?.body === "string" && options.body.includes('"changedPropIds":["action.data"]');

/** An open page keeps its language, even if another tab changes it: each request carries the language. */
function inMyLanguage(what, options) {
  const headers = new Headers((options && options.headers) || (what instanceof Request ? what.headers : undefined));
  headers.set("X-Knockon-Language", spoken.code);
  return { ...options, headers };
}

/** Send the page's language with each request, and leave the page on an unauthenticated answer. */
async function fetchAsUser(what, options) {
  const answer = await send(what, inMyLanguage(what, options));
  if (answer.status !== 401) {
    // too many requests, or the database is unavailable: no callback reports these
    if (!answer.ok && isChange(options)) refuse(answer.clone());
    return answer;
  }
  putOut();
  // the page is being left: the caller gets no answer, which Dash could not handle
  return new Promise(() => {});
}

async function refuse(answer) {
  try {
    const { error } = await answer.json();
    queue.refused(error);
  } catch {
    // without a reason the queue waits until its next check that the server responds
  }
}

/** Send a JSON request to the server; a refusal is thrown with the server's message. */
export async function askServer(method, address, body) {
  const form =
    method === "GET" || method === "DELETE"
      ? {}
      : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}) };
  let answer;
  let payload = {};
  try {
    answer = await fetch(address, { method, cache: "no-store", ...form });
    payload = await answer.json();
  } catch {
    /* reported below */
  }
  if (!answer || !answer.ok) {
    throw new Error(payload.error || t("The server does not answer. Try again in a moment."));
  }
  return payload;
}

// ------------------------------------------------------------ may I not
const LEADS_ONLY = t("Only the facilitator can change this.");
export const LOOKS_ON = t("You are an observer and cannot change anything.");
/** A read-only link keeps from changing by accident; who must not change is invited as an observer. */
const LOOKING = new URLSearchParams(location.search).get("look") === "1";
const label = (sector) => (model.world && model.world.sectorLabel.get(sector)) || sector;
export const mySectors = () => (model.me.sectors || []).map(label).join(", ") || t("none");

function sectorsOf({ assets = [], links = [] }) {
  const { world } = model;
  const sector = (id) => (world.index.has(id) ? world.assets[world.index.get(id)].sector : null);
  const ends = (id) =>
    world.linkIndex.has(id)
      ? [world.links[world.linkIndex.get(id)].from, world.links[world.linkIndex.get(id)].to]
      : [];
  return [...assets, ...links.flatMap(ends)].map(sector).filter(Boolean);
}

/** Why I may not change these things, or "" where I may. */
export function mayNot(things) {
  const { me, world } = model;
  if (me.leads) return "";
  if (!me.may_change) return LOOKS_ON;
  if (things.lead) return LEADS_ONLY;
  const other = world && me.sectors && sectorsOf(things).find((sector) => !me.sectors.includes(sector));
  return other
    ? t("You cannot change {sector}. Your sectors: {mine}.", { sector: label(other), mine: mySectors() })
    : "";
}

/** What an action is about, as far as the page knows. */
function about(action) {
  const list = { edit_event: "events", remove_event: "events", remove_measure: "measures", cost_measure: "measures" }[
    action.do
  ];
  const entry = list ? ((model.scenario.plain || {})[list] || [])[action.index] || {} : action.measure || {};
  const named = [entry.asset, entry.supplier].filter(Boolean);
  return {
    lead: ["settings", "open_ready", "new"].includes(action.do),
    assets: [...(action.assets || []), ...named],
    links: [...(action.links || []), ...(entry.link ? [entry.link] : [])],
  };
}

/** Stop a change that this user may not make, with a message. */
function stops(action) {
  const no = mayNot(about(action));
  if (no) emit("message", { text: no, kind: "info" });
  return no !== "";
}

// ---------------------------------------------------------- requested
function take(payload) {
  const me = LOOKING ? { ...payload, role: "observer", leads: false, may_change: false } : payload;
  const changed = JSON.stringify(me) !== JSON.stringify(model.me);
  model.me = me;
  document.documentElement.dataset.may = me.leads ? "lead" : me.may_change ? "edit" : "look";
  if (changed || !latest("me")) emit("me", me);
}

async function ask() {
  try {
    take(await askServer("GET", "/api/me"));
  } catch {
    // the connection line shows the error; the timer below retries
  }
  if (model.me.sign_in || !latest("me")) setTimeout(ask, ASK_AGAIN_MS);
}

/** Sign out; the stream ends before the answer arrives, which is no error. */
export async function signOut() {
  leaving = true;
  try {
    await askServer("POST", "/api/sign-out");
    location.replace("/sign-in");
  } catch (error) {
    leaving = false;
    throw error;
  }
}

/** Request the user of this page, now and repeatedly; main.js calls it once. */
export function askWhoIAm() {
  window.fetch = fetchAsUser;
  queue.before(stops);
  ask();
}
