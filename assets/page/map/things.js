/* What can be found, opened and knocked out by name: assets, lines, common causes of several, places. */
import * as columns from "../base/columns.js";
import { iconOf } from "../base/icons.js";
import { model } from "../base/model.js";
import { openLines, selectAssets } from "../base/selection.js";
import { sight } from "../base/sight.js";
import { plain } from "../base/text.js";
import { lowerFirst, t } from "../base/words.js";
import { middle } from "./geometry.js";

let lineNames = [];
let namedWith = null;

const nameOf = (id) => {
  const i = model.world.index.get(id);
  return i === undefined ? null : model.world.assets[i].name;
};
const serviceOf = (link) => lowerFirst(model.world.serviceLabel.get(link.service) || link.service);

/** The place that a spot is nearest to. */
function placeNear([lon, lat]) {
  const narrow = Math.cos((lat * Math.PI) / 180);
  let best = null;
  let least = Infinity;
  for (const place of sight.places || []) {
    const d = Math.hypot((place.lonlat[0] - lon) * narrow, place.lonlat[1] - lat);
    if (d < least) {
      least = d;
      best = place.name;
    }
  }
  return best;
}

/** Names of all lines; where several share one, each says which place it is near, and is counted there. */
function nameLines() {
  const { links } = model.world;
  namedWith = sight.places;
  const own = links.map(
    (link) =>
      link.name ||
      [nameOf(link.from), nameOf(link.to)].filter(Boolean).join(" – ") ||
      t("{service} line", { service: serviceOf(link) }),
  );
  const several = counted(own);
  const near = own.map((name, k) => {
    const place = several.get(name) > 1 ? placeNear(middle(links[k].line)) : null;
    return place ? t("{name} near {place}", { name, place }) : name;
  });
  const again = counted(near);
  const nth = new Map();
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
export function lineName(k) {
  if (!lineNames.length || namedWith !== sight.places) nameLines();
  return lineNames[k];
}

/** What several share, in words: one row of towers, one place. */
const SHARED = { corridor: t("one row of towers"), location: t("one place") };
export const sharedBy = (corridor) => SHARED[corridor.basis] || corridor.basis;

/** The members of a common cause by name; junctions have none. */
const memberNames = (corridor) =>
  [...corridor.assets.map(nameOf), ...corridor.links.map((id) => lineName(model.world.linkIndex.get(id)))].filter(
    Boolean,
  );

export function corridorName(corridor) {
  const names = memberNames(corridor);
  if (corridor.basis !== "corridor" || !names.length) return corridor.name;
  const name = t("Shared towers: {names}", { names: names.join(" + ") });
  const same = (group) => group.basis === "corridor" && String(memberNames(group)) === String(names);
  // the same circuits may share towers in two places, which only their own names tell apart
  return model.world.corridors.filter(same).length > 1 ? `${name} (${corridor.name})` : name;
}

// -------------------------------------------------------------- things
let held = null;
let heldWith = null;

/**
 * Everything that can be named, each as
 * `{kind: "asset" | "line" | "corridor", id, name, more, icon, words, weight, assets: [id], links: [id]}`.
 */
export function allThings() {
  const { world } = model;
  const { places } = sight;
  if (!world) return [];
  if (held && heldWith === places) return held;
  heldWith = places;
  const assets = columns.rowsOf(world.assets.length, {
    kind: () => "asset",
    id: (i) => world.assets[i].id,
    name: (i) => world.assets[i].name,
    more: (i) => world.assets[i].type_label,
    icon: (i) => iconOf(world.assets[i]),
    words: (i) => world.assets[i].type_label,
    weight: (i) => world.columns.people[i],
    assets: (i) => [world.assets[i].id],
    links: () => [],
  });
  const lines = world.links.map((link, k) => ({
    kind: "line",
    id: link.id,
    name: lineName(k),
    more: t("{service} line", { service: serviceOf(link) }),
    icon: "line",
    words: `line ${t("line")}`,
    weight: 0,
    assets: [],
    links: [link.id],
  }));
  const corridors = world.corridors.map((corridor) => ({
    kind: "corridor",
    id: corridor.id,
    name: corridorName(corridor),
    more: t("{n} hit at once", { n: corridor.assets.length + corridor.links.length }),
    icon: "corridor",
    words: `${corridor.name} ${memberNames(corridor).join(" ")} ${sharedBy(corridor)} common cause corridor ${t("common cause")}`,
    weight: 0,
    assets: corridor.assets,
    links: corridor.links,
  }));
  held = [...assets, ...corridors, ...lines];
  return held;
}

/** Show a thing everywhere: select an asset, open the card of a line or of a common cause. */
export function openThing(thing, from) {
  if (thing.kind === "asset") return selectAssets([thing.id], from);
  openLines(thing, true);
}
export const lineThing = (id) => {
  const { assets, corridors, linkIndex } = model.world;
  return allThings()[assets.length + corridors.length + linkIndex.get(id)];
};
export const assetThing = (id) => allThings()[model.world.index.get(id)];

/** The names and ids of things made plain, once for each list of them. */
let plainHeld = null;
function plainThings(things) {
  if (!plainHeld || plainHeld.things !== things) {
    plainHeld = {
      things,
      texts: things.map((thing) => plain(thing.name)),
      ids: things.map((thing) => plain(thing.id)),
    };
  }
  return plainHeld;
}

/** The thing that the user typed or picked: `Name · id`, an id, or a name that only one has. */
export function thingNamed(text) {
  const things = allThings();
  const typed = text.trim();
  const wanted = plain(typed);
  const only = (test) => {
    const matches = things.filter(test);
    return matches.length === 1 ? matches[0] : null;
  };
  if (!wanted) return null;
  const { texts, ids } = plainThings(things);
  return (
    assetThing(typed) ||
    things.find((thing) => thing.id === typed) ||
    (typed.includes(" · ") && things.find((thing) => `${thing.name} · ${thing.id}` === typed)) ||
    only((thing, n) => ids[n] === wanted) ||
    only((thing, n) => texts[n] === wanted) ||
    only((thing, n) => thing.kind === "asset" && texts[n].includes(wanted)) ||
    only((thing, n) => texts[n].includes(wanted))
  );
}
