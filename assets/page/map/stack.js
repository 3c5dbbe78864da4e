/* Assets at exactly one place: one lies on the other, and each can be reached all the same. */
import { el } from "../base/elements.js";
import { model } from "../base/model.js";
import { selectAssets } from "../base/selection.js";
import { isShown } from "../base/sight.js";
import { thousands } from "../base/time.js";
import { t } from "../base/words.js";

/** The most assets at one place that a card lists. */
const MOST_LISTED = 12;

/** All visible assets at the position of one, by index; most have no others there. */
export function assetsAt(i) {
  const { lon, lat } = model.world.columns;
  const result = [];
  for (let k = 0; k < lon.length; k++) {
    if (lon[k] === lon[i] && lat[k] === lat[i] && (k === i || isShown(k))) result.push(k);
  }
  return result;
}

/** The asset that a click on `i` means: the next one at its place where one of them is selected alone. */
export function nextAt(i, selected) {
  if (selected.length !== 1) return i;
  const here = assetsAt(i);
  const at = here.indexOf(model.world.index.get(selected[0]));
  return at < 0 ? i : here[(at + 1) % here.length];
}

/** The other assets at exactly this position: one symbol on the map, a button each on the card. */
export function stackWords(i) {
  const here = assetsAt(i);
  if (here.length < 2) return null;
  const said = t("{n} assets are at this place. Click again for the next one.", { n: thousands(here.length) });
  const others = here.filter((k) => k !== i).slice(0, MOST_LISTED);
  return el(
    "div",
    { class: "card-here" },
    el("p", { class: "fine-print" }, said),
    ...others.map((k) => {
      const { id, name } = model.world.assets[k];
      const label = t("Select {name}", { name });
      const onclick = () => selectAssets([id], "card");
      return el("button", { type: "button", class: "quiet-button", "aria-label": label, onclick }, name);
    }),
  );
}
