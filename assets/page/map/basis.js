/* How something is known: declared, inferred by a rule, or assumed. In words, and as layers of lines. */
import { t } from "../base/words.js";

/** How something is known, by its origin: a rule's name means inferred. */
export function basisOf(origin) {
  if (origin === "declared") return "declared";
  return origin === "assumption" ? "assumed" : "inferred";
}

/** How something is known, in words. */
export const basisWords = { declared: t("declared"), inferred: t("inferred"), assumed: t("assumed") };

/** Layers of the map for lines, by how a line is known. */
export const LINE_LAYERS = [
  ["links-solid", "declared"],
  ["links-dashed", "inferred"],
  ["links-dotted", "assumed"],
];
export const lineLayers = LINE_LAYERS.map(([id]) => id);
