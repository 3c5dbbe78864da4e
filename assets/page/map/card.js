/* The card of what is selected, and what can be done to it. */
import { on } from "../base/bus.js";
import { clock, clockHour } from "../base/clock.js";
import { el, whenReady } from "../base/elements.js";
import { stateMark } from "../base/icons.js";
import { mayNot } from "../base/me.js";
import { linkState, model, stateAt, stateCode } from "../base/model.js";
import { act } from "../base/scenario.js";
import { openLines, selectAssets, selection } from "../base/selection.js";
import { sight } from "../base/sight.js";
import { STATE, hoursText, thousands } from "../base/time.js";
import { openDrawer } from "../base/views.js";
import { t, tn, tp } from "../base/words.js";
import { needsOf } from "./needs.js";
import { stackWords } from "./stack.js";
import { stage } from "./stage.js";
import { LINK_WORDS, basis, lineKind, nameOf, peopleWords, stateWords } from "./state_words.js";
import { allThings, lineName, lineThing, sharedBy } from "./things.js";

const button = (text, label, run, more) =>
  el("button", { type: "button", onclick: run, "aria-label": label, ...more }, text);

/** A button that changes things: disabled, with the reason, where they are not this person's to change. */
function changing(text, label, run, things, more) {
  const no = mayNot({ assets: [], links: [], ...things });
  return no
    ? button(text, `${label}: ${no}`, run, { ...more, class: "", title: no, disabled: true })
    : button(text, label, run, more);
}
const notMine = (things) => {
  const no = mayNot({ assets: [], links: [], ...things });
  return no ? el("small", { class: "not-mine" }, no) : null;
};

/** Do something to all that is selected, or to the line whose card is open. */
function change(what) {
  const { assets, links } = selection.opened || { assets: selection.assets, links: [] };
  if (assets.length || links.length) act({ do: what, assets, links, at_h: clockHour() });
}
export const failSelection = () => change("fail");
export const repairSelection = () => change("repair");

export function drawCard() {
  whenReady("asset-card", (host) => {
    const [first] = selection.assets;
    const single = selection.assets.length === 1;
    if (selection.assets.length && !single) host.replaceChildren();
    else if (single) host.replaceChildren(assetCard(model.world.index.get(first)));
    else if (selection.opened) {
      host.replaceChildren(
        selection.opened.kind === "line"
          ? linkCard(model.world.linkIndex.get(selection.opened.id))
          : corridorCard(selection.opened),
      );
    } else host.replaceChildren();
    if (single) aside(host, model.world.index.get(first));
  });
  drawChip();
}

/** The card keeps to the left, or to the right where it would cover what it is about. */
function aside(host, i) {
  if (!stage.ready) return;
  const asset = model.world.assets[i];
  const p = stage.map.project([asset.lon, asset.lat]);
  const box = stage.map.getContainer();
  const card = host.firstElementChild ? host.firstElementChild.getBoundingClientRect() : { width: 0, height: 0 };
  host.dataset.side = p.x < card.width + 40 && p.y > box.clientHeight - card.height - 90 ? "right" : "left";
}

function cardShell(title, lines, actions, close) {
  return el(
    "section",
    { class: "card", "aria-label": t("Selected: {title}", { title }) },
    el("header", {}, el("h2", {}, title), button("×", t("Close"), close, { class: "close" })),
    ...lines,
    el("div", { class: "card-actions" }, ...actions),
  );
}

function assetCard(i) {
  const asset = model.world.assets[i];
  const { state } = stateAt(i);
  const at = hoursText(clock.t);
  const down = state === STATE.HIT || state === STATE.DEGRADED;
  const mine = { assets: [asset.id] };
  const actions = [
    changing(t("Knock out"), t("Knock out {name} at {at} (K)", { name: asset.name, at }), failSelection, mine, {
      class: down ? "" : "danger",
      title: t("Knock out at {at} (K)", { at }),
    }),
    changing(
      tp("action", "Repair"),
      t("Repair {name} at {at} (R)", { name: asset.name, at }),
      repairSelection,
      mine,
      { title: t("Repair at {at} (R)", { at }), disabled: state === STATE.WORKING },
    ),
    supplies(asset).length
      ? changing(
          t("Emergency supply…"),
          t("Emergency supply for {name}", { name: asset.name }),
          () => openSupply(asset),
          mine,
          { "aria-expanded": "false", class: "supply-toggle" },
        )
      : null,
    button(t("Why"), t("Why {name} is {state}", { name: asset.name, state: model.states[state].label }), showWhy),
  ].filter(Boolean);
  return cardShell(
    asset.name,
    [
      el(
        "p",
        { class: "card-type" },
        `${asset.type_label} · ${model.world.sectorLabel.get(asset.sector) || asset.sector}`,
      ),
      el("p", { class: "state-line card-state" }, stateMark(state, 20), el("span", {}, stateWords(i))),
      ...peopleWords(asset).map((text) => el("p", { class: "card-people" }, text)),
      needsWords(i),
      asset.contact ? el("p", { class: "card-note" }, t("Call: {contact}", { contact: asset.contact })) : null,
      stackWords(i),
      asset.note ? el("p", { class: "card-note" }, asset.note) : null,
      el("p", { class: "fine-print" }, basis(asset), asset.source ? ` · ${asset.source}` : ""),
      notMine(mine),
      el("div", { class: "supply-form" }),
    ].filter(Boolean),
    actions,
    () => selectAssets([], "card"),
  );
}

