import assert from "node:assert/strict";
import test from "node:test";

import { idList, idsOf, plain } from "../../assets/page/base/text.js";

const IDS = [
  "UW-1,T2",
  "a/b",
  "c#d",
  "e?f",
  "50%20",
  "DE→FR",
  "x&y=z",
  "a+b",
  "ä ö",
  "Mu\u0308hle",
  "__proto__",
  "..",
  "🏭",
];

test("ids come out of an address as they went in", () => {
  assert.deepEqual(idsOf(`?s=1&sel=${idList(IDS)}&view=list`, "sel"), IDS);
  for (const id of IDS) assert.deepEqual(idsOf(`?sel=${idList([id])}`, "sel"), [id]);
  const address = new URL(`http://localhost/?sel=${idList(IDS)}`);
  assert.deepEqual(idsOf(address.search, "sel"), IDS, "a browser changes nothing of it");
});

test("an address that was cut, or has no list, gives what is left", () => {
  assert.deepEqual(idsOf("?sel=a,%E4%B", "sel"), ["a", "%E4%B"]);
  assert.deepEqual(idsOf("?select=a", "sel"), []);
  assert.deepEqual(idsOf("", "sel"), []);
});

test("texts are compared without case, accents and letters of no width", () => {
  for (const text of ["Müller", "Mu\u0308ller", "MÜLLER", "Mu\u200bller", "muller"]) {
    assert.equal(plain(text), "muller");
  }
  assert.equal(plain("Südstraße"), "sudstrasse");
});
