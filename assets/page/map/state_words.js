/* Assets and lines in words: what they are now, how that is known, whom they serve. */
import { clock } from "../base/clock.js";
import { model, stateAt } from "../base/model.js";
import { STATE, countdown } from "../base/time.js";
import { lowerFirst, t, tn, tp } from "../base/words.js";
import { basisOf, basisWords } from "./basis.js";

const sayers = [];

/** Let `say(i)` describe a state in other words; without a result the usual words are used. */
export const words = {
  of(say) {
    sayers.push(say);
  },
};

/** How a thing is known, and how sure that is. */
export function basis(thing) {
  const known = basisOf(thing.origin);
  const how =
    known === "inferred" && /^D\d/.test(thing.origin)
      ? t("inferred by rule {rule}", { rule: thing.origin })
      : basisWords[known];
  const letter = (thing.confidence || "").slice(0, 1);
  return letter ? t("{how} · confidence {letter}", { how, letter }) : how;
}

/** The states of a line, by code. */
export const LINK_WORDS = [tp("line", "working"), tp("line", "hit"), tp("line", "dark: nothing arrives")];

/** The name of an asset, or null where there is none with this id: a junction. */
export const nameOf = (id) => {
  const i = model.world.index.get(id);
  return i === undefined ? null : model.world.assets[i].name;
};
export const lineKind = (link) =>
  t("{service} line", { service: model.world.serviceLabel.get(link.service) || link.service });

/** `on backup: battery ends in 0:40`; the state of an asset in words, at the clock's time. */
export function stateWords(i) {
  for (const say of sayers) {
    const text = say(i);
    if (text) return text;
  }
  const { state, deadline, level } = stateAt(i);
  const label = model.states[state].label;
  const left = deadline - clock.t;
  if (deadline < 0 || left < 0) {
    return state === STATE.DEGRADED
      ? t("{state}, works at {share} %", { state: label, share: Math.round(level * 100) })
      : label;
  }
  if (state === STATE.BACKUP) return t("{state}, ends in {left} h", { state: label, left: countdown(left) });
  if (state === STATE.REPAIR || state === STATE.RESTART) {
    return t("{state}, back in {left} h", { state: label, left: countdown(left) });
  }
  return label;
}

/** What a service is called in the middle of a sentence. */
const serviceName = (service) => lowerFirst(model.world.serviceLabel.get(service) || service);

/** `24,300 people: electricity` for what an asset serves, the largest first. */
export function peopleWords(asset) {
  const served = Object.entries(asset.people || {})
    .filter(([, n]) => n > 0)
    .sort((a, b) => b[1] - a[1]);
  return served.map(([service, n]) =>
    tn("{n} person: {service}", "{n} people: {service}", n, { service: serviceName(service) }),
  );
}
