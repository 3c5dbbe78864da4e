/* What this picture does not know: needs whose supplier nobody stated, by service. It follows the world alone. */
import { on } from "../base/bus.js";
import { el, whenReady } from "../base/elements.js";
import { selectAssets } from "../base/selection.js";
import { t, tn } from "../base/words.js";

/** Who needs each service without a known supplier: service to ids, most first. */
export function unknownNeeds(world) {
  const result = new Map();
  for (const asset of world.assets) {
    for (const [service, basis] of asset.needs) {
      if (basis !== "unknown") continue;
      if (!result.has(service)) result.set(service, []);
      result.get(service).push(asset.id);
    }
  }
  return [...result].sort(([one, some], [other, more]) => more.length - some.length || (one < other ? -1 : 1));
}

function draw(world) {
  const rows = unknownNeeds(world);
  whenReady("unknown-needs", (host) => {
    host.hidden = !rows.length;
    if (!rows.length) return host.replaceChildren();
    const total = rows.reduce((sum, [, ids]) => sum + ids.length, 0);
    host.replaceChildren(
      el(
        "details",
        { class: "unknown-list" },
        el(
          "summary",
          {},
          `${tn("{n} need has no known supplier.", "{n} needs have no known supplier.", total)} `,
          el("span", { class: "link" }, t("Which?")),
        ),
        el("p", { class: "fine-print" }, t("Losses that would come through these needs are not in this picture.")),
        el("ul", { class: "plain-list" }, ...rows.map(([service, ids]) => row(world, service, ids))),
      ),
    );
  });
}

function row(world, service, ids) {
  const label = world.serviceLabel.get(service) || service;
  const title = t("Select the assets that need {service}", { service: label });
  const onclick = () => selectAssets(ids, "panel");
  return el(
    "li",
    {},
    el("button", { type: "button", class: "link", title, onclick }, label),
    el("small", {}, ` ${tn("{n} asset", "{n} assets", ids.length)}`),
  );
}

on("world", draw);
