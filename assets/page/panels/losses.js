/* Panels that follow the clock: next losses, deadlocks, special users. */
import { on } from "../base/bus.js";
import { clock, clockHour } from "../base/clock.js";
import { el, whenReady } from "../base/elements.js";
import { stateMark } from "../base/icons.js";
import { model } from "../base/model.js";
import { act } from "../base/scenario.js";
import { selection } from "../base/selection.js";
import { STATE, countdown, firstAbove, hoursText, thousands } from "../base/time.js";
import { lowerFirst, t, tn } from "../base/words.js";

/** Rows of next losses: fewer while the reason for something selected has to be read below. */
const few = () => (selection.assets.length ? 2 : 5);

// --------------------------------------------------------- next losses
/** Where in the losses those begin that the clock has not reached. */
const upcoming = () => firstAbove(model.picture.lossTimes, clock.t);

/** One moment after another from the row `from` on, as many as fit: where each begins and ends among the losses. */
function moments(from, most) {
  const result = [];
  const { lossTimes } = model.picture;
  for (let begin = from, end; begin < lossTimes.length && result.length < most; begin = end) {
    end = firstAbove(lossTimes, lossTimes[begin]);
    result.push({ begin, end });
  }
  return result;
}

let nextKey = "";
function nextLosses(host) {
  if (!model.picture || !model.world) return;
  const { losses } = model.picture;
  const from = upcoming();
  const ahead = losses.length - from;
  const key = `${model.picture.rev} ${model.picture.scenario} ${ahead} ${few()}`;
  const shown = [];
  for (const { begin, end } of key === nextKey ? [] : moments(from, few())) {
    const room = Math.max(1, Math.min(2, few() - shown.length));
    losses
      .slice(begin, Math.min(end, begin + room))
      .forEach((loss, n) => shown.push({ loss, first: n === 0, more: n === room - 1 ? end - begin - room : 0 }));
    if (shown.length >= few()) break;
  }
  if (key !== nextKey) {
    nextKey = key;
    host.replaceChildren(
      heading(t("Next losses"), ahead ? thousands(ahead) : ""),
      ahead ? el("ol", { class: "losses" }, ...shown.map(lossRow)) : nothingAhead(),
    );
  }
  host.querySelectorAll("[data-due]").forEach((due) => {
    const text = t("in {left}", { left: countdown(Number(due.dataset.due) - clock.t) });
    if (due.textContent !== text) due.textContent = text;
  });
}

function lossRow({ loss, first, more }) {
  const asset = model.world.assets[loss.a];
  const parts = [loss.text, loss.people_total ? tn("{n} person", "{n} people", loss.people_total) : ""]
    .filter(Boolean)
    .join(" · ");
  return el(
    "li",
    {},
    first
      ? el("span", { class: "due", "data-due": loss.t, title: t("at {at}", { at: hoursText(loss.t) }) })
      : el("span", { class: "due same" }, t("same time")),
    el(
      "button",
      {
        type: "button",
        class: "loss",
        "data-select": asset.id,
        "aria-label": t("{name}: {what}, at {at}", { name: asset.name, what: parts, at: hoursText(loss.t) }),
      },
      el("span", { class: "loss-name" }, asset.name),
      el("small", {}, parts),
    ),
    more > 0
      ? el(
          "button",
          { type: "button", class: "more-losses", "data-goto": loss.t },
          tn("and {n} more at {at}", "and {n} more at {at}", more, { at: hoursText(loss.t) }),
        )
      : null,
  );
}

function nothingAhead() {
  const any = model.picture.losses.length;
  const restart =
    clock.t > 0
      ? el("button", { type: "button", class: "link", onclick: () => clock.set(0) }, t("Back to 0 h"))
      : null;
  if (any) {
    return el(
      "p",
      { class: "empty" },
      `${t("Nothing more is lost within {horizon}.", { horizon: hoursText(clock.horizon) })} `,
      restart,
    );
  }
  return el(
    "p",
    { class: "empty" },
    document.querySelector("details.ready")
      ? t(
          "Nothing is knocked out yet. Click a substation on the map and press “Knock out”, or open a ready scenario on the left.",
        )
      : t("Nothing is knocked out yet. Click a substation on the map and press “Knock out”."),
  );
}

