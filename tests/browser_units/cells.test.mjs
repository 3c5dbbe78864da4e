// Cells of people at the clock's time: what is missing, how they are shaded, sums by municipality.
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document = { documentElement: { lang: "en", dataset: {} }, getElementById: () => null };
globalThis.window = globalThis;
const { CELL, byMunicipality, cellClass, cellsNow, countOf, missingIn } =
  await import("../../assets/page/base/cells.js");
const { clock } = await import("../../assets/page/base/clock.js");
const { model } = await import("../../assets/page/base/model.js");

model.world = {
  cells: [
    { people: 100, municipality: "Haven" },
    { people: 50, municipality: "Haven" },
    { people: 10, municipality: "Lake" },
    { people: 5, municipality: "" },
  ],
};
model.picture = {
  people: [{ label: "Power" }, { label: "Water" }, { label: "Heat" }],
  cells: { t: [0, 0, 60, 90], c: [0, 1, 0, 1], s: [1, 0, 7, 0], n: [100, 12.5, 100, 0] },
};
const shades = () => {
  cellsNow();
  return model.world.cells.map((_, c) => cellClass(c));
};

test("bits are counted", () => assert.deepEqual([0, 1, 6, 7].map(countOf), [0, 1, 2, 3]));

test("cells follow the clock, forwards and back", () => {
  clock.t = 0;
  assert.deepEqual(shades(), [CELL.ONE, CELL.SOME, CELL.CALM, CELL.CALM]);
  assert.deepEqual(missingIn(0), ["Power"]);
  clock.t = 100;
  assert.deepEqual(shades(), [CELL.MORE, CELL.CALM, CELL.CALM, CELL.CALM]);
  assert.deepEqual(missingIn(0), ["Power", "Water", "Heat"]);
  clock.t = 59;
  assert.deepEqual(shades(), [CELL.ONE, CELL.SOME, CELL.CALM, CELL.CALM]);
});

test("another picture begins anew", () => {
  clock.t = 100;
  shades();
  model.picture = { ...model.picture, cells: { t: [], c: [], s: [], n: [] } };
  assert.deepEqual(shades(), [CELL.CALM, CELL.CALM, CELL.CALM, CELL.CALM]);
});

test("municipalities are sums of their cells, most people who lack something first", () => {
  clock.t = 0;
  model.picture = { ...model.picture, cells: { t: [0, 0], c: [1, 2], s: [0, 1], n: [2.5, 10] } };
  assert.deepEqual(byMunicipality(), [
    ["Lake", 10, 10],
    ["Haven", 2.5, 150],
  ]);
});
