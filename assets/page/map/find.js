/* Above the map: the search box, the tools, the layer switches, the views, the legend. */
(function () {
  "use strict";
  const knockon = window.knockon;
  const { el } = knockon;
  /** Rows of the search box, and how many of them one kind may fill while others have something too. */
  const MOST = 10, QUOTA = { asset: 5, place: 3, corridor: 3, line: 4 };

  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/ß/g, "ss");

  // ------------------------------------------------------------- search
  /** What is looked through: every thing with its name and words made plain, once. */
  let held = null, heldFor = null;
  function texts(things) {
    if (heldFor !== things) { heldFor = things; held = things.map((thing) => plain(`${thing.name} ${thing.words}`)); }
    return held;
  }

  /** The best `most` things and places for what somebody typed, and how many more there are. */
  knockon.found = function (text, most) {
    const words = plain(text).split(/\s+/).filter(Boolean);
    if (!words.length || !knockon.world) return { found: [], left: 0 };
    const score = (p) => (words.every((word) => p.includes(word)) ? (p.startsWith(words[0]) ? 2 : 1) : 0);
    const things = knockon.things(), hits = [];
    texts(things).forEach((p, n) => { const s = score(p); if (s) hits.push({ n, score: s, weight: things[n].weight }); });
    const places = (knockon.places || []).map((place) => ({ place, kind: "place", name: place.name, more: knockon.t("place"), score: score(plain(place.name)), weight: -place.rank })).filter((hit) => hit.score);
    const named = best(hits, things).map((hit) => { const thing = things[hit.n], { kind, id, name, more, icon } = thing; return { ...hit, thing, kind, id, name, more, icon }; });
    const found = [...named, ...places].sort((a, b) => b.score - a.score || b.weight - a.weight || a.name.localeCompare(b.name, undefined, { numeric: true }));
    const shown = shared(found, most);
    return { found: shown, left: hits.length + places.length - shown.length };
  };

  /** Of very many hits, comparing names is slow: the best by score and weight, some of each kind, are compared alone. */
  const MOST_COMPARED = 500;
  function best(hits, things) {
    if (hits.length <= MOST_COMPARED) return hits;
    const left = new Map();
    return hits.sort((a, b) => b.score - a.score || b.weight - a.weight || a.n - b.n).filter((hit) => {
      const { kind } = things[hit.n], n = left.get(kind) || 0;
      left.set(kind, n + 1);
      return n < MOST_COMPARED;
    });
  }

  /** The best of each kind in their order; rows that are left over go to whatever comes next. */
  function shared(found, most) {
    const left = { ...QUOTA }, first = new Set(found.filter((hit) => left[hit.kind]-- > 0).slice(0, most));
    for (const hit of found) if (first.size < most) first.add(hit);
    return found.filter((hit) => first.has(hit));
  }

  knockon.ready("search", (host) => {
    const input = el("input", { type: "search", placeholder: knockon.t("Find an asset, line or place"), autocomplete: "off", role: "combobox", spellcheck: "false",
      "aria-label": knockon.t("Find an asset or place, a line or what lines share (/)"), "aria-expanded": "false", "aria-controls": "search-hits", "aria-autocomplete": "list" });
    const list = el("ul", { id: "search-hits", role: "listbox", "aria-label": knockon.t("Found"), hidden: true });
    host.replaceChildren(input, list);
    let hits = [], active = 0, more = 0;

    function find() {
      const { found, left } = knockon.found(input.value, MOST);
      more = left;
      return found;
    }

    function draw() {
      hits = find();
      active = Math.min(active, Math.max(0, hits.length - 1));
      const none = input.value.trim() && !hits.length;
      list.hidden = !hits.length && !none;
      input.setAttribute("aria-expanded", String(!list.hidden));
      list.replaceChildren(...hits.map((hit, n) => el("li", { id: `hit-${n}`, role: "option", "data-kind": hit.kind, "aria-selected": String(n === active), onmousedown: (e) => { e.preventDefault(); take(n); } },
        knockon.iconSvg(hit.icon || "place"), el("span", { title: hit.name }, hit.name), el("small", {}, hit.more))),
        ...(more ? [el("li", { class: "empty more-hits", "aria-hidden": "true" }, knockon.t("and {n} more: type another part of the name, or a place", { n: knockon.time.thousands(more) }))] : []),
        ...(none ? [el("li", { role: "option", "aria-disabled": "true", class: "empty" }, knockon.t("Nothing of that name here. Try a type, such as “hospital”."))] : []));
      // on a low screen the list is longer than its room
      list.children[active]?.scrollIntoView({ block: "nearest" });
      if (hits.length) input.setAttribute("aria-activedescendant", `hit-${active}`); else input.removeAttribute("aria-activedescendant");
    }

    function close() { list.hidden = true; input.setAttribute("aria-expanded", "false"); }

    function take(n) {
      const hit = hits[n];
      if (!hit) return;
      input.value = "";
      close();
      if (hit.place) { knockon.map && knockon.map.easeTo({ center: hit.place.lonlat, zoom: 13.5, duration: knockon.motion() ? 400 : 0 }); return; }
      knockon.openThing(hit.thing, "search");
      input.blur();
    }

    input.addEventListener("input", () => { active = 0; draw(); });
    input.addEventListener("focus", draw);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") { active = (active + (event.key === "ArrowDown" ? 1 : -1) + hits.length) % Math.max(1, hits.length); draw(); event.preventDefault(); }
      else if (event.key === "Enter") take(active);
      else if (event.key === "Escape") { input.value = ""; input.blur(); }
    });
    knockon.search = () => { if (document.getElementById("centre").dataset.view === "list") knockon.setView("map"); input.focus(); input.select(); };
  });

  // -------------------------------------------------------------- tools
  const ICON = { pan: "M12 3v18M3 12h18M12 3l-2.500 2.500M12 3l2.500 2.500M12 21l-2.500-2.500M12 21l2.500-2.500M3 12l2.500-2.500M3 12l2.500 2.500M21 12l-2.500-2.500M21 12l-2.500 2.500",
    box: "M4 5h16v14H4z", lasso: "M5 12c-2-5 4-8 9-7s8 5 5 9-10 4-12 1c-1-2 2-3 3-1s-1 5-5 6", fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5", layers: "M12 3 2.500 8 12 13l9.500-5zM3 12.500l9 4.700 9-4.700M3 17l9 4.500L21 17" };
  const glyph = (name) => knockon.svg("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" },
    knockon.svg("path", { d: ICON[name], fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linejoin": "round", "stroke-linecap": "round", ...(name === "box" ? { "stroke-dasharray": "3 2.4" } : {}) }));

  knockon.ready("map-tools", (host) => {
    const tool = (name, label) => el("button", { type: "button", "data-tool": name, "aria-label": label, title: label, "aria-pressed": String(name === "pan"), onclick: () => knockon.setTool(name) }, glyph(name));
    host.replaceChildren(
      el("div", { class: "button-row", role: "group", "aria-label": knockon.t("Select on the map") }, tool("pan", knockon.t("Move the map")), tool("box", knockon.t("Select with a box (B, or shift and drag)")), tool("lasso", knockon.t("Select with a lasso (L)")),
        el("button", { type: "button", "aria-label": knockon.t("Show the whole region (0)"), title: knockon.t("Show the whole region (0)"), onclick: () => knockon.fitRegion() }, glyph("fit"))),
      el("details", { class: "layer-menu" }, el("summary", { title: knockon.t("Layers"), "aria-label": knockon.t("Layers") }, glyph("layers")), el("div", { id: "layers", class: "popover" })));
  });

  knockon.fitRegion = () => knockon.map && knockon.map.fitBounds(knockon.busyBounds(), { padding: knockon.mapRoom, animate: knockon.motion() });

  const LAYERS = [["labels", knockon.t("Place names")], ["roads", knockon.t("Roads and rail")], ["unknown", knockon.t("Assets with unknown state")], ["shapes", knockon.t("Outlines of sites")], ["needs", knockon.t("Dependencies of what is selected")], ["links", knockon.t("Lines")]];

  function tick(label, on, change) {
    const box = el("input", { type: "checkbox" });
    box.checked = on;
    box.addEventListener("change", () => { change(box.checked); knockon.refilter(); });
    return el("label", { class: "tick" }, box, label);
  }

  knockon.on("world", (world) => knockon.ready("layers", (host) => {
    const services = [...new Set(world.links.map((link) => link.service))];
    host.replaceChildren(el("h3", {}, knockon.t("Layers")),
      ...LAYERS.map(([id, label]) => tick(label, knockon.layers[id], (on) => { knockon.layers[id] = on; })),
      ...services.map((service) => tick(`… ${knockon.lowerFirst(world.serviceLabel.get(service) || service)}`, true, (on) => { if (on) knockon.hiddenServices.delete(service); else knockon.hiddenServices.add(service); })));
  }));

  // -------------------------------------------------------------- views
  const VIEWS = [["map", knockon.t("Map")], ["graph", knockon.t("Graph")], ["both", knockon.tp("map and graph", "Both")], ["list", knockon.t("List")], ["weak", knockon.t("Weak points")], ["compare", knockon.t("Compare")], ["exercise", knockon.t("Exercise")]];

  knockon.setView = function (view) {
    const centre = document.getElementById("centre");
    if (!centre || !VIEWS.some(([name]) => name === view)) return;
    centre.dataset.view = view;
    document.querySelectorAll("#views button").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.view === view)));
    knockon.emit("view", view);
    knockon.emit("layout", null);
    // the graph and the grid measure themselves when the window says so
    requestAnimationFrame(() => window.dispatchEvent(new Event("resize")));
  };

  knockon.ready("views", (host) => {
    host.replaceChildren(el("div", { class: "segments", role: "group", "aria-label": knockon.t("View") }, ...VIEWS.map(([name, label], n) =>
      el("button", { type: "button", "data-view": name, "aria-pressed": String(name === "map"), title: `${label} (${n + 1})`, onclick: () => knockon.setView(name) }, label))));
    const wanted = new URLSearchParams(location.search).get("view");
    if (wanted) knockon.setView(wanted);
  });

  // ------------------------------------------------------------- legend
  knockon.ready("legend", (host) => {
    function draw() {
      if (!knockon.states.length) return;
      const order = [3, 4, 1, 2, 5, 6, 7, 8, 0], seen = new Set([3, 4, 1, 8, 0]);
      const met = new Uint8Array(knockon.states.length), told = knockon.picture ? knockon.picture.states.s : [];
      for (let n = 0; n < told.length; n++) met[told[n]] = 1;
      met.forEach((yes, s) => { if (yes) seen.add(s); });
      host.replaceChildren(...order.filter((s) => seen.has(s)).map((s) => el("span", { class: "legend-item", title: knockon.states[s].shape }, knockon.mark(s, 17), knockon.states[s].label)));
    }
    knockon.on("world", draw);
    knockon.on("picture", draw);
  });
})();
