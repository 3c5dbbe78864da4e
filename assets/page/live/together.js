/* Who else is here, who did what, and being led: "follow me". A user who is alone sees nothing of it. */
import { emit, latest, on } from "../base/bus.js";
import { clock } from "../base/clock.js";
import { pageName } from "../base/dash.js";
import { el, whenReady } from "../base/elements.js";
import { remember, remembered } from "../base/memory.js";
import { model } from "../base/model.js";
import { openScenario, queue } from "../base/scenario.js";
import { selectAssets, selection } from "../base/selection.js";
import { HOUR } from "../base/time.js";
import { currentView, setView } from "../base/views.js";
import { t, tn, tp } from "../base/words.js";
import { stage } from "../map/stage.js";

const VIEWS = {
  map: t("Map"),
  graph: t("Graph"),
  both: t("Map and graph"),
  list: t("List"),
  weak: t("Weak points"),
  compare: t("Compare"),
  exercise: t("Exercise"),
};
const ROLES = {
  facilitator: tp("role", "facilitator"),
  participant: tp("role", "participant"),
  observer: tp("role", "observer"),
};
const mayLead = () => !model.me || model.me.leads;

let people = [];
let count = 0;
let leading = false;
let lead = null;
let following = true;
let toGo = null;
export const othersHere = () => Math.max(0, count - 1);
export const myName = () => remembered("knockon-name") || "";

async function tell(address, body) {
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      keepalive: true,
    });
    if (!answer.ok) emit("message", { text: (await answer.json()).error, kind: "info" });
    return answer.ok;
  } catch {
    return false;
  }
}
const here = () => {
  if (model.scenario.id) {
    tell("/api/presence", { scenario: model.scenario.id, page: pageName, name: myName(), view: currentView() });
  }
};

// ------------------------------------------------------------ the menu
function draw() {
  whenReady("together", (menu) => {
    menu.hidden = count < 2 && !leading;
    if (menu.hidden) menu.open = false;
    // the user may be typing their name
    if (menu.contains(document.activeElement) && document.activeElement.tagName === "INPUT") return;
    const mine = people.find((person) => person.id === pageName);
    const rows = people.map((person) =>
      el(
        "li",
        { class: person === mine ? "is-me" : "" },
        el("b", {}, person.name),
        el(
          "small",
          {},
          [
            person === mine ? t("you") : "",
            (model.me && model.me.sign_in && ROLES[person.role]) || "",
            VIEWS[person.view] || "",
          ]
            .filter(Boolean)
            .join(" · "),
        ),
      ),
    );
    const more = count - people.length;
    menu.replaceChildren(
      el(
        "summary",
        { title: t("Who is here"), "aria-label": tn("{n} here: who they are", "{n} here: who they are", count) },
        el("span", { class: "here-dot", "aria-hidden": "true" }),
        el("span", { class: "here-long" }, tn("{n} here", "{n} here", count)),
        el("span", { class: "here-short" }, String(count)),
      ),
      el(
        "div",
        { class: "popover together-menu" },
        el("ul", { class: "plain-list" }, rows),
        more > 0 ? el("p", { class: "fine-print" }, tn("and {n} more", "and {n} more", more)) : null,
        model.me && model.me.sign_in ? null : nameField(mine),
        el(
          "div",
          { class: "together-buttons" },
          mayLead()
            ? el(
                "button",
                { type: "button", "aria-pressed": String(leading), onclick: toggleLead },
                leading ? t("Stop leading") : t("Lead: all see what I see"),
              )
            : null,
          el("button", { type: "button", "data-open": "log-dialog" }, t("Who changed what")),
        ),
      ),
    );
  });
}

function nameField(mine) {
  const input = el("input", {
    name: "my-name",
    maxlength: 40,
    value: myName(),
    placeholder: mine ? mine.name : t("Your name"),
    autocomplete: "off",
  });
  input.addEventListener("change", () => {
    remember("knockon-name", input.value.trim());
    here();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") input.blur();
  });
  return el("label", { class: "field" }, el("span", {}, t("Your display name")), input);
}

on("live-people", (event) => {
  ({ people, count } = event);
  draw();
});
on("view", () => {
  if (count > 1) here();
});
on(
  "scenario",
  (() => {
    let known = null;
    return ({ id }) => {
      if (id !== known) {
        known = id;
        people = [];
        count = 0;
        lead = toGo = null;
        if (leading) leadOn();
        draw();
        bar();
      }
    };
  })(),
);
on("me", draw);

// ------------------------------------------------------------- to lead
const SOON_MS = 120;
const STILL_MS = 5_000;
let timer = 0;
let sent = "";
let sentAt = 0;
let ledAt = null;

