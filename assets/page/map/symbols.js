/* Everything on the map that is not normal, drawn on one canvas above it in the same frame:
   symbols by importance, crowded ones spread or gathered to rings of counts, hit lines, place names. */
(function () {
  "use strict";
  const knockon = window.knockon;
  const { STATE, HOUR, countdown } = knockon.time;
  const TILE = 512, project = knockon.mercator;

  /** Drawn first to last: what matters most lies on top. */
  const WEIGHT = { [STATE.UNKNOWN]: 0, [STATE.RESTART]: 2, [STATE.REPAIR]: 3, [STATE.DEGRADED]: 4, [STATE.BACKUP]: 5, [STATE.LOST]: 6, [STATE.STUCK]: 7, [STATE.HIT]: 9 };
  /** Far out, what concerns few people is a small mark; farther out, small marks gather to rings of counts. */
  const FULL_FROM = 13.2, GATHER_BELOW = 10.4, GATHER_PX = 26, GATHER_WIDE_PX = 58, MANY_PEOPLE = 500;
  /** Above so many abnormal assets only what is in view is laid out: so many symbols, so many of them grave; the rest are dots. */
  const MANY = 1500, MOST_SYMBOLS = 400, MOST_GRAVE = 150, MARGIN = 0.25;
  const GRAVE = new Set(["hospital", "heat_plant", "water_works", "wastewater_plant", "telecom_exchange", "broadcast_tower", "emergency_call_centre", "power_plant", "substation_hv", "substation_ehv"]);

  let canvas = null, ctx = null, drawn = [], groups = [], layoutKey = "", version = 0;
  /** The symbol of an asset, by index; what was laid out when only a part was, as mercator [w, n, e, s]. */
  let symbolOf = new Map(), laidOut = null, lifted = new Uint8Array(0);
  let fewHits = true, locked = new Set(), peopleOf = [], graveType = new Uint8Array(0), places = [];
  const spot = (i) => [knockon.dots.x[i], knockon.dots.y[i]];

  /** Radius of a full symbol at a zoom, in css px. */
  function radius(zoom) {
    const theme = document.documentElement.dataset.theme === "projector" ? 1.45 : 1;
    return theme * Math.max(7, Math.min(17, 6 + (zoom - 9.5) * 2.2));
  }

  knockon.on("world", (world) => {
    peopleOf = world.columns.people;
    graveType = Uint8Array.from(world.assets, (asset) => (GRAVE.has(asset.type) ? 1 : 0));
    lifted = new Uint8Array(world.assets.length);
    if (!world.base.places) return;
    fetch(world.base.places).then((r) => r.json()).then((file) => {
      places = file.features.map((f) => ({ name: f.properties.name, rank: f.properties.rank || 3, at: project(...f.geometry.coordinates), lonlat: f.geometry.coordinates }))
        .sort((a, b) => a.rank - b.rank || a.name.localeCompare(b.name));
      knockon.places = places;
      knockon.drawSymbols();
    }).catch(() => { /* the map works without names */ });
  });
  knockon.on("picture", (picture) => { locked = new Set((picture.deadlocks || []).flatMap((lock) => lock.assets)); });
  // drawn here, after the version has moved on: the map itself need not render anew for them
  knockon.on("clock", (now) => {
    if (now.all || now.changed.length) version++;
    knockon.drawSymbols();
  });
  for (const topic of ["filter", "selection", "theme"]) knockon.on(topic, () => { version++; knockon.drawSymbols(); });

  // ------------------------------------------------------------ placing
  /** All that is not plainly working and is to be seen, by index. */
  function abnormal() {
    const { state } = knockon.course, seen = knockon.inSight(), found = [], unknown = knockon.layers.unknown;
    let hits = 0;
    for (let i = 0; i < state.length; i++) {
      if (state[i] === STATE.WORKING) continue;
      if (state[i] === STATE.HIT) hits++;
      if (seen[i] && (unknown || state[i] !== STATE.UNKNOWN)) found.push(i);
    }
    fewHits = hits <= 15;
    return found;
  }

  /** Whether an asset leads the eye at every zoom: hits, deadlocks, and what many people live on. */
  function isGrave(i, state) {
    if ((state === STATE.HIT && fewHits) || (state === STATE.STUCK && locked.has(i))) return true;
    if (state === STATE.STUCK) return peopleOf[i] >= MANY_PEOPLE;
    return state !== STATE.UNKNOWN && (peopleOf[i] >= MANY_PEOPLE || graveType[i] === 1);
  }

  /** The most important first; equal ones by index. Weight and index in one number: sorting objects is slow. */
  function byImportance(found) {
    const keys = Float64Array.from(found, (i) => {
      const state = knockon.course.state[i], weight = WEIGHT[state] * 1e7 + Math.min(Math.round(peopleOf[i]), 9e6) + (isGrave(i, state) ? 1e9 : 0);
      return weight * 2 ** 20 + i;
    });
    return Array.from(keys.sort(), (key) => key % 2 ** 20).reverse();
  }

  function sizeOf(item, r, zoom) {
    if (item.state === STATE.HIT && item.grave) return r * 1.15;
    if (item.grave) return r;
    const grown = Math.max(0, Math.min(1, (zoom - 10.8) / (FULL_FROM - 10.8)));
    return r * (0.42 + 0.46 * grown) * (item.state === STATE.UNKNOWN ? 0.9 : 1);
  }

  /** What the map shows and a margin around it, as mercator [w, n, e, s]. */
  function inView(margin) {
    const { zoom, centre: [x, y], half: [w, h] } = knockon.dots.view(), scale = (TILE * 2 ** zoom) / (1 + 2 * margin);
    return [x - w / scale, y - h / scale, x + w / scale, y + h / scale];
  }
  const within = ([w, n, e, s], x, y) => x >= w && x <= e && y >= n && y <= s;

  /**
   * Put symbols beside each other: positions depend on zoom and states only, not on where the map is.
   * Where there are too many for that, on what is in view: the most important become symbols, others rings of
   * counts or, zoomed in, dots of their state's shape and colour.
   */
  function place(zoom) {
    if (knockon.quiet) return placeNothing();
    const scale = TILE * 2 ** zoom, r = radius(zoom), found = abnormal(), { state } = knockon.course;
    laidOut = found.length > MANY ? inView(MARGIN) : null;
    const near = laidOut ? found.filter((i) => within(laidOut, knockon.dots.x[i], knockon.dots.y[i]) || (fewHits && state[i] === STATE.HIT)) : found;
    const grave = [], rest = [];
    for (const i of byImportance(near)) (grave.length < MOST_GRAVE && isGrave(i, state[i]) ? grave : rest).push(i);
    const gather = zoom < GATHER_BELOW && near.length > 25;
    groups = gather ? gathered(rest, scale, laidOut ? GATHER_WIDE_PX : GATHER_PX) : [];
    lifted.fill(0);
    for (const group of groups) for (const i of group.members) lifted[i] = 1;
    const alone = [...grave, ...rest.filter((i) => !lifted[i]).slice(0, laidOut ? MOST_SYMBOLS : Infinity)];
    drawn = alone.reverse().map((i) => {
      const item = { i, state: state[i], grave: isGrave(i, state[i]), x: knockon.dots.x[i] * scale, y: knockon.dots.y[i] * scale };
      item.r = sizeOf(item, r, zoom);
      item.x0 = item.x; item.y0 = item.y;
      lifted[i] = 1;
      return item;
    });
    // rings of few have always lain over what they stand beside; large ones must not hide it
    const spread = laidOut ? [...drawn, ...groups] : drawn;
    for (let round = 0; round < 14; round++) if (!pushApart(spread, laidOut ? 64 : 40)) break;
    for (const item of [...drawn, ...groups]) { item.x /= scale; item.y /= scale; }
    for (const item of drawn) { item.x0 /= scale; item.y0 /= scale; }
    symbolOf = new Map(drawn.map((item) => [item.i, item]));
    showDots(state);
  }

  /** Nothing stands out: every asset is a quiet dot. */
  function placeNothing() {
    drawn = []; groups = []; symbolOf = new Map(); laidOut = null;
    lifted.fill(0);
    showDots(new Uint8Array(lifted.length));
  }

  /** Tell the dots what they need not show. */
  function showDots(state) {
    const seen = knockon.inSight(), visible = knockon.layers.unknown ? seen : seen.map((yes, i) => (state[i] === STATE.UNKNOWN ? 0 : yes));
    knockon.dots.show(visible, state, lifted);
  }

  function pushApart(items, cell) {
    let moved = false;
    const grid = new Map();
    items.forEach((item, n) => {
      const key = `${Math.floor(item.x / cell)} ${Math.floor(item.y / cell)}`;
      if (!grid.has(key)) grid.set(key, []);
      grid.get(key).push(n);
    });
    items.forEach((a, n) => {
      const cx = Math.floor(a.x / cell), cy = Math.floor(a.y / cell);
      for (let dx = -1; dx <= 1; dx++) for (let dy = -1; dy <= 1; dy++) for (const m of grid.get(`${cx + dx} ${cy + dy}`) || []) {
        if (m <= n) continue;
        const b = items[m], wish = (a.r + b.r) * (a.grave && b.grave ? 0.92 : 0.72);
        let x = b.x - a.x, y = b.y - a.y, d = Math.hypot(x, y);
        if (d >= wish) continue;
        if (d < 0.01) { const angle = (a.i * 2.399) % 6.283; x = Math.cos(angle); y = Math.sin(angle); d = 1; }
        const push = Math.min(wish - d, 6) / d, share = b.grave === a.grave ? 0.5 : b.grave ? 0.9 : 0.1;
        a.x -= x * push * share; a.y -= y * push * share;
        b.x += x * push * (1 - share); b.y += y * push * (1 - share);
        moved = true;
      }
    });
    const reach = 30;
    for (const item of items) {
      const x = item.x - item.x0, y = item.y - item.y0, d = Math.hypot(x, y);
      if (d > reach) { item.x = item.x0 + (x / d) * reach; item.y = item.y0 + (y / d) * reach; }
    }
    return moved;
  }

  /** Gather what lies closer together than `reach` px, most important first, with a grid of that width; what leads the eye stays on its own. */
  function gathered(found, scale, reach) {
    const cells = new Map(), all = [], { state } = knockon.course, near = reach * reach;
    for (const i of found) {
      const x = knockon.dots.x[i] * scale, y = knockon.dots.y[i] * scale, cx = Math.floor(x / reach), cy = Math.floor(y / reach);
      let first = null;
      // a cell knows the groups of the nine around it, so one look is enough for each of very many assets
      for (const group of cells.get(cx * 2 ** 26 + cy) || []) {
        const gx = group.x - x, gy = group.y - y;
        if (gx * gx + gy * gy < near && (!first || group.n < first.n)) first = group;
      }
      if (!first) {
        first = { n: all.length, x, y, members: [], of: new Uint32Array(knockon.states.length) };
        for (let dx = -1; dx <= 1; dx++) for (let dy = -1; dy <= 1; dy++) {
          const key = (cx + dx) * 2 ** 26 + cy + dy;
          if (cells.has(key)) cells.get(key).push(first); else cells.set(key, [first]);
        }
        all.push(first);
      }
      first.members.push(i);
      first.of[state[i]]++;
    }
    for (const group of all) group.counts = new Map([...group.of.entries()].filter(([, n]) => n));
    const rings = all.filter((group) => group.members.length > 2);
    // as pushApart wants them
    for (const ring of rings) Object.assign(ring, { i: ring.members[0], grave: true, r: ringRadius(ring.members.length, Math.log2(scale / TILE)), x0: ring.x, y0: ring.y });
    return rings;
  }

  /** Radius of a ring that stands for `n`, in css px. */
  const ringRadius = (n, zoom) => radius(zoom) * 1.15 + Math.min(laidOut ? 18 : Infinity, Math.sqrt(n) * 1.5);

  // ------------------------------------------------------------ drawing
  /** A function from mercator to px of the map, as it stands now. */
  knockon.onScreen = function () {
    const { map } = knockon, zoom = map.getZoom(), scale = TILE * 2 ** zoom, centre = map.getCenter();
    const [cx, cy] = project(centre.lng, centre.lat), box = map.getContainer();
    const w = box.clientWidth / 2, h = box.clientHeight / 2;
    return (x, y) => [(x - cx) * scale + w, (y - cy) * scale + h];
  };

  /** Draw now; called on every frame of the map and whenever the clock moves. */
  knockon.drawSymbols = function () {
    const map = knockon.map;
    if (!map || !knockon.mapReady) return;
    if (!canvas) {
      canvas = knockon.el("canvas", { class: "symbols", "aria-hidden": "true" });
      map.getCanvasContainer().append(canvas);
    }
    const zoom = map.getZoom(), key = `${zoom.toFixed(laidOut ? 1 : 3)} ${version}`;
    if (key !== layoutKey || leftBehind()) { layoutKey = key; place(zoom); }
    knockon.dots.draw();
    const { pen, ...view } = knockon.emptied(canvas, map), at = knockon.onScreen();
    ctx = pen;
    knockon.screenOf = (i) => at(...spot(i));
    drawPlaces(at, view, zoom);
    if (!knockon.quiet) { drawNeeds(at); drawHitLinks(map); }
    for (const item of drawn) drawItem(item, at, view);
    for (const group of groups) drawGroup(group, at);
    drawTags(view);
    drawSelection(at);
  };

  /** Whether the map shows what was not laid out. */
  function leftBehind() {
    if (!laidOut) return false;
    const [w, n, e, s] = inView(0);
    return w < laidOut[0] || n < laidOut[1] || e > laidOut[2] || s > laidOut[3];
  }

  function drawItem(item, at, view) {
    const [x, y] = at(item.x, item.y);
    item.sx = x; item.sy = y;
    if (x < -30 || y < -30 || x > view.w + 30 || y > view.h + 30) return;
    const [ox, oy] = at(item.x0, item.y0), colour = knockon.colour;
    if (Math.hypot(ox - x, oy - y) > item.r * 0.8) {
      ctx.beginPath(); ctx.moveTo(ox, oy); ctx.lineTo(x, y);
      ctx.lineWidth = 1; ctx.strokeStyle = colour("soft"); ctx.globalAlpha = 0.6; ctx.stroke();
      ctx.beginPath(); ctx.arc(ox, oy, 1.8, 0, 7); ctx.fillStyle = colour("soft"); ctx.fill(); ctx.globalAlpha = 1;
    }
    const asset = knockon.world.assets[item.i];
    const sign = knockon.symbol(item.state, item.r < 7.5 ? null : knockon.iconOf(asset), Math.round(item.r * 2) / 2, backupStep(item.i), asset.origin === "assumption");
    ctx.drawImage(sign, x - sign.half, y - sign.half, 2 * sign.half, 2 * sign.half);
  }

  /** Eighths of the ring: hours left, at most 24 h of them, on a scale that shows the last hours. */
  function backupStep(i) {
    const { deadline } = knockon.stateAt(i);
    if (deadline < 0) return 8;
    const hours = (deadline - knockon.clock.t) / HOUR;
    return Math.max(1, Math.min(8, Math.ceil((hours / 12) * 8)));
  }

  function drawGroup(group, at) {
    const [x, y] = at(group.x, group.y), n = group.members.length, { counts } = group;
    const r = ringRadius(n, knockon.map.getZoom());
    group.sx = x; group.sy = y; group.r = r;
    ctx.beginPath(); ctx.arc(x, y, r + 1.5, 0, 7); ctx.fillStyle = knockon.colour("plate"); ctx.fill();
    let angle = -Math.PI / 2;
    for (const [state, count] of [...counts].sort((a, b) => WEIGHT[b[0]] - WEIGHT[a[0]])) {
      const next = angle + (count / n) * Math.PI * 2;
      ctx.beginPath(); ctx.arc(x, y, r - 2, angle, next);
      ctx.lineWidth = 5; ctx.strokeStyle = knockon.colour(knockon.states[state].token); ctx.stroke();
      angle = next;
    }
    ctx.fillStyle = knockon.colour("ink");
    ctx.font = `700 ${Math.round(r * 0.82)}px system-ui, sans-serif`;
    ctx.textAlign = "center"; ctx.textBaseline = "middle";
    if (n < 1000) ctx.fillText(String(n), x, y + 0.5);
    else ctx.fillText(`${(n / 1000).toFixed(n < 10_000 ? 1 : 0)}k`, x, y + 0.5, 2 * r - 12);
  }

  function drawHitLinks(map) {
    if (!knockon.layers.links) return;
    const { links } = knockon.world, { link } = knockon.course;
    for (let k = 0; k < link.length; k++) {
      if (link[k] !== 1 || knockon.hiddenServices.has(links[k].service)) continue;
      const point = map.project(knockon.middle(links[k].line)), s = radius(map.getZoom()) * 0.8;
      ctx.save(); ctx.translate(point.x, point.y); ctx.rotate(Math.PI / 4);
      for (const [width, token] of [[9, "plate"], [5, "hit"]]) {
        ctx.beginPath(); ctx.moveTo(-s, 0); ctx.lineTo(s, 0); ctx.moveTo(0, -s); ctx.lineTo(0, s);
        ctx.lineWidth = width; ctx.lineCap = "round"; ctx.strokeStyle = knockon.colour(token); ctx.stroke();
      }
      ctx.restore();
    }
  }

  // -------------------------------------------------------- dependencies
  /** No more lines than a look can hold. */
  const MOST_NEEDS = 60;
  const BASIS = { d: "declared", i: "inferred", a: "assumed" };
  const DASHES = { declared: [], inferred: [6, 4], assumed: [1.2, 4] };
  let suppliersOf = () => [], consumersOf = () => [];

  knockon.on("world", ({ dependencies: { from, to, service, basis }, assets }) => {
    const need = (n) => ({ n, from: from[n], to: to[n], service: service[n], basis: BASIS[basis[n]] });
    const lookUp = (owners) => {
      const { start, order } = knockon.columns.grouped(owners, assets.length);
      return (i) => Array.from(order.subarray(start[i], start[i + 1]));
    };
    [suppliersOf, consumersOf] = [lookUp(to), lookUp(from)];
    needAt = need;
  });
  let needAt = null;

  /** The dependencies of assets: all that supply them, then whom they supply, those of many people first; at most so many are drawn. */
  knockon.needsOf = function (chosen) {
    const { to } = knockon.world.dependencies, found = new Set(chosen.flatMap(suppliersOf)), suppliers = found.size;
    const served = [...new Set(chosen.flatMap(consumersOf))].filter((n) => !found.has(n));
    served.sort((a, b) => peopleOf[to[b]] - peopleOf[to[a]] || to[a] - to[b]);
    const list = [...found, ...served].slice(0, MOST_NEEDS).map(needAt);
    return { suppliers, consumers: served.length, drawn: list.length, list };
  };

  /** How a supply is now, as a colour: what delivers nothing is lost, what nobody knows is unknown. */
  function supplyToken(i) {
    const { state, delivered } = knockon.stateAt(i);
    if (state === STATE.UNKNOWN) return "unknown";
    return delivered <= 0 ? "lost" : delivered < 1 ? "degraded" : "working";
  }

  /** Thin lines from what is selected to what it needs and who needs it, each with a small arrow towards who needs. */
  function drawNeeds(at) {
    needs = [];
    const chosen = knockon.selection.map((id) => knockon.world.index.get(id)).filter((i) => i !== undefined);
    if (!knockon.layers.needs || !chosen.length) return;
    const where = (i) => { const item = symbolOf.get(i); return item ? at(item.x, item.y) : at(...spot(i)); };
    ctx.lineCap = "round";
    const { list } = knockon.needsOf(chosen), many = list.length > 20 ? 0.7 : 1;
    for (const { from, to, basis } of list) {
      if (!knockon.isShown(from) || !knockon.isShown(to)) continue;
      const a = where(from), b = where(to), token = supplyToken(from);
      needs.push({ from, to, basis, supply: token });
      for (const [width, colour, alpha] of [[3.4, "map-halo", 0.7], [(token === "working" ? 1.6 : 2) * many, token, 0.95 * many]]) {
        ctx.beginPath(); ctx.moveTo(...a); ctx.lineTo(...b);
        ctx.setLineDash(DASHES[basis]); ctx.lineWidth = width; ctx.strokeStyle = knockon.colour(colour); ctx.globalAlpha = alpha; ctx.stroke();
      }
      if (Math.hypot(b[0] - a[0], b[1] - a[1]) > 44) arrow(a, b, token);
    }
    ctx.setLineDash([]); ctx.globalAlpha = 1;
  }
  let needs = [];

  function arrow(a, b, token) {
    ctx.save();
    ctx.translate(a[0] + (b[0] - a[0]) * 0.56, a[1] + (b[1] - a[1]) * 0.56);
    ctx.rotate(Math.atan2(b[1] - a[1], b[0] - a[0]));
    ctx.globalAlpha = 1; ctx.fillStyle = knockon.colour(token);
    ctx.beginPath(); ctx.moveTo(4.5, 0); ctx.lineTo(-3, -3.4); ctx.lineTo(-3, 3.4); ctx.fill();
    ctx.restore();
  }

  function drawSelection(at) {
    const near = knockon.hovered === undefined ? [] : [knockon.hovered];
    const many = knockon.selection.length > 12, width = many ? 1.6 : 3;
    const chosen = [...knockon.selection, ...((knockon.openedLines() || {}).assets || [])];
    const marks = [...chosen.map((id) => [knockon.world.index.get(id), "accent", width]), ...near.map((i) => [i, "ink", 1.5])];
    for (const [i, token, line] of marks) {
      if (i === undefined || i === null) continue;
      const item = symbolOf.get(i);
      const [x, y] = item ? [item.sx, item.sy] : at(...spot(i)), r = item ? item.r + (many ? 2.5 : 6) : many ? 6 : 10;
      for (const [w, c] of many ? [[line, token]] : [[line + 2.5, "plate"], [line, token]]) {
        ctx.beginPath(); ctx.arc(x, y, r, 0, 7); ctx.lineWidth = w; ctx.strokeStyle = knockon.colour(c); ctx.stroke();
      }
    }
  }

  // --------------------------------------------------------------- tags
  const MOST_NAMED = 6;
  let taken = [];

  /** Say on the map what was hit, and how long what many live on still runs. */
  function drawTags(view) {
    const size = 12.5 * (document.documentElement.dataset.theme === "projector" ? 1.45 : 1);
    taken = [];
    edges = [];
    // how long something runs must not hide of how many others that is said
    const rings = groups.map(({ sx, sy, r }) => ({ x: sx - r, y: sy - r, w: 2 * r, h: 2 * r }));
    const hits = drawn.filter((item) => item.state === STATE.HIT), backups = drawn.filter((item) => item.state === STATE.BACKUP && item.grave);
    if (hits.length <= MOST_NAMED) hits.forEach((item) => tag(atEdge(item, view), knockon.world.assets[item.i].name, "ink", 700));
    backups.sort((a, b) => knockon.stateAt(a.i).deadline - knockon.stateAt(b.i).deadline).slice(0, 12).forEach((item) => {
      const left = knockon.stateAt(item.i).deadline - knockon.clock.t;
      if (left > 0) tag(item, countdown(left), "backup-text", 700, rings);
    });

    function tag(item, text, token, weight, others = []) {
      const { sx: x, sy: y, r } = item;
      if (x < 0 || y < 0 || x > view.w || y > view.h) return;
      ctx.font = `${weight} ${size}px system-ui, sans-serif`;
      text = shortened(text, view.w - 18);
      const w = ctx.measureText(text).width + 10, h = size + 6, box = beside(x, y, r, w, h, view);
      if ([...taken, ...others].some((b) => b.x < box.x + w && box.x < b.x + b.w && b.y < box.y + h && box.y < b.y + b.h)) return;
      taken.push(box);
      ctx.globalAlpha = 0.92; ctx.fillStyle = knockon.colour("plate");
      ctx.beginPath(); ctx.roundRect(box.x, box.y, w, h, 4); ctx.fill(); ctx.globalAlpha = 1;
      ctx.textAlign = "left"; ctx.textBaseline = "middle"; ctx.fillStyle = knockon.colour(token);
      ctx.fillText(text, box.x + 5, box.y + h / 2 + 0.5);
    }
  }

  /** Right of a symbol, left of it, or below (above) it where neither side has room: never out of the pane. */
  function beside(x, y, r, w, h, view) {
    if (x + r + 4 + w < view.w) return { x: x + r + 4, y: y - h / 2, w, h };
    if (x - r - 4 - w > 0) return { x: x - r - 4 - w, y: y - h / 2, w, h };
    const below = y + r + 3 + h < view.h - EDGE.bottom ? y + r + 3 : y - r - 3 - h;
    return { x: Math.max(4, Math.min(view.w - w - 4, x - w / 2)), y: below, w, h };
  }

  function shortened(text, width) {
    if (ctx.measureText(text).width <= width) return text;
    let n = text.length - 1;
    while (n > 3 && ctx.measureText(`${text.slice(0, n)}…`).width > width) n--;
    return `${text.slice(0, n).trimEnd()}…`;
  }

  const EDGE = { left: 64, right: 18, top: 74, bottom: 124 };
  let edges = [];

  /** What was hit outside the map's view stands at its edge, with an arrow towards where it is. */
  function atEdge(item, view) {
    const x = Math.max(EDGE.left, Math.min(view.w - EDGE.right, item.sx));
    let y = Math.max(EDGE.top, Math.min(view.h - EDGE.bottom, item.sy));
    if (item.sx >= 0 && item.sy >= 0 && item.sx <= view.w && item.sy <= view.h) return item;
    while (edges.some((one) => Math.abs(one.y - y) < 26 && Math.abs(one.x - x) < 260) && edges.length < 12) y += y > view.h / 2 ? -26 : 26;
    edges.push({ x, y });
    const r = 9, angle = Math.atan2(item.sy - y, item.sx - x), asset = knockon.world.assets[item.i];
    ctx.save(); ctx.translate(x, y);
    const sign = knockon.symbol(STATE.HIT, knockon.iconOf(asset), r, 8);
    ctx.drawImage(sign, -sign.half, -sign.half, 2 * sign.half, 2 * sign.half);
    ctx.rotate(angle); ctx.fillStyle = knockon.colour("hit");
    ctx.beginPath(); ctx.moveTo(r + 8, 0); ctx.lineTo(r + 2, -4.5); ctx.lineTo(r + 2, 4.5); ctx.fill();
    ctx.restore();
    return { sx: x, sy: y, r: r + 6, i: item.i };
  }

  // ------------------------------------------------------------- places
  function drawPlaces(at, view, zoom) {
    if (!knockon.layers.labels) return;
    const taken = [], large = document.documentElement.dataset.theme === "projector" ? 1.4 : 1;
    const most = zoom < 10.3 ? 1 : zoom < 11.4 ? 2 : zoom < 12.6 ? 3 : 4;
    ctx.textAlign = "center"; ctx.textBaseline = "middle"; ctx.lineJoin = "round";
    for (const one of places) {
      if (one.rank > most) continue;
      const [x, y] = at(...one.at), size = (one.rank === 1 ? 15 : one.rank === 2 ? 12 : 11) * large;
      if (x < -60 || y < -20 || x > view.w + 60 || y > view.h + 20) continue;
      ctx.font = `${one.rank === 1 ? 650 : 500} ${size}px system-ui, sans-serif`;
      const w = ctx.measureText(one.name).width / 2 + 4, h = size * 0.8;
      if (taken.some((box) => Math.abs(box.x - x) < box.w + w && Math.abs(box.y - y) < box.h + h)) continue;
      taken.push({ x, y, w, h });
      ctx.lineWidth = 3.2; ctx.strokeStyle = knockon.colour("map-halo"); ctx.globalAlpha = 0.85;
      ctx.strokeText(one.name, x, y);
      ctx.globalAlpha = 1; ctx.fillStyle = knockon.colour("map-label");
      ctx.fillText(one.name, x, y);
    }
  }

  // --------------------------------------------------------- what is where
  /** The asset under a point of the map, or the group of them: `{i}`, `{group}`, `{link}` or null. */
  knockon.at = function (point, reach) {
    const map = knockon.map, r = reach || 6;
    for (const group of groups) if (Math.hypot(group.sx - point.x, group.sy - point.y) <= group.r + 2) return { group };
    for (let n = drawn.length - 1; n >= 0; n--) {
      const item = drawn[n];
      if (Math.hypot(item.sx - point.x, item.sy - point.y) <= item.r + 2) return { i: item.i };
    }
    const i = knockon.dots.nearest(point, r);
    if (i >= 0) return { i };
    const box = [[point.x - r, point.y - r], [point.x + r, point.y + r]];
    const line = map.queryRenderedFeatures(box, { layers: knockon.lineLayers })[0];
    return line ? { link: line.id } : null;
  };

  /** Assets inside a polygon of the map's pixels. */
  knockon.inside = function (polygon) {
    const found = [], { state } = knockon.course, xs = polygon.map(([x]) => x), ys = polygon.map(([, y]) => y);
    const [w, e, n, s] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    for (let i = 0; i < state.length; i++) {
      const item = symbolOf.get(i), [x, y] = item ? [item.sx, item.sy] : knockon.screenOf(i);
      if (x >= w && x <= e && y >= n && y <= s && knockon.isShown(i) && inPolygon([x, y], polygon)) found.push(i);
    }
    return found;
  };

  function inPolygon([x, y], polygon) {
    let odd = false;
    for (let a = 0, b = polygon.length - 1; a < polygon.length; b = a++) {
      const [xa, ya] = polygon[a], [xb, yb] = polygon[b];
      if (ya > y !== yb > y && x < ((xb - xa) * (y - ya)) / (yb - ya) + xa) odd = !odd;
    }
    return odd;
  }

  /** What is on the map now, for tests and for the picture of the map. */
  knockon.drawn = () => ({ tags: taken.map(({ x, y, w, h }) => ({ x, y, w, h })), symbols: drawn.map(({ i, state, sx, sy }) => ({ id: knockon.world.assets[i].id, state, x: sx, y: sy })), groups: groups.length, gathered: groups.reduce((sum, group) => sum + group.members.length, 0), dots: knockon.dots.loudOnes.length, needs, ms: knockon.timing });
})();
