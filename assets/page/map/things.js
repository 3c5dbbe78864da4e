/* What can be found, opened and knocked out by name: assets, lines, common causes of several, places. */
(function () {
  "use strict";
  const knockon = window.knockon;
  let lineNames = [], namedWith = null;

  const nameOf = (id) => { const i = knockon.world.index.get(id); return i === undefined ? null : knockon.world.assets[i].name; };
  const serviceOf = (link) => knockon.lowerFirst(knockon.world.serviceLabel.get(link.service) || link.service);

  /** The middle of a line's length, as longitude and latitude. */
  knockon.middle = function (line) {
    const parts = line.slice(1).map((b, n) => Math.hypot(b[0] - line[n][0], b[1] - line[n][1]));
    let left = parts.reduce((sum, part) => sum + part, 0) / 2;
    for (let n = 0; n < parts.length; n++) {
      if (left <= parts[n] && parts[n] > 0) {
        const [a, b] = [line[n], line[n + 1]], share = left / parts[n];
        return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
      }
      left -= parts[n];
    }
    return line[0];
  };

  /** The place that a spot is nearest to. */
  function placeNear([lon, lat]) {
    const narrow = Math.cos((lat * Math.PI) / 180);
    let best = null, least = Infinity;
    for (const place of knockon.places || []) {
      const d = Math.hypot((place.lonlat[0] - lon) * narrow, place.lonlat[1] - lat);
      if (d < least) { least = d; best = place.name; }
    }
    return best;
  }

  /** Names of all lines; where several share one, each says which place it is near, and is counted there. */
  function nameLines() {
    const { links } = knockon.world;
    namedWith = knockon.places;
    const own = links.map((link) => link.name || [nameOf(link.from), nameOf(link.to)].filter(Boolean).join(" – ") || knockon.t("{service} line", { service: serviceOf(link) }));
    const several = counted(own);
    const near = own.map((name, k) => {
      const place = several.get(name) > 1 ? placeNear(knockon.middle(links[k].line)) : null;
      return place ? knockon.t("{name} near {place}", { name, place }) : name;
    });
    const again = counted(near), nth = new Map();
    lineNames = near.map((name) => {
      if (again.get(name) === 1) return name;
      nth.set(name, (nth.get(name) || 0) + 1);
      return `${name} (${nth.get(name)})`;
    });
  }

  function counted(names) {
    const counts = new Map();
    for (const name of names) counts.set(name, (counts.get(name) || 0) + 1);
    return counts;
  }

  /** What a line is called; no two are called alike. */
  knockon.lineName = function (k) {
    if (!lineNames.length || namedWith !== knockon.places) nameLines();
    return lineNames[k];
  };

  /** What several share, in words: one row of towers, one place. */
  const SHARED = { corridor: knockon.t("one row of towers"), location: knockon.t("one place") };
  knockon.sharedBy = (corridor) => SHARED[corridor.basis] || corridor.basis;

  /** The members of a common cause by name; junctions have none. */
  const memberNames = (corridor) => [...corridor.assets.map(nameOf), ...corridor.links.map((id) => knockon.lineName(knockon.world.linkIndex.get(id)))].filter(Boolean);

  knockon.corridorName = function (corridor) {
    const names = memberNames(corridor);
    if (corridor.basis !== "corridor" || !names.length) return corridor.name;
    const name = knockon.t("Shared towers: {names}", { names: names.join(" + ") }), same = (one) => one.basis === "corridor" && String(memberNames(one)) === String(names);
    // the same circuits may share towers in two places, which only their own names tell apart
    return knockon.world.corridors.filter(same).length > 1 ? `${name} (${corridor.name})` : name;
  };

  // -------------------------------------------------------------- things
  let held = null, heldWith = null;

  /**
   * Everything that can be named, each as
   * `{kind: "asset" | "line" | "corridor", id, name, more, icon, words, weight, assets: [id], links: [id]}`.
   */
  knockon.things = function () {
    const { world, places } = knockon;
    if (!world) return [];
    if (held && heldWith === places) return held;
    heldWith = places;
    const assets = knockon.columns.rowsOf(world.assets.length, {
      kind: () => "asset", id: (i) => world.assets[i].id, name: (i) => world.assets[i].name, more: (i) => world.assets[i].type_label,
      icon: (i) => knockon.iconOf(world.assets[i]), words: (i) => world.assets[i].type_label, weight: (i) => world.columns.people[i],
      assets: (i) => [world.assets[i].id], links: () => [],
    });
    const lines = world.links.map((link, k) => ({
      kind: "line", id: link.id, name: knockon.lineName(k), more: knockon.t("{service} line", { service: serviceOf(link) }), icon: "line", words: `line ${knockon.t("line")}`,
      weight: 0, assets: [], links: [link.id],
    }));
    const corridors = world.corridors.map((one) => ({
      kind: "corridor", id: one.id, name: knockon.corridorName(one), more: knockon.t("{n} hit at once", { n: one.assets.length + one.links.length }), icon: "corridor",
      words: `${one.name} ${memberNames(one).join(" ")} ${knockon.sharedBy(one)} common cause corridor ${knockon.t("common cause")}`, weight: 0, assets: one.assets, links: one.links,
    }));
    held = [...assets, ...corridors, ...lines];
    return held;
  };

  /** Show a thing everywhere: select an asset, open the card of a line or of a common cause. */
  knockon.openThing = function (thing, from) {
    if (thing.kind === "asset") return knockon.select([thing.id], from);
    knockon.openLines(thing, true);
  };
  knockon.lineThing = (id) => { const { assets, corridors, linkIndex } = knockon.world; return knockon.things()[assets.length + corridors.length + linkIndex.get(id)]; };
  knockon.assetThing = (id) => knockon.things()[knockon.world.index.get(id)];

  /** The thing that somebody typed or picked: `Name · id`, an id, or a name that only one has. */
  knockon.thingNamed = function (text) {
    const things = knockon.things(), typed = text.trim();
    const id = typed.includes(" · ") ? typed.slice(typed.lastIndexOf(" · ") + 3) : typed, wanted = typed.toLowerCase();
    const only = (test) => { const found = things.filter(test); return found.length === 1 ? found[0] : null; };
    if (!wanted) return null;
    return knockon.assetThing(id) || things.slice(knockon.world.assets.length).find((one) => one.id === id) || only((one) => one.name.toLowerCase() === wanted)
      || only((one) => one.kind === "asset" && one.name.toLowerCase().includes(wanted)) || only((one) => one.name.toLowerCase().includes(wanted));
  };
})();
