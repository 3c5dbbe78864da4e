/* What is selected: assets, or the one line or common cause whose card is open. */
import { emit } from "./bus.js";
import { setProps } from "./dash.js";
import { model } from "./model.js";
import { thousands } from "./time.js";
import { t } from "./words.js";

/** Most selected assets: the server accepts no more in one change. */
const MOST_SELECTED = 2000;

export const selection = {
  /** Ids of the selected assets. */
  assets: [],
  /** The line or common cause whose card is open (`allThings` in map/things.js), or null. */
  opened: null,
};

/** Select assets everywhere; `from` is the part of the page where it was done. */
export function selectAssets(ids, from) {
  const known = [...new Set(ids)].filter((id) => !model.world || model.world.index.has(id));
  if (known.length > MOST_SELECTED) {
    const counts = { n: thousands(known.length), most: thousands(MOST_SELECTED) };
    const text = t("{n} assets are more than can be selected at once ({most}). Choose fewer.", counts);
    emit("message", { kind: "info", text });
    return;
  }
  const value = { assets: known, from: from || "page" };
  hold(value);
  setProps("selection", { data: value });
}

/** Open the card of a line, or of what several hang on; `look` brings it into view on the map. */
export function openLines(thing, look) {
  selectAssets([], "line");
  selection.opened = thing;
  emit("opened", { thing, look: Boolean(look) });
}

/** Take the selection that the server answered with. */
export function takeSelection(value) {
  if (!value) return;
  const assets = value.assets || [];
  if (assets.length === selection.assets.length && assets.every((id, i) => id === selection.assets[i])) return;
  hold({ ...value, assets });
}

function hold(value) {
  selection.assets = value.assets;
  if (model.world) selection.opened = null;
  emit("selection", value);
}
