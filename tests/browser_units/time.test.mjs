// Pure functions of assets/page/base/time.js, without a browser: node --test tests/browser_units/
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Course,
  HOUR,
  countdown,
  hoursText,
  lossBars,
  lossTimes,
  stepAt,
  stepPath,
  tickStep,
} from "../../assets/page/base/time.js";

/** Asset 0 is hit at 0 h, asset 1 runs on backup from 0 h, is lost at 8 h and back at 9 h; link 0 goes dark at 8 h. */
const picture = () => ({
  horizon_ms: 48 * HOUR,
  states: {
    t: [0, 0, 8 * HOUR, 9 * HOUR],
    a: [0, 1, 1, 1],
    s: [3, 1, 4, 0],
    d: [-1, 8 * HOUR, -1, -1],
    l: [0, 1, 0, 1],
    v: [0, 1, 0, 1],
  },
  links: { t: [8 * HOUR], k: [0], s: [2] },
  lossTimes: [0, 8 * HOUR, 8 * HOUR],
  losses: [
    { t: 0, a: 0, kind: "direct" },
    { t: 8 * HOUR, a: 1, kind: "autonomy" },
    { t: 8 * HOUR, a: 2, kind: "cascade" },
  ],
});

test("a course forward tells only what changed", () => {
  const course = new Course(3, 1);
  const first = picture();
  assert.deepEqual(course.moveTo(first, 0).changed.sort(), [0, 1]);
  assert.deepEqual(course.moveTo(first, 8 * HOUR - 1), { changed: [], links: [] });
  assert.equal(course.state[1], 1);
  assert.deepEqual(course.moveTo(first, 8 * HOUR), { changed: [1], links: [0] });
  assert.equal(course.state[1], 4);
  assert.equal(course.link[0], 2);
});

test("a course backward is the same as one that never went further", () => {
  const there = new Course(3, 1);
  const fresh = new Course(3, 1);
  const first = picture();
  there.moveTo(first, 40 * HOUR);
  const moved = there.moveTo(first, 3 * HOUR);
  fresh.moveTo(first, 3 * HOUR);
  assert.deepEqual([...there.state], [...fresh.state]);
  assert.deepEqual([...there.deadline], [...fresh.deadline]);
  assert.deepEqual(moved, { changed: [1], links: [0] });
});

test("another picture starts from its own beginning", () => {
  const course = new Course(3, 1);
  course.moveTo(picture(), 40 * HOUR);
  const calm = { ...picture(), states: { t: [], a: [], s: [], d: [], l: [], v: [] }, links: { t: [], k: [], s: [] } };
  assert.deepEqual(course.moveTo(calm, 40 * HOUR), { changed: [0], links: [0] });
  assert.deepEqual([...course.state], [0, 0, 0]);
});

test("whatever way it goes, a course stands where a fresh one would, and tells exactly what differs", () => {
  // the same numbers each time: a small generator, no chance
  let seed = 7;
  const upTo = (n) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % n;
  };
  const rows = (count) => Array.from({ length: count }, () => upTo(20)).sort((a, b) => a - b);
  const drawn = () => {
    const t = rows(30);
    const lines = rows(8);
    return {
      states: {
        t,
        a: t.map(() => upTo(9)),
        s: t.map(() => upTo(9)),
        d: t.map(() => upTo(3) - 1),
        l: t.map(() => upTo(2)),
        v: t.map(() => upTo(2)),
      },
      links: { t: lines, k: lines.map(() => upTo(4)), s: lines.map(() => upTo(3)) },
    };
  };
  const all = ({ state, deadline, level, delivered, link }) =>
    [state, deadline, level, delivered, link].map((column) => [...column]);
  const pictures = Array.from({ length: 4 }, drawn);
  const course = new Course(9, 4);
  for (let n = 0; n < 400; n++) {
    const next = pictures[upTo(4)];
    const time = upTo(21);
    const fresh = new Course(9, 4);
    const before = all(course);
    const moved = course.moveTo(next, time);
    fresh.moveTo(next, time);
    const after = all(course);
    assert.deepEqual(after, all(fresh));
    for (let i = 0; i < 9; i++) {
      if ([0, 1, 2].some((column) => before[column][i] !== after[column][i])) assert.ok(moved.changed.includes(i));
    }
    for (let k = 0; k < 4; k++) if (before[4][k] !== after[4][k]) assert.ok(moved.links.includes(k));
    assert.equal(new Set(moved.changed).size, moved.changed.length);
  }
});

test("a course is drawn as steps to the end, its most at the top", () => {
  assert.equal(stepPath([0, 10], [0, 4], 40, 4, 80, 20), "M0 20H20V0H80");
  assert.equal(stepPath([0], [2], 40, 4, 80, 20), "M0 10H80");
  assert.equal(stepPath([10, 30], [4, 0], 40, 4, 80, 20), "M0 20H20V0H60V20H80");
});

test("steps hold from their time on", () => {
  assert.equal(stepAt([5, 10], [1, 2], 4, 0), 0);
  assert.equal(stepAt([5, 10], [1, 2], 5, 0), 1);
  assert.equal(stepAt([5, 10], [1, 2], 99, 0), 2);
});

test("hours in words", () => {
  const MIN = 60_000;
  const said = [
    [0, "0 h"],
    [29_999, "0 h"],
    [30_000, "0 h"],
    [90_000, "2 min"],
    [150_000, "2 min"],
    [MIN, "1 min"],
    [45 * MIN, "45 min"],
    [60 * MIN, "1 h"],
    [7 * HOUR + 5 * MIN, "7 h 5 min"],
    [7 * HOUR + 20 * MIN, "7 h 20 min"],
    [27_600_000, "7 h 40 min"],
    [8 * HOUR, "8 h"],
    [47 * HOUR + 59 * MIN, "47 h 59 min"],
    [48 * HOUR, "2 d"],
    [51 * HOUR, "2 d 3 h"],
    [48 * HOUR + 45 * MIN, "2 d 45 min"],
    [51 * HOUR + 45 * MIN, "2 d 3 h 45 min"],
    [336 * HOUR, "14 d"],
  ];
  for (const [ms, text] of said) assert.equal(hoursText(ms), text);
  assert.equal(countdown(40 * 60_000), "0:40");
  assert.equal(countdown(16 * HOUR + 5 * 60_000), "16:05");
  assert.equal(countdown(1), "0:01", "what is still to come is never 0:00");
});

test("losses in bars and moments", () => {
  assert.deepEqual(lossTimes(picture()), [0, 8 * HOUR]);
  const bars = lossBars(picture(), 48);
  assert.deepEqual(
    bars.map(({ i, direct, cascade, autonomy }) => [i, direct, cascade, autonomy]),
    [
      [0, 1, 0, 0],
      [8, 0, 1, 1],
    ],
  );
});

test("an axis has few ticks, on round hours", () => {
  assert.equal(tickStep(48 * HOUR, 9), 6 * HOUR);
  assert.equal(tickStep(168 * HOUR, 9), 24 * HOUR);
});
