/* What of the world is to be seen: layers, sectors and kinds of lines that are on, what the pointer is on. */
import { model, stateCode } from "./model.js";
import { STATE } from "./time.js";

export const sight = {
  /** Layers people can switch, with what they start as. */
  layers: {
    cells: false,
    hazards: true,
    links: true,
    needs: true,
    unknown: true,
    labels: true,
    roads: true,
    shapes: true,
  },
  /** Sectors and link services that are switched off. */
  hiddenSectors: new Set(),
  hiddenServices: new Set(),
  /** Whether the map shows places and assets alone, without states: another view draws those. */
  quiet: false,
  /** Index of the asset that the pointer is on, if any. */
  hovered: undefined,
  /** Places with names, the largest first; empty before they have come. */
  places: null,
};

let seen = new Uint8Array(0);

/** By index, 1 for what is to be seen at all: its sector is switched on. */
export const inSight = () => seen;

/** Recompute visibility after a sector was switched; returns the indices of the visible assets. */
export function lookAgain() {
  const { columns, sectors } = model.world;
  const on = sectors.map((sector) => (sight.hiddenSectors.has(sector.id) ? 0 : 1));
  const indices = [];
  seen = columns.sector.map((sector) => on[sector]);
  seen.forEach((yes, i) => {
    if (yes) indices.push(i);
  });
  return indices;
}

/** Whether an asset is to be seen, by sector and layer. */
export const isShown = (i) => seen[i] === 1 && (sight.layers.unknown || stateCode(i) !== STATE.UNKNOWN);