/** How many dependencies the thin lines on the map stand for. */
function needsWords(i) {
  if (!stage.ready || !sight.layers.needs) return null;
  const { suppliers, consumers, drawn } = needsOf([i]);
  const said = [];
  if (suppliers) said.push(t("needs {n}", { n: thousands(suppliers) }));
  if (consumers) said.push(t("is needed by {n}", { n: thousands(consumers) }));
  if (!said.length) return null;
  const what = said.join(", ");
  const all = drawn === suppliers + consumers;
  return el(
    "p",
    { class: "fine-print" },
    all ? t("On the map: {what}", { what }) : t("On the map: {what} ({n} drawn)", { what, n: drawn }),
  );
}

const supplies = (asset) => [
  ...new Set(asset.needs.filter(([, how]) => how !== "unknown").map(([service]) => service)),
];

function openSupply(asset) {
  const host = document.querySelector(".card .supply-form");
  const toggle = document.querySelector(".card .supply-toggle");
  if (host.firstChild) {
    toggle.setAttribute("aria-expanded", "false");
    return host.replaceChildren();
  }
  toggle.setAttribute("aria-expanded", "true");
  const options = supplies(asset).map((service) =>
    el("option", { value: service }, model.world.serviceLabel.get(service) || service),
  );
  const form = el(
    "form",
    { class: "inline-form" },
    el("label", {}, `${t("Service")} `, el("select", { name: "service" }, ...options)),
    el(
      "label",
      {},
      `${t("for hours")} `,
      el("input", {
        name: "hours",
        type: "number",
        min: "0.5",
        step: "0.5",
        placeholder: t("no end"),
        class: "short",
      }),
    ),
    el("button", { type: "submit", class: "primary" }, t("Supply from {at}", { at: hoursText(clock.t) })),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = new FormData(form);
    const hours = Number(values.get("hours"));
    const at_h = clockHour();
    act({
      do: "supply",
      assets: [asset.id],
      service: values.get("service"),
      at_h,
      ...(hours > 0 ? { until_h: at_h + hours } : {}),
    });
  });
  host.replaceChildren(form);
  form.querySelector("select").focus();
}

function showWhy() {
  openDrawer("right", true);
  whenReady("why", (why) => {
    why.scrollIntoView({ block: "nearest" });
    why.classList.remove("glow");
    void why.offsetWidth;
    why.classList.add("glow");
  });
}

function linkCard(k) {
  const link = model.world.links[k];
  const name = lineName(k);
  const at = hoursText(clock.t);
  const state = linkState(k);
  const mine = { links: [link.id] };
  const shared = allThings().filter((thing) => thing.kind === "corridor" && thing.links.includes(link.id));
  return cardShell(
    name,
    [
      el("p", { class: "card-type" }, `${lineKind(link)} · ${LINK_WORDS[state]}`),
      el("p", { class: "fine-print" }, basis(link)),
      notMine(mine),
      shared.length
        ? members(
            t("Hit together with others:"),
            shared.map((corridor) => [corridor.name, () => openLines(corridor, true)]),
          )
        : null,
    ].filter(Boolean),
    [
      changing(t("Knock out"), t("Knock out {name} at {at} (K)", { name, at }), failSelection, mine, {
        class: state === 1 ? "" : "danger",
        title: t("Knock out at {at} (K)", { at }),
      }),
      changing(tp("action", "Repair"), t("Repair {name} at {at} (R)", { name, at }), repairSelection, mine, {
        title: t("Repair at {at} (R)", { at }),
        disabled: state === 0,
      }),
      ...[link.from, link.to]
        .filter(nameOf)
        .map((id) => button(nameOf(id), t("Select {name}", { name: nameOf(id) }), () => selectAssets([id], "card"))),
    ],
    closeLines,
  );
}

