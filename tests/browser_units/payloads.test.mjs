// What the server sends (payloads.json, written by `python -m tests.payloads`) is what its types say, and the
// page's scripts can read it. Needs `npm ci`.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import Ajv from "ajv/dist/2020.js";
import * as changes from "../../assets/page/base/changes.js";
import * as columns from "../../assets/page/base/columns.js";

const read = (name) => JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), "utf8"));
const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(read("payloads.schema"));
const examples = read("payloads");

function assertValid(payloads) {
  assert.ok(validate(payloads), JSON.stringify(validate.errors?.slice(0, 5), null, 1));
}

test("every example is of its type", () => {
  assertValid(examples);
  for (const [name, sent] of Object.entries(examples)) assert.ok(sent.length, `no example of ${name}`);
});

test("the differences that the scripts are checked with are of their types", () => {
  const cases = read("picture_changes");
  assertValid({
    picture: cases.flatMap(({ before, after }) => [before, after]),
    picture_difference: cases.map(({ change }) => change),
    plain_scenario: cases.flatMap(({ scenario_before, scenario_after }) => [scenario_before, scenario_after]),
    scenario_difference: cases.map(({ scenario_change }) => scenario_change),
  });
});

test("an unknown field and a missing one are refused", () => {
  const [first] = examples.picture;
  assert.ok(!validate({ picture: [{ ...first, unknown: 1 }] }));
  const { rev: _, ...rest } = first;
  assert.ok(!validate({ picture: [rest] }));
});

test("the scripts read the world, and the pictures as they follow each other on the stream", () => {
  const [features] = examples.features;
  assert.equal(columns.world(features).assets.length, features.assets.id.length);
  let [held, plain] = [null, null];
  for (const { from, picture, scenario, rev } of examples.change) {
    held = from === null ? columns.picture(picture) : changes.picture(held, picture, rev);
    plain = from === null ? scenario.plain : changes.plain(plain, scenario);
    const whole = examples.picture.find((item) => item.rev === rev);
    if (!whole) continue;
    assert.deepEqual([...held.states.a], [...columns.picture(whole).states.a]);
    assert.deepEqual(plain, examples.scenario.find((item) => item.rev === rev).plain);
  }
  assert.ok(held);
});
