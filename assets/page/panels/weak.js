/* Weak points: one more knock-out on top of the scenario, ranked, as rings on the map; and
   "what if this too?" for what the pointer is on. The work is the server's (api/screenings.py). */
(function () {
  "use strict";
  const knockon = window.knockon;
  const { el } = knockon;
  const { hoursText, thousands } = knockon.time;

  const POLL_MS = 400, DRAWN = 60, SMALL_WORLD = 2000;
  const COST = { person_hours: knockon.t("{n} cost person-hours."), people: knockon.t("{n} cost people."), assets: knockon.t("{n} cost assets.") };

  let kind = "single", by = "person_hours", api = null, canvas = null, polling = 0;
  /** The screening on show or under way, and the question it answers. */
  let screening = null, asked = null, began = 0;

  const part = (name) => document.querySelector(`[data-weak="${name}"]`);
  const visible = () => document.getElementById("centre")?.dataset.view === "weak";
  const at = () => Math.round(knockon.clock.t);
  /** What a question is about: the scenario as shown, and the hour of the knock-out. */
  const question = () => ({ scenario: knockon.scenario.id || null, rev: knockon.scenario.id ? knockon.scenario.rev : 0, at_ms: at() });
  const same = (one, other) => !!one && !!other && one.scenario === other.scenario && one.rev === other.rev && one.at_ms === other.at_ms && one.kind === other.kind;

  async function ask(method, path, body) {
    let response;
    try {
      response = await fetch(path, { method, cache: "no-store", ...(body ? { headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {}) });
    } catch { throw new Error(knockon.t("The server cannot be reached. Try again when the connection is back.")); }
    const told = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(told.error || knockon.t("The server answered {status}.", { status: response.status }));
    return told;
  }

  // ------------------------------------------------------------ running
  async function start() {
    clearTimeout(polling);
    const mine = { ...question(), kind };
    asked = mine;
    screening = null;
    began = performance.now();
    show({ state: "running", done: 0, of: 0 });
    try { follow(await ask("POST", "/api/screenings", mine), mine); } catch (error) { fail(error); }
  }

  function follow(told, mine) {
    if (asked !== mine) return;
    screening = told;
    show(told);
    if (told.state === "done") bringIntoView();
    if (told.state === "running") polling = setTimeout(async () => {
      try { follow(await ask("GET", `/api/screenings/${told.id}`), mine); } catch (error) { if (asked === mine) fail(error); }
    }, POLL_MS);
  }

  async function stop() {
    clearTimeout(polling);
    if (!screening) return;
    // others may have asked the same: for them it goes on
    try { screening = { ...(await ask("DELETE", `/api/screenings/${screening.id}`)), state: "cancelled" }; show(screening); } catch (error) { fail(error); }
  }

  function fail(error) {
    clearTimeout(polling);
    screening = { state: "failed", message: error.message, rows: [], done: 0, of: 0 };
    show(screening);
  }

  // ------------------------------------------------------------ showing
  function show(told) {
    const host = part("progress");
    if (!host) return;
    const begin = (text) => el("button", { type: "button", class: "primary", onclick: start }, text);
    const runs = told.of ? knockon.t("{n} of {all}", { n: thousands(told.done), all: thousands(told.of) }) : "";
    if (told.state === "running") host.replaceChildren(
      el("progress", { max: told.of || 1, value: told.of ? told.done : null, "aria-label": knockon.t("Knock-outs tried") }), el("span", { class: "weak-count" }, runs + left(told)),
      el("button", { type: "button", onclick: stop }, knockon.t("Stop")));
    else if (told.state === "done") host.replaceChildren(el("span", { class: "fine-print" }, summary(told)));
    else if (told.state === "cancelled") host.replaceChildren(el("span", { class: "fine-print" }, knockon.t("Stopped after {runs}.", { runs })), begin(knockon.t("Begin anew")));
    else if (told.state === "failed") host.replaceChildren(el("span", { class: "problem", role: "alert" }, told.message), begin(knockon.t("Try again")));
    else host.replaceChildren(begin(kind === "pairs" ? knockon.t("Try every two assets") : knockon.t("Knock out each one")));
    fill();
  }

  /** How long it will still take, where that is worth saying. */
  function left(told) {
    const seconds = told.done ? ((performance.now() - began) / 1000 / told.done) * (told.of - told.done) : 0;
    return performance.now() - began > 5000 && seconds > 60 ? `, ${knockon.t("about {n} min left", { n: Math.ceil(seconds / 60) })}` : "";
  }

  function summary(told) {
    const some = told.rows.filter((row) => row[by] > 0).length;
    if (told.kind !== "pairs") return `${knockon.tn("{n} knock-out tried;", "{n} knock-outs tried;", told.of)} ${COST[by].replace("{n}", thousands(some))}`;
    const tried = knockon.tn("{n} pair tried;", "{n} pairs tried;", told.of), n = { n: thousands(some) };
    if (!some) return `${tried} ${knockon.t("none takes more than its two assets alone.")}`;
    const found = told.rows.length >= 1000 ? knockon.t("{n} or more take more together than alone.", n) : knockon.tn("{n} takes more together than alone.", "{n} take more together than alone.", some);
    return `${tried} ${found} ${knockon.t("The numbers are what neither takes alone.")}`;
  }

  const nameOf = (id) => { const i = knockon.world.index.get(id); return i === undefined ? id : knockon.world.assets[i].name; };
  const corridor = (id) => knockon.world.corridors.find((one) => one.id === id);

  function rowOf(row, n) {
    const shares = row.causes.map(corridor).filter(Boolean).map((one) => one.assets.filter((a) => a !== row.id && a !== row.other).map(nameOf).concat(one.links.length ? [knockon.tn("{n} line", "{n} lines", one.links.length)] : []).join(", "));
    const name = row.kind === "cause" ? knockon.corridorName(corridor(row.id)) : row.kind === "pair" ? `${nameOf(row.id)} + ${nameOf(row.other)}` : nameOf(row.id);
    // beside the numbers a column of its own would have no room
    const also = row.kind === "asset" && shares.length ? `\n${knockon.t("Also shares a cause with {what}", { what: shares.join("; ") })}` : "";
    return { ...row, label: name + also, key: `${row.kind} ${row.id} ${row.other || ""}`, name, n };
  }

  function ranked() {
    if (!screening || screening.state !== "done" || !knockon.world) return [];
    const rows = screening.rows.filter((row) => row.assets > 0 || row.person_hours > 0).map(rowOf);
    return rows.sort((a, b) => b[by] - a[by] || b.person_hours - a.person_hours || b.assets - a.assets || a.name.localeCompare(b.name));
  }

  let rows = [];
  function fill() {
    rows = ranked();
    if (api) {
      api.setGridOption("rowData", rows);
      api.applyColumnState({ state: [{ colId: by, sort: "desc" }], defaultState: { sort: null } });
      if (rows.length) api.ensureIndexVisible(0);
    }
    askAgain();
    draw();
  }

  /** Say what the numbers are about; what was changed since makes them old, not wrong. */
  function askAgain() {
    const host = part("question");
    if (!host || !knockon.picture) return;
    const many = ((knockon.scenario.plain || {}).events || []).length;
    const about = (t) => ({ at: hoursText(t), horizon: hoursText(knockon.picture.horizon_ms) });
    const pairs = many ? knockon.t("Every two assets knocked out at {at}, on top of this scenario, up to {horizon}.") : knockon.t("Every two assets knocked out at {at}, alone, up to {horizon}.");
    const single = many ? knockon.t("Each asset, and each common cause, knocked out at {at}, on top of this scenario, up to {horizon}.") : knockon.t("Each asset, and each common cause, knocked out at {at}, alone, up to {horizon}.");
    const words = (t) => knockon.parts(kind === "pairs" ? pairs : single, about(t)).join("");
    const old = screening && asked && !same(asked, { ...question(), kind });
    host.replaceChildren(...(old && screening.state === "done"
      ? [`${asked.rev !== question().rev || asked.scenario !== question().scenario ? knockon.t("These numbers are for {at}, before the last change.", { at: hoursText(asked.at_ms) }) : knockon.t("These numbers are for {at}.", { at: hoursText(asked.at_ms) })} `, el("button", { type: "button", class: "link", onclick: start }, knockon.t("Ask again for {at}", { at: hoursText(at()) }))]
      : [words(asked && screening ? asked.at_ms : at())]));
  }

  // -------------------------------------------------------------- rings
  const FIRST = 10, ROOM_PX = 60, CLOSEST = 12;

  /** Where none of the first rows is on the map, the map goes to them. */
  function bringIntoView() {
    const map = knockon.mapReady && knockon.map;
    if (!map || !visible()) return;
    const spots = rows.slice(0, FIRST).flatMap((row) => [row.id, row.other]).map((id) => knockon.world.index.get(id)).filter((i) => i !== undefined)
      .map((i) => [knockon.world.columns.lon[i], knockon.world.columns.lat[i]]);
    const bounds = map.getBounds();
    if (!spots.length || spots.some((spot) => bounds.contains(spot))) return;
    const [lons, lats] = [spots.map((spot) => spot[0]), spots.map((spot) => spot[1])];
    map.fitBounds([[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]], { padding: ROOM_PX, maxZoom: CLOSEST, animate: knockon.motion() });
  }

  function draw() {
    const map = knockon.map;
    if (!map || !knockon.mapReady) return;
    if (!canvas) {
      canvas = el("canvas", { class: "symbols weak-rings", "aria-hidden": "true" });
      map.getCanvasContainer().append(canvas);
      map.on("render", draw);
    }
    if (!visible() || !rows.length) { if (canvas.width !== 1) canvas.width = 1; return; }
    const { pen } = knockon.emptied(canvas, map);
    const most = rows[0][by] || 1;
    for (const row of rows.slice(0, DRAWN).reverse()) drawRow(pen, row, Math.sqrt(Math.max(0, row[by]) / most));
  }

  function drawRow(pen, row, share) {
    if (share <= 0) return;
    const spots = [row.id, row.other].map((id) => knockon.world.index.get(id)).filter((i) => i !== undefined)
      .map((i) => { const a = knockon.world.assets[i]; return knockon.map.project([a.lon, a.lat]); });
    pen.strokeStyle = pen.fillStyle = knockon.colour("deadlock");
    if (spots.length === 2) {
      pen.globalAlpha = 0.25 + 0.5 * share; pen.lineWidth = 1 + 3 * share;
      pen.beginPath(); pen.moveTo(spots[0].x, spots[0].y); pen.lineTo(spots[1].x, spots[1].y); pen.stroke();
    }
    for (const p of spots) {
      const r = 5 + 29 * share;
      pen.beginPath(); pen.arc(p.x, p.y, r, 0, 7);
      pen.globalAlpha = 0.14; pen.fill();
      pen.globalAlpha = 0.9; pen.lineWidth = 1.6; pen.stroke();
      if (row.n !== undefined && rows.indexOf(row) < 9 && spots.length === 1) number(pen, p, r, rows.indexOf(row) + 1);
    }
    pen.globalAlpha = 1;
  }

  function number(pen, p, r, text) {
    pen.globalAlpha = 1;
    pen.font = "700 12px system-ui, sans-serif"; pen.textAlign = "center"; pen.textBaseline = "middle";
    const x = p.x + r * 0.72, y = p.y - r * 0.72;
    pen.beginPath(); pen.arc(x, y, 9, 0, 7); pen.fill();
    pen.fillStyle = knockon.colour("plate"); pen.fillText(String(text), x, y + 0.5);
    pen.fillStyle = knockon.colour("deadlock");
  }

  // ------------------------------------------------------------- wiring
  function chosen(event) {
    if (!new Set(["rowClicked", "checkboxSelected", "spaceKey"]).has(event.source)) return;
    const [row] = api.getSelectedRows();
    if (!row) return;
    if (row.kind === "cause") knockon.openThing(knockon.things().find((one) => one.id === row.id), "list");
    else knockon.select([row.id, row.other].filter(Boolean), "panel");
  }

  knockon.ready("weak-list", () => (function attach() {
    const library = window.dash_ag_grid;
    if (!library || !library.getApiAsync) { setTimeout(attach, 100); return; }
    library.getApiAsync("weak-list").then((grid) => { api = grid; api.addEventListener("selectionChanged", chosen); fill(); }).catch(() => setTimeout(attach, 300));
  })());

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-weak-choice]");
    if (!button) return;
    for (const one of button.parentElement.children) one.setAttribute("aria-pressed", String(one === button));
    if (button.dataset.weakChoice === "by") { by = button.dataset.value; if (screening) show(screening); return; }
    kind = button.dataset.value;
    clearTimeout(polling);
    screening = asked = null;
    if (kind === "single") begin(); else show({ state: "new" });
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !event.target.closest("#weak-list")) return;
    const run = { k: knockon.failSelection, r: knockon.repairSelection }[event.key.toLowerCase()];
    if (run) { event.preventDefault(); run(); }
  });

  /** A small world is screened at once; a large one when somebody says so. */
  function begin() {
    if (!knockon.world || !knockon.picture) return; // an address that opens here: the picture comes
    if (knockon.world.assets.length <= SMALL_WORLD) start(); else show({ state: "new" });
  }
  knockon.on("view", () => {
    if (!visible()) return draw();
    if (!screening && !asked) begin(); else { askAgain(); draw(); bringIntoView(); }
  });
  knockon.on("picture", () => {
    told.clear();
    if (visible() && !screening && !asked) begin(); else askAgain();
  });
  knockon.on("clock", () => { if (visible()) askAgain(); });
  knockon.on("theme", draw);

  // ----------------------------------------------------- what if this too
  const told = new Map();
  let wondering = 0;

  /** What one more knock-out would take, in words; asks the server once the pointer rests. */
  knockon.whatIf = function (i, then) {
    const asset = knockon.world.assets[i], mine = { ...question(), asset: asset.id }, key = JSON.stringify(mine);
    clearTimeout(wondering);
    if (told.has(key)) return told.get(key);
    if (knockon.clock.playing) return null;
    wondering = setTimeout(async () => {
      let text;
      try { text = words(await ask("POST", "/api/what-if", mine)); } catch { text = knockon.t("What if this too: no answer just now."); }
      told.set(key, text);
      then();
    }, 120);
    return null;
  };

  function words(extra) {
    const gains = extra.assets <= 0 && extra.person_hours <= 0;
    if (gains) return knockon.t("What if this too: nothing more is lost.");
    const numbers = { people: thousands(Math.max(0, extra.people)), hours: thousands(Math.max(0, extra.person_hours)) };
    return knockon.tn("What if this too: {n} more asset, {people} more people, {hours} person-hours.", "What if this too: {n} more assets, {people} more people, {hours} person-hours.", extra.assets, numbers);
  }
})();
