/* The map follows the selection: the card, the glow behind lines, what is brought into view. */
import { on } from "../base/bus.js";
import { motion } from "../base/elements.js";
import { model } from "../base/model.js";
import { selectAssets, selection } from "../base/selection.js";
import { drawCard } from "./card.js";
import { markLinks } from "./map.js";
import { mapRoom, stage } from "./stage.js";
import { drawSymbols } from "./symbols.js";

on("selection", (value) => {
  if (!model.world) return;
  showOpened();
  const [first] = value.assets;
  if (value.assets.length === 1 && value.from !== "map") pan(model.world.index.get(first), value.from);
});
on("opened", ({ thing, look }) => {
  showOpened();
  if (look) lookAt(thing);
});
on("world", () => {
  if (selection.assets.length) selectAssets(selection.assets, "address");
});

function showOpened() {
  drawCard();
  markLinks(selection.opened ? selection.opened.links : []);
  drawSymbols();
}

function lookAt(thing) {
  const { world } = model;
  const { map } = stage;
  const bounds = map && new window.maplibregl.LngLatBounds();
  if (!map) return;
  for (const id of thing.links) for (const spot of world.links[world.linkIndex.get(id)].line) bounds.extend(spot);
  for (const id of thing.assets) {
    const asset = world.assets[world.index.get(id)];
    if (asset) bounds.extend([asset.lon, asset.lat]);
  }
  if (!bounds.isEmpty()) map.fitBounds(bounds, { padding: mapRoom(), maxZoom: 14.5, animate: motion() });
}

/** Bring an asset into view, without moving a map that shows it already. */
function pan(i, from) {
  const map = stage.map;
  if (!map || i === undefined) return;
  const asset = model.world.assets[i];
  const p = map.project([asset.lon, asset.lat]);
  const box = map.getContainer();
  const inView = p.x > 60 && p.y > 90 && p.x < box.clientWidth - 60 && p.y < box.clientHeight - 90;
  const zoom = from === "search" ? Math.max(map.getZoom(), 13.5) : map.getZoom();
  if (inView && zoom === map.getZoom()) return;
  map.easeTo({ center: [asset.lon, asset.lat], zoom, duration: motion() ? 400 : 0 });
}
