/* The page's own bus, and what everything on it follows: world, picture, clock, selection.
   The contract is docs/reference/page.md. */
(function () {
  "use strict";
  const knockon = window.knockon;
  const { Course, HOUR, lossTimes, thousands } = knockon.time;

  // ------------------------------------------------------------------ bus
  const listeners = new Map(), last = new Map();

  /** Listen to a topic; what was said last is heard at once. Returns how to stop listening. */
  knockon.on = function (topic, listener) {
    if (!listeners.has(topic)) listeners.set(topic, new Set());
    listeners.get(topic).add(listener);
    if (last.has(topic)) listener(last.get(topic));
    return () => listeners.get(topic).delete(listener);
  };

  knockon.emit = function (topic, value) {
    last.set(topic, value);
    for (const listener of listeners.get(topic) || []) {
      // one listener's fault must not keep the others from hearing
      try { listener(value); } catch (error) { console.error(`knockon ${topic}:`, error); }
    }
  };

  knockon.last = (topic) => last.get(topic);

  // ------------------------------------------------------------ elements
  const waiting = new Map();

  /** Call `use` once with the element of this id, as soon as Dash has put it on the page. */
  knockon.ready = function (id, use) {
    const element = document.getElementById(id);
    if (element) return use(element);
    if (!waiting.has(id)) waiting.set(id, []);
    waiting.get(id).push(use);
  };

  const watcher = new MutationObserver(() => {
    for (const [id, uses] of waiting) {
      const element = document.getElementById(id);
      if (!element) continue;
      waiting.delete(id);
      uses.forEach((use) => use(element));
    }
  });

  /** Make an element: `el("button", {class: "x", onclick: f}, "text", child)`. */
  knockon.el = function (tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return element;
  };

  // --------------------------------------------------------------- world
  knockon.world = null;
  knockon.picture = null;
  knockon.states = [];
  let course = null;

  async function loadWorld(page) {
    knockon.states = JSON.parse(page.dataset.states);
    const response = await fetch(page.dataset.features);
    if (!response.ok) throw new Error(knockon.t("The map's data did not arrive ({status}).", { status: response.status }));
    const text = await response.text(), came = performance.now();
    const told = JSON.parse(text), world = knockon.columns.world(told);
    world.index = new Map(told.assets.id.map((id, i) => [id, i]));
    world.linkIndex = new Map(told.links.id.map((id, k) => [id, k]));
    world.read_ms = performance.now() - came;
    world.sectorLabel = new Map(world.sectors.map((sector) => [sector.id, sector.label]));
    world.serviceLabel = new Map(world.services.map((service) => [service.id, service.label]));
    world.serviceOf = new Map(world.services.map((service) => [service.id, service]));
    knockon.world = world;
    knockon.course = course = new Course(world.assets.length, world.links.length);
    knockon.emit("world", world);
    if (waitingPicture) takePicture(waitingPicture);
    window.setTimeout(() => { if (!knockon.picture) knockon.emit("message", { text: STARTING, kind: "info", waiting: true }); }, FIRST_MS);
  }

  /** So long after the world the first picture is awaited without a word. */
  const FIRST_MS = 8000;
  const STARTING = knockon.t("The server is still starting: the map shows where everything is, and can be searched. What fails can be asked in a moment.");

  // ------------------------------------------------------- picture, clock
  /** A picture as far as this page shows it; the exercise's room window knows no future. */
  knockon.limited = (picture) => picture;

  let waitingPicture = null, times = [];
  const OPTION_CHANGES = new Set(["branch", "open_option", "delete_option", "restore_option"]);

  function takePicture(told) {
    if (!told) return;
    if (!knockon.world) { waitingPicture = told; return; }
    showPicture(knockon.columns.picture(told), performance.now());
  }

  function showPicture(whole, came) {
    const picture = knockon.limited(whole);
    const first = knockon.picture === null;
    // a first change gives the scenario its id (and revision 2): that is no other one, the clock stays
    const changed = !first && knockon.picture.scenario !== picture.scenario;
    // another option of the same scenario is looked at, at the same hour
    const other = changed && !OPTION_CHANGES.has((knockon.last("asked") || {}).do) && (knockon.picture.scenario !== null || picture.rev === 1);
    knockon.picture = picture;
    times = lossTimes(picture);
    clock.horizon = picture.horizon_ms;
    const before = clock.t;
    clock.t = other ? 0 : Math.min(clock.t, clock.horizon);
    if (clock.t !== before) store();
    follow(true);
    knockon.emit("picture", picture);
    knockon.emit("clock", { t: clock.t, changed: [], links: [], all: true });
    // from the question to the picture, and from the picture to the colours
    knockon.timing = { answer_ms: knockon.asked ? came - knockon.asked : null, colours_ms: performance.now() - came };
    knockon.asked = 0;
  }

  let told = { t: 0, changed: [], links: [], all: false };

  function follow(all) {
    if (!knockon.picture || !course) return;
    const moved = course.moveTo(knockon.picture, clock.t);
    told = { t: clock.t, changed: moved.changed, links: moved.links, all };
  }

  /** States of all assets and links at the clock's time, in typed arrays by index; to be read only. */
  knockon.course = null;

  /** What an asset is at the clock's time. */
  knockon.stateAt = function (i) {
    return { state: course.state[i], deadline: course.deadline[i], level: course.level[i], delivered: course.delivered[i] };
  };
  knockon.stateCode = (i) => (course ? course.state[i] : 0);
  knockon.linkState = (k) => (course ? course.link[k] : 0);

  const SPEEDS = [0.25, 0.5, 1, 2, 4, 8]; // hours per second
  let resting = 0;

  const clock = (knockon.clock = {
    t: 0,
    horizon: 48 * HOUR,
    playing: false,
    speed: 2,
    speeds: SPEEDS,

    /** Go to a time (ms); everything on the page follows. */
    set(t) {
      clock.t = Math.max(0, Math.min(clock.horizon, Math.round(t)));
      follow(false);
      knockon.emit("clock", told);
      window.clearTimeout(resting);
      resting = clock.playing ? 0 : window.setTimeout(store, 250);
    },

    play() {
      if (clock.playing) return;
      if (clock.t >= clock.horizon) clock.set(0);
      clock.playing = true;
      knockon.emit("playing", true);
      let before = performance.now();
      const tick = (now) => {
        if (!clock.playing) return;
        const step = Math.min(200, now - before) / 1000 * clock.speed * HOUR;
        before = now;
        clock.set(clock.t + step);
        if (clock.t >= clock.horizon) clock.pause(); else requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
    },

    pause() {
      if (!clock.playing) return;
      clock.playing = false;
      knockon.emit("playing", false);
      clock.set(clock.t);
    },

    toggle() { if (clock.playing) clock.pause(); else clock.play(); },

    next() {
      const t = times.find((time) => time > clock.t);
      if (t !== undefined) { clock.pause(); clock.set(t); }
      return t !== undefined;
    },

    previous() {
      const before = times.filter((time) => time < clock.t);
      clock.pause();
      clock.set(before.length ? before[before.length - 1] : 0);
    },

    setSpeed(speed) { clock.speed = speed; },
  });

  function store() {
    resting = 0;
    setProps("clock", { data: { t_ms: clock.t } });
  }

  // ------------------------------------------------- stores in and out
  function setProps(id, props) {
    const dash = window.dash_clientside;
    if (dash && dash.set_props) dash.set_props(id, props);
  }

  /** This page among all that are open, also after a reload; not a secret. */
  knockon.page = (() => {
    const reloaded = (performance.getEntriesByType("navigation")[0] || {}).type === "reload";
    try {
      const known = reloaded && sessionStorage.getItem("knockon-page");
      const name = known || Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => "abcdefghijkmnpqrstuvwxyz23456789"[byte % 32]).join("");
      sessionStorage.setItem("knockon-page", name);
      return name;
    } catch { return `page${Date.now()}`; }
  })();

  /** What is told by the server beside the map is asked for when the map has its colours: those are waited for. */
  const SOON_MS = 200;
  let shown = 0;
  function tellShown(scenario) {
    const mine = ++shown, tell = () => { if (mine !== shown) return; shown++; setProps("shown", { data: scenario }); };
    // a page in the background draws no frames
    window.setTimeout(tell, SOON_MS);
    requestAnimationFrame(() => window.setTimeout(tell));
  }

  let nonce = 0;
  knockon.scenario = { id: null, rev: 0, title: "", can_undo: false, can_redo: false };

  /** Ask for a change of the scenario: the one door. Changes are made one after another. */
  knockon.act = (action) => queue.add(action);

  const queue = new knockon.Queue({
    now: () => knockon.scenario,
    send(action) {
      knockon.asked = performance.now();
      knockon.emit("asked", action);
      setProps("action", { data: { ...action, base_rev: knockon.scenario.rev || 0, nonce: `${knockon.page}-${Date.now()}-${++nonce}` } });
    },
    refuse(text) { knockon.emit("message", { text, kind: "error" }); },
    between() { knockon.emit("between", null); },
    wait(text) { knockon.emit("message", { text, kind: "info", waiting: true }); },
    async alive() { try { return (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(20_000) })).ok; } catch { return false; } },
  });
  knockon.queue = queue;

  /** Open a scenario as its address does; the number makes it news to the server each time. */
  let opened = 0;
  knockon.openScenario = (id) => setProps("location", { search: `?s=${encodeURIComponent(id)}&x=${++opened}` });

  /** Show what somebody else did: a scenario and its picture (already read), on the way that answers of ours take. */
  knockon.show = function (scenario, picture) {
    knockon.scenario = scenario;
    setProps("scenario", { data: scenario });
    if (picture) showPicture(picture, performance.now());
  };

  /** Whether every change has its answer and the server was told where the clock stands. */
  knockon.rests = () => !clock.playing && !resting && !queue.underway && !queue.waiting.length;

  knockon.selection = [];

  /** No more assets are selected at once: the server takes no more in one change. */
  const MOST_SELECTED = 2000;

  /** Select assets everywhere; `from` says where it was done. */
  knockon.select = function (ids, from) {
    const known = [...new Set(ids)].filter((id) => !knockon.world || knockon.world.index.has(id));
    if (known.length > MOST_SELECTED) {
      knockon.emit("message", { kind: "info", text: knockon.t("{n} assets are more than can be selected at once ({most}). Choose fewer.", { n: thousands(known.length), most: thousands(MOST_SELECTED) }) });
      return;
    }
    knockon.selection = known;
    const value = { assets: known, from: from || "page" };
    knockon.emit("selection", value);
    setProps("selection", { data: value });
  };

  /** The clock's hour as events have it. */
  knockon.hour = () => Math.round((clock.t / HOUR) * 1000) / 1000;

  const same = (a, b) => a.length === b.length && a.every((id, i) => id === b[i]);

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    knockon: {
      scenario(value) {
        // what the stream told may have overtaken it
        if (!value || (value.id === knockon.scenario.id && value.rev < knockon.scenario.rev)) return;
        knockon.scenario = value;
        knockon.emit("scenario", value);
        queue.scenario(value);
        tellShown(value);
      },
      picture(value) { takePicture(value); if (value) queue.picture(value); },
      message(value) { if (value) { knockon.emit("message", value); queue.message(); } },
      selection(value) {
        const assets = (value && value.assets) || [];
        if (!value || same(assets, knockon.selection)) return;
        knockon.selection = assets;
        knockon.emit("selection", value);
      },
    },
  });

  watcher.observe(document.documentElement, { childList: true, subtree: true });
  knockon.ready("page", (page) => {
    loadWorld(page).catch((error) => {
      console.error(error);
      knockon.emit("message", { text: `${error.message} ${knockon.t("Reload the page, or check that the server still runs.")}`, kind: "error" });
    });
  });
})();