/** The heading of a panel, with a count where there is one. */
export const heading = (text, count) => el("h2", {}, text, count ? el("span", { class: "count" }, count) : null);

// ----------------------------------------------------------- deadlocks
function deadlocks(host) {
  const locks = (model.picture && model.picture.deadlocks) || [];
  host.hidden = !locks.length;
  if (!locks.length) return host.replaceChildren();
  host.replaceChildren(heading(t("Restart deadlocks"), String(locks.length)), ...locks.map(deadlock));
}

/** From when on the picture shows a member as stuck. */
function since(lock) {
  const { t, a, s } = model.picture.states;
  const members = new Set(lock.assets);
  const row = t.findIndex((_, n) => s[n] === STATE.STUCK && members.has(a[n]));
  return row < 0 ? null : hoursText(t[row]);
}

function deadlock(lock) {
  const assets = model.world.assets;
  const label = (service) => lowerFirst(model.world.serviceLabel.get(service) || service);
  const from = since(lock);
  const n = lock.assets.length;
  const waits =
    from === null
      ? tn("{n} asset waits for itself: it cannot start.", "{n} assets wait for each other: none can start first.", n)
      : tn(
          "{n} asset waits for itself: it cannot start, from {at} on.",
          "{n} assets wait for each other: none can start first, from {at} on.",
          n,
          { at: from },
        );
  const chip = (i) => el("button", { type: "button", class: "chip", "data-select": assets[i].id }, assets[i].name);
  const supply = ({ a, service }) =>
    el(
      "li",
      {},
      `${t("{service} for {name}", { service: label(service), name: assets[a].name })} `,
      el(
        "button",
        {
          type: "button",
          class: "small",
          "aria-label": t("Supply {name} with {service} from the clock's hour on", {
            name: assets[a].name,
            service: label(service),
          }),
          onclick: () => act({ do: "supply", assets: [assets[a].id], service, at_h: clockHour() }),
        },
        t("Supply"),
      ),
    );
  return el(
    "div",
    { class: "deadlock" },
    stateMark(STATE.STUCK, 22),
    el(
      "div",
      {},
      el("p", {}, waits),
      el("div", { class: "chips" }, ...lock.assets.map(chip)),
      lock.searched !== false
        ? null
        : el("p", { class: "way-out" }, t("What would free them was not searched for: too many combinations.")),
      lock.break.length ? el("p", { class: "way-out" }, t("This would free them:")) : null,
      el("ul", { class: "supplies" }, ...lock.break.map(supply)),
    ),
  );
}

// ------------------------------------------------------- special users
/** Those whose loss hurts beyond their number, lost or degraded at the clock's time, by type. */
function special() {
  whenReady("special-users", (host) => {
    const counts = new Map();
    const { assets, columns } = model.world;
    const { delivered } = model.course;
    for (const i of columns.special) {
      if (delivered[i] < 1) counts.set(assets[i].type_label, (counts.get(assets[i].type_label) || 0) + 1);
    }
    const parts = [...counts].sort((a, b) => a[1] - b[1]).map(([label, n]) => `${label} ${n}`);
    const text = parts.length ? t("Special users lost or degraded: {who}", { who: parts.join(" · ") }) : "";
    if (host.textContent !== text) host.textContent = text;
  });
}

on("selection", () => {
  if (model.picture && model.world) whenReady("next-losses", nextLosses);
});
on("picture", () => {
  nextKey = "";
  whenReady("deadlocks", deadlocks);
});
on("clock", (now) => {
  if (!model.picture || !model.world) return;
  whenReady("next-losses", nextLosses);
  if (now.all || now.changed.length) special();
});