const closeLines = () => selectAssets([], "card");
const members = (title, rows) =>
  el(
    "div",
    { class: "card-members" },
    el("p", { class: "fine-print" }, title),
    el(
      "ul",
      {},
      ...rows.map(([text, run, state]) =>
        el(
          "li",
          {},
          button(text, t("Open {name}", { name: text }), run, { class: "link" }),
          state ? el("small", {}, state) : null,
        ),
      ),
    ),
  );

/** Whether each thing is hit, working or neither. */
function assetStates({ assets, links }) {
  const { index, linkIndex } = model.world;
  const word = (hit, works) => (hit ? "hit" : works ? "working" : "else");
  return [
    ...assets
      .filter(nameOf)
      .map((id) => stateCode(index.get(id)))
      .map((s) => word(s === STATE.HIT, s === STATE.WORKING)),
    ...links.map((id) => linkState(linkIndex.get(id))).map((s) => word(s === 1, s === 0)),
  ];
}

/** What one cause hits together: circuits on the same towers, neighbours in one place. */
function corridorCard(thing) {
  const { world } = model;
  const corridor = world.corridors.find((other) => other.id === thing.id);
  const at = hoursText(clock.t);
  const assets = thing.assets
    .filter(nameOf)
    .map((id) => [nameOf(id), () => selectAssets([id], "card"), stateWords(world.index.get(id))]);
  const states = assetStates(thing);
  const lines = thing.links.map((id) => [
    lineName(world.linkIndex.get(id)),
    () => openLines(lineThing(id), true),
    LINK_WORDS[linkState(world.linkIndex.get(id))],
  ]);
  const rows = [...assets, ...lines];
  const all = thing.assets.length + thing.links.length;
  return cardShell(
    corridor.name,
    [
      el("p", { class: "card-type" }, t("Common cause: {what}", { what: sharedBy(corridor) })),
      members(t("One cause hits all of these:"), rows),
      notMine(thing),
    ].filter(Boolean),
    [
      changing(
        t("Knock out all {n}", { n: all }),
        t("Knock out all {n} of {name} at {at} (K)", { n: all, name: corridor.name, at }),
        failSelection,
        thing,
        {
          class: states.every((state) => state === "hit") ? "" : "danger",
          title: t("Knock out at {at} (K)", { at }),
        },
      ),
      changing(
        t("Repair all"),
        t("Repair all {n} of {name} at {at} (R)", { n: all, name: corridor.name, at }),
        repairSelection,
        thing,
        { title: t("Repair at {at} (R)", { at }), disabled: states.every((state) => state === "working") },
      ),
    ],
    closeLines,
  );
}

function drawChip() {
  whenReady("selection-chip", (host) => {
    const n = selection.assets.length;
    const chosen = { assets: selection.assets };
    if (n < 2) return host.replaceChildren();
    host.replaceChildren(
      el(
        "div",
        { class: "chip-bar", role: "group", "aria-label": tn("{n} asset selected", "{n} assets selected", n) },
        el("strong", {}, tn("{n} selected", "{n} selected", n)),
        changing(
          t("Knock out {n}", { n }),
          tn("Knock out {n} selected asset (K)", "Knock out {n} selected assets (K)", n),
          failSelection,
          chosen,
          { class: "danger" },
        ),
        changing(
          tp("action", "Repair"),
          tn("Repair {n} selected asset (R)", "Repair {n} selected assets (R)", n),
          repairSelection,
          chosen,
        ),
        button(t("Clear"), t("Clear the selection (Esc)"), () => selectAssets([], "chip")),
      ),
    );
  });
}

on("me", () => {
  if (model.world) drawCard();
});

// the card follows the clock where its words change, but leaves an open form alone
let shownWords = "";
on("clock", () => {
  if (!model.world || document.querySelector(".card .supply-form form")) return;
  const [id] = selection.assets;
  if (selection.assets.length !== 1 && !selection.opened) return;
  const words = selection.opened ? openedWords() : `${id} ${stateWords(model.world.index.get(id))}`;
  if (words === shownWords) return;
  shownWords = words;
  const focus =
    document.activeElement && document.activeElement.closest(".card") ? document.activeElement.textContent : null;
  drawCard();
  if (focus) [...document.querySelectorAll(".card button")].find((b) => b.textContent === focus)?.focus();
});

function openedWords() {
  const { index, linkIndex } = model.world;
  return [
    selection.opened.id,
    ...selection.opened.links.map((id) => linkState(linkIndex.get(id))),
    ...selection.opened.assets.filter(nameOf).map((id) => stateWords(index.get(id))),
  ].join();
}
