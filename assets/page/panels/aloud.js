/* What just failed, and what a change did, for people who do not see the map. */
import { on } from "../base/bus.js";
import { whenReady } from "../base/elements.js";
import { model, stateCode } from "../base/model.js";
import { hoursText, isLost } from "../base/time.js";
import { lowerFirst, t, tn } from "../base/words.js";

let said = 0;
function say(now) {
  if (now.all || !now.changed.length || Date.now() - said < 1500) return;
  const failed = now.changed.filter((i) => isLost(stateCode(i))).map((i) => model.world.assets[i].name);
  if (!failed.length) return;
  said = Date.now();
  const names = failed.slice(0, 3).join(", ");
  const at = hoursText(now.t);
  const more = failed.length - 3;
  const text =
    more > 0
      ? tn("{at}: {names} and {n} more lost.", "{at}: {names} and {n} more lost.", more, { at, names })
      : t("{at}: {names} lost.", { at, names });
  whenReady("live-region", (live) => {
    live.textContent = text;
  });
}

/** One sentence about what a change did, for people who do not see the map. */
function sayPicture(picture) {
  const { direct, indirect } = picture.summary || {};
  if (!direct) return;
  const most = picture.people.reduce((a, b) => (b.peak > a.peak ? b : a), { peak: 0 });
  const counts = { hit: direct, lost: indirect, without: most.peak ? without(most) : "" };
  const text = most.peak
    ? tn(
        "{hit} hit, {lost} more lost by cascade, up to {n} person {without}.",
        "{hit} hit, {lost} more lost by cascade, up to {n} people {without}.",
        most.peak,
        counts,
      )
    : t("{hit} hit, {lost} more lost by cascade.", counts);
  whenReady("live-region", (live) => {
    live.textContent = text;
  });
}

/** `without electricity`, in the service's own words; a service without them is given by its label. */
function without({ label, people_label }) {
  return people_label !== label ? people_label : t("without {service}", { service: lowerFirst(label) });
}

on("picture", sayPicture);
on("clock", (now) => {
  if (model.picture && model.world) say(now);
});
