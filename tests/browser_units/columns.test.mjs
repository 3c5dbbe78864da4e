// Reading columns as layouts/feed/columns.py writes them, without a browser: node --test tests/browser_units/
import assert from "node:assert/strict";
import { test } from "node:test";
import { grouped, picture, read, rowsOf, world } from "../../assets/page/base/columns.js";

const packed = (array, type) => ({ type, b64: Buffer.from(array.buffer).toString("base64") });
const u1 = (...values) => packed(Uint8Array.from(values), "u1");
const u4 = (...values) => packed(Uint32Array.from(values), "u4");
const micro = (...degrees) => u4(...degrees.map((d) => Math.round((d + 180) * 1e6)));

test("the three forms of a column", () => {
  assert.deepEqual(read(["a", "b"]), ["a", "b"]);
  assert.deepEqual([...read(u4(7, 70_000))], [7, 70_000]);
  assert.deepEqual([...read(packed(Float64Array.of(0.25, -1), "f8"))], [0.25, -1]);
  assert.deepEqual(read({ values: ["x", "y"], codes: u1(1, 0, 1) }), ["y", "x", "y"]);
  const numbers = read({ values: [-1, 28_800_000], codes: u1(0, 1) });
  assert.ok(numbers instanceof Float64Array);
  assert.deepEqual([...numbers], [-1, 28_800_000]);
  assert.equal(read({ values: [], codes: u1() }).length, 0);
});

test("rows read their columns and hold nothing", () => {
  const rows = rowsOf(2, { name: ["a", "b"], twice: (i) => 2 * i });
  assert.deepEqual(
    rows.map((row) => [row.name, row.twice]),
    [
      ["a", 0],
      ["b", 2],
    ],
  );
  assert.deepEqual(Object.keys(rows[1]), ["i"]);
});

test("rows by their owner", () => {
  const { start, order } = grouped(Uint32Array.of(2, 0, 2, 2), 4);
  assert.deepEqual([...start], [0, 1, 1, 4, 4]);
  assert.deepEqual([...order.subarray(start[2], start[3])], [0, 2, 3]);
});

test("a world: assets and links with their places, people, shapes and needs", () => {
  const same = (text) => ({ values: [text], codes: u1(0, 0) });
  const payload = {
    sectors: [
      { id: "water", label: "Water" },
      { id: "energy", label: "Energy" },
    ],
    types: [
      { id: "works", label: "Works", special: true },
      { id: "plant", label: "Plant", special: false },
    ],
    assets: {
      id: ["w", "p"],
      name: ["Works", "Plant"],
      asset_type: ["works", "plant"],
      sector: ["water", "energy"],
      lon: micro(13.123456, -9.5),
      lat: micro(53.5, -0.000001),
      needs: [[["electricity", "declared"]], []],
      origin: ["declared", "assumption"],
      confidence: same("B"),
      source: same(""),
      operator: same(""),
      note: same(""),
      people: { a: u1(0, 0), service: ["drinking_water", "heat"], n: u4(1200, 80_000) },
      shapes: { a: [1], shape: [{ type: "Polygon" }] },
    },
    links: {
      id: ["l", "m"],
      name: ["", "M"],
      service: same("electricity"),
      origin: same("declared"),
      confidence: same(""),
      from: ["p", "j"],
      to: ["w", "w"],
      minor: u1(0, 1),
      points: u1(2, 3),
      lon: micro(1, 2, 3, 4, 5),
      lat: micro(6, 7, 8, 9, 10),
    },
    cells: {
      id: ["home", "farm"],
      people: u1(9, 4),
      municipality: ["Haven", ""],
      basis: ["declared", "assumed"],
      lon: micro(13, 13.1),
      lat: micro(53, 53.1),
      shapes: { c: [0], shape: [{ type: "Polygon" }] },
    },
    dependencies: { from: u1(1), to: u1(0), service: ["electricity"], basis: ["d"] },
  };
  const { assets, links, cells, columns, dependencies } = world(payload);
  assert.deepEqual([cells[0].people, cells[1].lon, cells[1].basis], [9, 13.1, "assumed"]);
  assert.deepEqual([cells[0].shape.type, cells[1].shape, cells[0].municipality], ["Polygon", null, "Haven"]);
  assert.deepEqual([assets[0].lon, assets[1].lon, assets[1].lat], [13.123456, -9.5, -0.000001]);
  assert.deepEqual([assets[0].type_label, assets[0].special, assets[1].special], ["Works", true, false]);
  assert.deepEqual({ ...assets[0].people }, { drinking_water: 1200, heat: 80_000 });
  assert.deepEqual([{ ...assets[1].people }, assets[0].shape, assets[1].shape.type], [{}, null, "Polygon"]);
  assert.deepEqual(assets[0].needs, [["electricity", "declared"]]);
  assert.deepEqual(
    [[...columns.people], columns.special, [...columns.sector], [...columns.assumed]],
    [[80_000, 0], [0], [0, 1], [0, 1]],
  );
  assert.deepEqual(
    [links[0].line, links[1].line],
    [
      [
        [1, 6],
        [2, 7],
      ],
      [
        [3, 8],
        [4, 9],
        [5, 10],
      ],
    ],
  );
  assert.deepEqual([links[0].minor, links[1].minor, links[1].from], [false, true, "j"]);
  assert.deepEqual([...dependencies.from], [1]);
});

test("a picture keeps its losses as rows and their times as a column", () => {
  const none = { values: [], codes: u1() };
  const payload = {
    rev: 3,
    states: { t: u4(0, 5), a: u1(1, 0), s: u1(3, 4), d: [-1, -1], l: [0, 0], v: [0, 0] },
    links: { t: none, k: none, s: none },
    cells: { t: u4(0), c: u1(1), s: u1(3), n: [2.5] },
    losses: {
      t: u4(0, 5),
      a: u1(1, 0),
      kind: ["direct", "cascade"],
      state: u1(3, 4),
      text: ["hit", "no water"],
      people_total: u1(0, 9),
    },
  };
  const result = picture(payload);
  assert.deepEqual([...result.states.t], [0, 5]);
  assert.deepEqual([[...result.cells.c], result.cells.n], [[1], [2.5]]);
  assert.deepEqual(
    result.losses.map((loss) => [loss.t, loss.a, loss.text]),
    [
      [0, 1, "hit"],
      [5, 0, "no water"],
    ],
  );
  assert.deepEqual([...result.lossTimes], [0, 5]);
});
