/* "What if this too?" for what the pointer is on. The work is the server's (api/screenings.py). */
import { on } from "../base/bus.js";
import { clock } from "../base/clock.js";
import { model } from "../base/model.js";
import { request } from "../base/server.js";
import { thousands } from "../base/time.js";
import { t, tn } from "../base/words.js";

/** How long the pointer must rest before a request is sent. */
const REST_MS = 120;

/** What a question is about: the scenario as shown, and the hour of the knock-out. */
export const question = () => ({
  scenario: model.scenario.id || null,
  rev: model.scenario.id ? model.scenario.rev : 0,
  at_ms: Math.round(clock.t),
});

const answers = new Map();
let wondering = 0;

/** What one more knock-out would cost, in words; requested once the pointer rests. */
export function whatIf(i, then) {
  const asset = model.world.assets[i];
  const mine = { ...question(), asset: asset.id };
  const key = JSON.stringify(mine);
  clearTimeout(wondering);
  if (answers.has(key)) return answers.get(key);
  if (clock.playing) return null;
  wondering = setTimeout(async () => {
    let text;
    try {
      text = words(await request("POST", "/api/what-if", mine));
    } catch {
      text = t("What if this too: no answer at the moment.");
    }
    answers.set(key, text);
    then();
  }, REST_MS);
  return null;
}

function words(extra) {
  const gains = extra.assets <= 0 && extra.person_hours <= 0;
  if (gains) return t("What if this too: nothing more is lost.");
  const numbers = { people: thousands(Math.max(0, extra.people)), hours: thousands(Math.max(0, extra.person_hours)) };
  return tn(
    "What if this too: {n} more asset, {people} more people, {hours} person-hours.",
    "What if this too: {n} more assets, {people} more people, {hours} person-hours.",
    extra.assets,
    numbers,
  );
}

on("picture", () => answers.clear());
