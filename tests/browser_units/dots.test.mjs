// Which dots are drawn and how each looks (assets/page/map/dots.js), without a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { STATE } from "../../assets/page/base/time.js";
import { APART_PX, Dots, thinned } from "../../assets/page/map/dots.js";
import { mercator } from "../../assets/page/map/geometry.js";
import { Sheet } from "../../assets/page/map/sheet.js";

/** Places that look random and are the same each time. */
function places(n) {
  let seed = 7;
  const next = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  return [
    Float64Array.from({ length: n }, () => 0.5 + next() / 50),
    Float64Array.from({ length: n }, () => 0.3 + next() / 50),
  ];
}
const all = (n) => Array.from({ length: n }, (_, i) => i);

test("few dots are all drawn, in their order", () => {
  const [x, y] = places(100);
  const { order, upTo } = thinned(x, y, all(100));
  assert.deepEqual([...order], all(100));
  assert.equal(upTo.length, 0);
});

test("of many, those drawn at a zoom lie in cells of their own and leave none of the others' cells empty", () => {
  const n = 20_000;
  const [x, y] = places(n);
  const { order, upTo } = thinned(x, y, all(n));
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    all(n),
  );
  for (const zoom of [4, 7, 9, 12]) {
    const cells = (512 * 2 ** zoom) / APART_PX;
    const cell = (i) => `${Math.floor(x[i] * cells)} ${Math.floor(y[i] * cells)}`;
    const drawn = [...order.subarray(0, upTo[zoom])].map(cell);
    assert.equal(new Set(drawn).size, new Set(all(n).map(cell)).size);
    assert.ok(drawn.length < n || zoom === 12);
  }
  assert.ok(upTo[4] < upTo[7] && upTo[7] < upTo[9]);
});

test("only what is shown is drawn", () => {
  const [x, y] = places(8000);
  const shown = all(8000).filter((i) => i % 2);
  assert.deepEqual(
    [...thinned(x, y, shown).order].sort((a, b) => a - b),
    shown,
  );
});

function dots(n) {
  const columns = {
    lon: new Float64Array(n),
    lat: new Float64Array(n),
    assumed: Uint8Array.from({ length: n }, (_, i) => i % 2),
  };
  return new Dots({ assets: { length: n }, columns });
}

test("a state is shown by the dot unless a symbol stands for it; what matters most is drawn last", () => {
  const drawn = dots(5);
  const state = Uint8Array.of(STATE.WORKING, STATE.WORKING, STATE.HIT, STATE.LOST, STATE.BACKUP);
  assert.equal(drawn.show(Uint8Array.of(1, 1, 1, 1, 1), state, Uint8Array.of(0, 0, 0, 0, 0)), true);
  assert.deepEqual([...drawn.look], [1, 2, 3 + STATE.HIT, 3 + STATE.LOST, 3 + STATE.BACKUP]);
  assert.deepEqual([...drawn.loudOnes], [4, 3, 2]);
  assert.equal(drawn.show(Uint8Array.of(1, 1, 1, 1, 1), state, Uint8Array.of(0, 0, 0, 0, 0)), false);
  drawn.show(Uint8Array.of(0, 1, 1, 1, 1), state, Uint8Array.of(0, 0, 1, 0, 0));
  assert.deepEqual([...drawn.look].slice(0, 3), [0, 2, 0]);
  assert.deepEqual([...drawn.loudOnes], [4, 3]);
});

const SIZES = { radius: 3, stroke: 1, assumedRim: 1.5, loud: 4, loudRim: 1 };
const COLOURS = {
  states: Array.from({ length: 9 }, (_, n) => [10 * n, 100, 200]),
  plate: [255, 255, 255],
  land: [240, 240, 230],
};
const WORKS = 1;
const ASSUMED = 2;
const LOUD = 3;

/** Red, green, blue and alpha of a px of what is shown. */
function px(sheet, x, y) {
  const value = sheet.pixels[(y + 2 * sheet.reach) * sheet.width + x + 2 * sheet.reach];
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
}

test("a dot has its state's colour in the middle, a rim, and leaves the rest empty", () => {
  const sheet = new Sheet(40, 30, SIZES, COLOURS, null);
  sheet.dot(WORKS, 10.5, 10.5);
  assert.deepEqual(px(sheet, 10, 10), [0, 100, 200, 255]);
  assert.deepEqual(px(sheet, 13, 10).slice(0, 3), [255, 255, 255]);
  assert.deepEqual(px(sheet, 16, 10), [0, 0, 0, 0]);
  sheet.dot(ASSUMED, 30.5, 10.5);
  assert.deepEqual(px(sheet, 30, 10), [240, 240, 230, 255]);
  assert.deepEqual(px(sheet, 33, 10).slice(0, 3), [0, 100, 200]);
});

test("an assumed dot has a rim even where others have none", () => {
  const sheet = new Sheet(40, 30, { ...SIZES, radius: 1, stroke: 0, assumedRim: 0.7 }, COLOURS, null);
  sheet.dot(ASSUMED, 10.5, 10.5);
  assert.deepEqual(px(sheet, 10, 10).slice(0, 3), [240, 240, 230]);
  assert.ok(px(sheet, 11, 10)[0] < 200 && px(sheet, 11, 10)[3] > 100);
});

test("what is drawn last lies on top, and a soft edge lets through what is below", () => {
  const sheet = new Sheet(40, 30, SIZES, COLOURS, null);
  sheet.dot(WORKS, 10.5, 10.5);
  const edge = px(sheet, 14, 10)[3];
  sheet.dot(LOUD + STATE.LOST, 10.5, 10.5);
  assert.deepEqual(px(sheet, 10, 10), [10 * STATE.LOST, 100, 200, 255]);
  assert.ok(px(sheet, 14, 10)[3] >= edge && px(sheet, 14, 10)[3] <= 255);
});

test("a dot at the edge is cut there, one outside is not drawn", () => {
  const sheet = new Sheet(40, 30, SIZES, COLOURS, null);
  const empty = () => sheet.pixels.every((value) => value === 0);
  for (const [x, y] of [
    [-50, 10],
    [10, 500],
    [NaN, 3],
  ]) {
    sheet.dot(WORKS, x, y);
  }
  assert.ok(empty());
  for (const [x, y] of [
    [-2, -2],
    [41, 31],
    [39.99, 0],
  ]) {
    sheet.dot(LOUD + STATE.HIT, x, y);
  }
  assert.ok(!empty());
  assert.equal(px(sheet, 0, 0)[3], 255);
  assert.equal(px(sheet, 39, 29)[3], 255);
});

test("a sheet of the same size is used again, empty", () => {
  const first = new Sheet(40, 30, SIZES, COLOURS, null);
  first.dot(WORKS, 10, 10);
  const again = new Sheet(40, 30, SIZES, COLOURS, first);
  assert.equal(again.pixels, first.pixels);
  assert.ok(again.pixels.every((value) => value === 0));
  assert.equal(again.stamps, first.stamps);
  assert.notEqual(new Sheet(40, 30, { ...SIZES, radius: 2 }, COLOURS, again).stamps, again.stamps);
});

test("places on the map are those of the web's own projection", () => {
  const [x, y] = mercator(13.26, 53.56);
  assert.ok(Math.abs(x - 0.536833) < 1e-6);
  assert.ok(Math.abs(y - (1 - Math.asinh(Math.tan((53.56 * Math.PI) / 180)) / Math.PI) / 2) < 1e-12);
  assert.deepEqual(mercator(0, 0), [0.5, 0.5]);
});
