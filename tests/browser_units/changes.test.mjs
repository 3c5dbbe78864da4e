// What the stream tells of a change (assets/page/base/changes.js), put into what a page holds; without a browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as changes from "../../assets/page/base/changes.js";
import * as columns from "../../assets/page/base/columns.js";

/**
 * Pairs of pictures with the difference that the server makes of them;
 * tests/unit/layouts/feed/test_picture_change.py writes them.
 */
const cases = JSON.parse(readFileSync(new URL("./picture_changes.json", import.meta.url), "utf8"));

const plain = (picture) =>
  JSON.parse(
    JSON.stringify({
      ...picture,
      states: Object.fromEntries(Object.entries(picture.states).map(([name, column]) => [name, [...column]])),
      links: Object.fromEntries(Object.entries(picture.links).map(([name, column]) => [name, [...column]])),
      losses: picture.losses.map(({ t, a, kind, state, text, people_total }) => ({
        t,
        a,
        kind,
        state,
        text,
        people_total,
      })),
      lossTimes: [...picture.lossTimes],
    }),
  );

test("a difference makes exactly the picture that the server has", () => {
  assert.ok(cases.length > 3);
  for (const { before, change, after } of cases) {
    const held = columns.picture(before);
    const kept = plain(held);
    assert.deepEqual(plain(changes.picture(held, change, after.rev)), plain(columns.picture(after)));
    assert.deepEqual(plain(held), kept, "the one before stays as it is");
  }
});

test("a difference makes exactly the scenario that the server has", () => {
  for (const { scenario_before, scenario_change, scenario_after } of cases) {
    assert.deepEqual(changes.plain(scenario_before, scenario_change), scenario_after);
  }
});