function standing() {
  const { map } = stage;

  const at = map ? [...map.getCenter().toArray(), map.getZoom()].map((n) => Math.round(n * 1e5) / 1e5) : null;
  return {
    t_ms: Math.round(clock.t),
    playing: clock.playing,
    speed: clock.speed,
    view: currentView(),
    selection: selection.assets.slice(0, 200),
    at,
  };
}
function toggleLead() {
  leading = !leading;
  if (leading) {
    following = false;
    lead = null;
    sent = "";
    show();
  } else if (ledAt) tell("/api/lead", { scenario: ledAt, page: pageName });
  draw();
  bar();
}
/** Another scenario was opened: followers open it, too. An unsaved scenario cannot be followed. */
async function leadOn() {
  const { id } = model.scenario;
  const from = ledAt;
  if (!id) return;
  sent = "";
  if (from && from !== id) await tell("/api/lead", { scenario: from, page: pageName, to: id });
  show();
}
async function show() {
  clearTimeout(timer);
  if (!leading || !model.scenario.id) return;
  const state = standing();
  const text = JSON.stringify({ ...state, t_ms: state.playing ? 0 : state.t_ms });
  timer = setTimeout(show, STILL_MS);
  if (text === sent && Date.now() - sentAt < STILL_MS - 100) return;
  sent = text;
  sentAt = Date.now();
  ledAt = model.scenario.id;
  if (
    !(await tell("/api/lead", { scenario: model.scenario.id, page: pageName, state })) &&
    latest("connection") !== "offline"
  ) {
    leading = false;
    draw();
    bar();
  }
}
function soon() {
  if (!leading) return;
  clearTimeout(timer);
  timer = setTimeout(show, SOON_MS);
}
for (const topic of ["playing", "selection", "view"]) on(topic, soon);
on("clock", () => {
  if (!clock.playing) soon();
});
on("map", (map) => map.on("moveend", soon));
addEventListener("pagehide", () => {
  if (leading && ledAt) tell("/api/lead", { scenario: ledAt, page: pageName });
});

// ----------------------------------------------------------- to follow
on("live-lead", (event) => {
  const begins = event.on && (!lead || lead.page !== event.page);
  if (event.page === pageName) return;
  if (event.to && lead && lead.page === event.page) {
    wentOn(event);
    return;
  }
  if (event.on && leading) leading = false; // another user took the lead
  lead = event.on ? event : null;
  if (begins) following = true;
  if (lead && following) go(lead);
  if (!lead) following = true;
  draw();
  bar();
});

/** The leader moved to another scenario. Followers open it once pending changes are made; others get a notice. */
function wentOn({ name, to }) {
  lead = { ...lead, to };
  if (following) {
    emit("message", { text: t("{name} opened another scenario; you followed.", { name }), kind: "info" });
    along(to);
  }
  bar();
}
function along(to) {
  toGo = to || toGo;
  if (!toGo || queue.underway || queue.waiting.length) return;
  openScenario(toGo);
  toGo = null;
}
on("between", () => along());

const same = (a, b) => a.length === b.length && a.every((item, n) => item === b[n]);
function go(to) {
  const { map } = stage;
  if (currentView() !== to.view) setView(to.view);
  clock.setSpeed(to.speed);
  const apart = Math.abs(clock.t - to.t_ms);
  // while both play, a little apart is no reason to jump
  if (apart > (to.playing && clock.playing ? 0.7 * to.speed * HOUR : 1)) clock.set(to.t_ms);
  if (to.playing !== clock.playing) clock.toggle();
  if (!same(selection.assets, to.selection)) selectAssets(to.selection, "lead");
  if (map && to.at) {
    const now = map.getCenter();
    const [lng, lat, zoom] = to.at;
    if (Math.abs(now.lng - lng) + Math.abs(now.lat - lat) > 2e-5 || Math.abs(map.getZoom() - zoom) > 0.01) {
      map.easeTo({ center: [lng, lat], zoom, duration: 300 });
    }
  }
}

const strip = el("div", { id: "lead-bar", class: "lead-bar", role: "status", hidden: true });
whenReady("centre", (centre) => centre.append(strip));
function bar() {
  strip.hidden = !leading && !lead;
  if (leading) {
    strip.replaceChildren(
      el("span", {}, t("You lead: followers see your clock, view and map position.")),
      button(t("Stop leading"), toggleLead),
    );
    return;
  }
  if (!lead) return;
  const apart = lead.to
    ? t("{name} opened another scenario; you stayed here.", lead)
    : t("{name} leads; you are not following.", lead);
  strip.replaceChildren(
    el("span", {}, following ? t("You follow {name}.", lead) : apart),
    button(following ? t("Stop following") : t("Follow {name}", lead), toggleFollow),
  );
}
function toggleFollow() {
  following = !following;
  toGo = null;
  if (!following) clock.pause();
  else if (lead.to) along(lead.to);
  else go(lead);
  bar();
}
const button = (text, onclick) => el("button", { type: "button", onclick }, text);
