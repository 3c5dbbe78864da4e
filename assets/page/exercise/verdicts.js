/* What became of a prediction, in words and as glyphs. */
import { el } from "../base/elements.js";
import { thousands } from "../base/time.js";
import { t, tn, tp } from "../base/words.js";
import { hours } from "./session.js";

/** How each verdict looks: word, glyph, colour token. Shape first, colour second. */
export const LOOK = {
  hit: [tp("prediction", "Hit"), "✔", "good-text"],
  near: [t("Right asset, other time"), "◑", "degraded"],
  miss: [t("Did not fail"), "✕", "unknown-text"],
  surprise: [t("Surprise"), "▲", "lost"],
};
/** Each verdict beside its number. */
export const COUNTED = {
  hit: (n) => (n === 1 ? tp("prediction", "hit") : tp("prediction", "hits")),
  near: (n) => tn("right asset, other time", "right asset, other time", n),
  miss: (n) => tn("did not fail", "did not fail", n),
  surprise: (n) => tn("surprise", "surprises", n),
};
/** A verdict as a glyph. */
export function glyphOf(verdict) {
  const [word, glyph, token] = LOOK[verdict];
  return el(
    "span",
    { class: "ex-glyph", style: `color:var(--${token})`, role: "img", "aria-label": word, title: word },
    glyph,
  );
}

/** Why a verdict is worth discussing. */
export function why(verdict) {
  if (verdict.verdict === "surprise") {
    return verdict.person_hours
      ? t("Nobody expected it: fails at {at}, {n} person-hours.", {
          at: hours(verdict.at_h),
          n: thousands(verdict.person_hours),
        })
      : t("Nobody expected it: fails at {at}.", { at: hours(verdict.at_h) });
  }
  return verdict.at_h === null
    ? t("The tables did not agree; it kept working.")
    : t("The tables did not agree; it fails at {at}.", { at: hours(verdict.at_h) });
}
