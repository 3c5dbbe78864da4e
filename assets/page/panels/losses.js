/* Panels that follow the clock: next losses, deadlocks, sectors, unknown assets. */
(function () {
  "use strict";
  const knockon = window.knockon;
  const { el } = knockon;
  const { STATE, countdown, firstAbove, hoursText, isLost, thousands } = knockon.time;
  /** Rows of next losses: fewer while the reason for something selected has to be read below. */
  const few = () => (knockon.selection.length ? 2 : 5);

  // --------------------------------------------------------- next losses
  /** Where in the losses those begin that the clock has not reached. */
  const upcoming = () => firstAbove(knockon.picture.lossTimes, knockon.clock.t);

  /** One moment after another from the row `from` on, as many as fit: where each begins and ends among the losses. */
  function moments(from, most) {
    const found = [], { lossTimes } = knockon.picture;
    for (let begin = from, end; begin < lossTimes.length && found.length < most; begin = end) {
      end = firstAbove(lossTimes, lossTimes[begin]);
      found.push({ begin, end });
    }
    return found;
  }

  let nextKey = "";
  function nextLosses(host) {
    if (!knockon.picture || !knockon.world) return;
    const { losses } = knockon.picture, from = upcoming(), ahead = losses.length - from;
    const key = `${knockon.picture.rev} ${knockon.picture.scenario} ${ahead} ${few()}`, shown = [];
    for (const { begin, end } of key === nextKey ? [] : moments(from, few())) {
      const room = Math.max(1, Math.min(2, few() - shown.length));
      losses.slice(begin, Math.min(end, begin + room)).forEach((loss, n) => shown.push({ loss, first: n === 0, more: n === room - 1 ? end - begin - room : 0 }));
      if (shown.length >= few()) break;
    }
    if (key !== nextKey) { nextKey = key; host.replaceChildren(heading(knockon.t("Next losses"), ahead ? thousands(ahead) : ""), ahead ? el("ol", { class: "losses" }, ...shown.map(lossRow)) : nothingAhead()); }
    host.querySelectorAll("[data-due]").forEach((due) => { const text = knockon.t("in {left}", { left: countdown(Number(due.dataset.due) - knockon.clock.t) }); if (due.textContent !== text) due.textContent = text; });
  }

  function lossRow({ loss, first, more }) {
    const asset = knockon.world.assets[loss.a];
    const parts = [loss.text, loss.people_total ? knockon.tn("{n} person", "{n} people", loss.people_total) : ""].filter(Boolean).join(" · ");
    return el("li", {},
      first ? el("span", { class: "due", "data-due": loss.t, title: knockon.t("at {at}", { at: hoursText(loss.t) }) }) : el("span", { class: "due same" }, knockon.t("same time")),
      el("button", { type: "button", class: "loss", "data-select": asset.id, "aria-label": knockon.t("{name}: {what}, at {at}", { name: asset.name, what: parts, at: hoursText(loss.t) }) }, el("span", { class: "loss-name" }, asset.name), el("small", {}, parts)),
      more > 0 ? el("button", { type: "button", class: "more-losses", "data-goto": loss.t }, knockon.tn("and {n} more at {at}", "and {n} more at {at}", more, { at: hoursText(loss.t) })) : null);
  }

  function nothingAhead() {
    const any = knockon.picture.losses.length;
    const restart = knockon.clock.t > 0 ? el("button", { type: "button", class: "link", onclick: () => knockon.clock.set(0) }, knockon.t("Back to 0 h")) : null;
    if (any) return el("p", { class: "empty" }, `${knockon.t("Nothing more is lost within {horizon}.", { horizon: hoursText(knockon.clock.horizon) })} `, restart);
    return el("p", { class: "empty" }, document.querySelector("details.ready") ? knockon.t("Nothing is knocked out yet. Click a substation on the map and press “Knock out”, or open a ready scenario on the left.") : knockon.t("Nothing is knocked out yet. Click a substation on the map and press “Knock out”."));
  }

  const heading = (text, count) => el("h2", {}, text, count ? el("span", { class: "count" }, count) : null);

  // ----------------------------------------------------------- deadlocks
  function deadlocks(host) {
    const locks = (knockon.picture && knockon.picture.deadlocks) || [];
    host.hidden = !locks.length;
    if (!locks.length) return host.replaceChildren();
    host.replaceChildren(heading(knockon.t("Restart deadlocks"), String(locks.length)), ...locks.map(deadlock));
  }

  /** From when on the picture shows a member as stuck. */
  function since(lock) {
    const { t, a, s } = knockon.picture.states, members = new Set(lock.assets);
    const row = t.findIndex((_, n) => s[n] === STATE.STUCK && members.has(a[n]));
    return row < 0 ? null : hoursText(t[row]);
  }

  function deadlock(lock) {
    const assets = knockon.world.assets, label = (service) => knockon.lowerFirst(knockon.world.serviceLabel.get(service) || service), from = since(lock), n = lock.assets.length;
    const waits = from === null ? knockon.tn("{n} asset waits for itself: it cannot start.", "{n} assets wait for each other: none can start first.", n) : knockon.tn("{n} asset waits for itself: it cannot start, from {at} on.", "{n} assets wait for each other: none can start first, from {at} on.", n, { at: from });
    const chip = (i) => el("button", { type: "button", class: "chip", "data-select": assets[i].id }, assets[i].name);
    const supply = ({ a, service }) => el("li", {}, `${knockon.t("{service} for {name}", { service: label(service), name: assets[a].name })} `, el("button", {
      type: "button", class: "small", "aria-label": knockon.t("Supply {name} with {service} from the clock's hour on", { name: assets[a].name, service: label(service) }),
      onclick: () => knockon.act({ do: "supply", assets: [assets[a].id], service, at_h: knockon.hour() }),
    }, knockon.t("Supply")));
    return el("div", { class: "deadlock" }, knockon.mark(STATE.STUCK, 22),
      el("div", {}, el("p", {}, waits), el("div", { class: "chips" }, ...lock.assets.map(chip)),
        lock.searched !== false ? null : el("p", { class: "way-out" }, knockon.t("What would free them was not looked for: there is too much to try.")),
        lock.break.length ? el("p", { class: "way-out" }, knockon.t("This would free them:")) : null, el("ul", { class: "supplies" }, ...lock.break.map(supply))));
  }

  // ------------------------------------------------------- special users
  /** Those whose loss hurts beyond their number, lost or degraded at the clock's time, by type. */
  function special() {
    knockon.ready("special-users", (host) => {
      const counts = new Map();
      const { assets, columns } = knockon.world, { delivered } = knockon.course;
      for (const i of columns.special) if (delivered[i] < 1) counts.set(assets[i].type_label, (counts.get(assets[i].type_label) || 0) + 1);
      const parts = [...counts].sort((a, b) => a[1] - b[1]).map(([label, n]) => `${label} ${n}`);
      const text = parts.length ? knockon.t("Special users lost or degraded: {who}", { who: parts.join(" · ") }) : "";
      if (host.textContent !== text) host.textContent = text;
    });
  }

  // ------------------------------------------------------------- sectors
  const rows = new Map();

  function drawSectors(world) {
    knockon.ready("sectors", (host) => {
      const totals = new Map();
      world.columns.sector.forEach((n) => totals.set(world.sectors[n].id, (totals.get(world.sectors[n].id) || 0) + 1));
      rows.clear();
      const list = world.sectors.map((sector) => {
        const lost = el("b", {}, "0"), backup = el("span", { class: "sector-backup" });
        const toggle = el("button", { type: "button", class: "sector", "aria-pressed": "true", title: knockon.t("Show or hide on the map. Double-click: only this"), onclick: () => flip(sector.id), ondblclick: () => only(sector.id) },
          el("span", { class: "sector-icon" }, knockon.iconSvg(knockon.sectorIcon(sector.id))), el("span", { class: "sector-name" }, sector.label), backup, el("span", { class: "sector-count" }, lost, ` / ${thousands(totals.get(sector.id) || 0)}`));
        rows.set(sector.id, { toggle, lost, backup, label: sector.label, total: totals.get(sector.id) || 0 });
        return el("li", {}, toggle);
      });
      host.replaceChildren(heading(knockon.t("Sectors"), ""), el("p", { class: "fine-print sector-key" }, knockon.t("lost / all")), el("ul", { class: "sectors" }, ...list));
      sectors();
    });
  }

  function flip(id) { if (!knockon.hiddenSectors.delete(id)) knockon.hiddenSectors.add(id); showSectors(); }
  function only(id) {
    const alone = [...rows.keys()].every((one) => one === id || knockon.hiddenSectors.has(one));
    knockon.hiddenSectors = new Set(alone ? [] : [...rows.keys()].filter((one) => one !== id));
    showSectors();
  }
  function showSectors() {
    for (const [id, row] of rows) row.toggle.setAttribute("aria-pressed", String(!knockon.hiddenSectors.has(id)));
    knockon.refilter();
  }

  function sectors() {
    if (!rows.size) return;
    const { sectors: all, columns: { sector } } = knockon.world, { state } = knockon.course, counts = all.map(() => new Uint32Array(knockon.states.length));
    for (let i = 0; i < state.length; i++) counts[sector[i]][state[i]]++;
    const place = new Map(all.map((one, n) => [one.id, n])), lostOf = (count) => count.reduce((sum, n, s) => sum + (isLost(s) ? n : 0), 0);
    for (const [id, row] of rows) {
      const count = counts[place.get(id)], n = lostOf(count), b = count[STATE.BACKUP], h = count[STATE.HIT];
      if (row.lost.textContent !== thousands(n)) row.lost.textContent = thousands(n);
      row.lost.classList.toggle("some", n > 0);
      row.backup.textContent = [h ? knockon.tn("{n} hit", "{n} hit", h) : "", b ? knockon.tn("{n} on backup", "{n} on backup", b) : ""].filter(Boolean).join(" · ");
      row.toggle.setAttribute("aria-label", b ? knockon.t("{sector}: {n} of {all} lost, {hit} of them hit directly, {backup} on backup. Show on the map", { sector: row.label, n, all: row.total, hit: h, backup: b }) : knockon.t("{sector}: {n} of {all} lost, {hit} of them hit directly. Show on the map", { sector: row.label, n, all: row.total, hit: h }));
    }
  }

  // ------------------------------------------------------------- unknown
  let unknownKey = null, unknownOpen = false;
  function unknown() {
    const { state } = knockon.course, places = [];
    for (let i = 0; i < state.length; i++) if (state[i] === STATE.UNKNOWN) places.push(i);
    const key = `${places.length} ${places.slice(0, 60)}`, found = places.length ? { length: places.length, slice: (a, b) => places.slice(a, b).map((i) => knockon.world.assets[i]) } : [];
    if (key === unknownKey) return;
    unknownKey = key;
    knockon.ready("unknown-note", (host) => {
      host.hidden = !found.length;
      if (!found.length) return host.replaceChildren();
      const list = el("ul", { class: "plain-list" }, ...found.slice(0, 60).map((asset) => el("li", {}, el("button", { type: "button", class: "link", "data-select": asset.id }, asset.name), el("small", {}, missing(asset)))));
      const details = el("details", { class: "unknown-list" }, el("summary", {}, `${knockon.tn("{n} asset unknown: nobody has told us yet.", "{n} assets unknown: nobody has told us yet.", found.length)} `, el("span", { class: "link" }, knockon.t("Which?"))), list);
      details.open = unknownOpen;
      details.addEventListener("toggle", () => { unknownOpen = details.open; });
      host.replaceChildren(details);
    });
  }
  function missing(asset) {
    const needs = asset.needs.filter(([, how]) => how === "unknown").map(([service]) => knockon.lowerFirst(knockon.world.serviceLabel.get(service) || service));
    return needs.length ? knockon.t("who supplies {services}?", { services: [...new Set(needs)].join(", ") }) : asset.type_label;
  }

  // ----------------------------------------------- what just failed, aloud
  let said = 0;
  function say(now) {
    if (now.all || !now.changed.length || Date.now() - said < 1500) return;
    const failed = now.changed.filter((i) => isLost(knockon.stateCode(i))).map((i) => knockon.world.assets[i].name);
    if (!failed.length) return;
    said = Date.now();
    const names = failed.slice(0, 3).join(", "), at = hoursText(now.t), more = failed.length - 3;
    const text = more > 0 ? knockon.tn("{at}: {names} and {n} more lost.", "{at}: {names} and {n} more lost.", more, { at, names }) : knockon.t("{at}: {names} lost.", { at, names });
    knockon.ready("live-region", (live) => { live.textContent = text; });
  }

  /** One sentence about what a change did, for people who do not see the map. */
  function sayPicture(picture) {
    const { direct, indirect } = picture.summary || {};
    if (!direct) return;
    const most = picture.people.reduce((a, b) => (b.peak > a.peak ? b : a), { peak: 0 });
    const told = { hit: direct, lost: indirect, without: most.peak ? without(most) : "" };
    const text = most.peak ? knockon.tn("{hit} hit, {lost} more lost by cascade, up to {n} person {without}.", "{hit} hit, {lost} more lost by cascade, up to {n} people {without}.", most.peak, told) : knockon.t("{hit} hit, {lost} more lost by cascade.", told);
    knockon.ready("live-region", (live) => { live.textContent = text; });
  }

  /** `without electricity`, as the service's own words have it; one without words of its own is called by its label. */
  function without({ label, people_label }) {
    return people_label !== label ? people_label : knockon.t("without {service}", { service: knockon.lowerFirst(label) });
  }

  // ------------------------------------------- the reason, where it can be read
  const AIR = 10, MOST_SCROLLED = 24;
  let following = false, moved = null;

  /** Scroll the right side just so far that the reason's heading and sentence stand in it. */
  function showReason() {
    const side = document.getElementById("right"), why = document.getElementById("why");
    // on a phone the side is a part of the page, whose place is people's own
    if (!following || !side || !why || getComputedStyle(side).overflowY !== "auto" || getComputedStyle(side).position === "static" && innerWidth <= 700) return;
    const sentence = why.querySelector(".why-sentence") || why.querySelector("h2") || why, panel = why.firstElementChild || why;
    const box = side.getBoundingClientRect(), low = sentence.getBoundingClientRect().bottom + AIR - box.bottom, high = panel.getBoundingClientRect().top - AIR - box.top;
    const by = Math.min(low, Math.max(0, high));
    // people come first: their rows are never scrolled away for it
    if (by <= 0 || by > MOST_SCROLLED) return;
    if (moved === null) moved = side.scrollTop;
    side.scrollTop += by;
  }

  knockon.on("selection", (value) => {
    const side = document.getElementById("right");
    following = value.assets.length > 0;
    if (!following && moved !== null && side) { side.scrollTop = moved; moved = null; }
    showReason();
  });
  knockon.ready("why", (why) => new MutationObserver(showReason).observe(why, { childList: true, subtree: true, characterData: true }));
  // whoever scrolls there looks for something else
  knockon.ready("right", (side) => {
    for (const name of ["wheel", "touchmove", "pointerdown", "keydown"]) side.addEventListener(name, () => { following = false; moved = null; }, { passive: true });
  });

  knockon.on("selection", () => { if (knockon.picture && knockon.world) knockon.ready("next-losses", nextLosses); });
  knockon.on("world", drawSectors);
  knockon.on("picture", (picture) => { nextKey = ""; knockon.ready("deadlocks", deadlocks); sayPicture(picture); });
  knockon.on("clock", (now) => {
    if (!knockon.picture || !knockon.world) return;
    knockon.ready("next-losses", nextLosses);
    if (now.all || now.changed.length) { sectors(); special(); unknown(); say(now); }
  });
})();
