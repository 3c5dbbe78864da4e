// What the page says in a language (assets/page/base/words.js), without a browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const source = readFileSync(new URL("../../assets/page/base/words.js", import.meta.url), "utf8");
const GERMAN = { code: "de", tag: "de", keepsCapitals: true, plurals: [1, 0, 1], choice: [], words: {
  "Share": ["Teilen"], "{n} person": ["{n} Mensch", "{n} Menschen"], "{who} needs {what}": ["{what} braucht {who}"], "key\u0004Light": ["Leuchte"] } };
const FRENCH = { ...GERMAN, code: "fr", tag: "fr", keepsCapitals: false, plurals: [0, 0, 1], words: { "{n} person": ["{n} personne", "{n} personnes"] } };

/** A page's words in a language; without one it speaks English. */
function speaking(spoken) {
  const root = { knockon: spoken ? { spoken } : undefined };
  vm.runInNewContext(source, { window: root, Intl, Number, Object, Date });
  return root.knockon;
}

test("without a language it is said as it stands in the code", () => {
  const page = speaking(null);
  assert.equal(page.t("Share"), "Share");
  assert.equal(page.t("{who} is lost", { who: "Süd" }), "Süd is lost");
  assert.equal(page.tn("{n} person", "{n} people", 1), "1 person");
  assert.equal(page.tn("{n} person", "{n} people", 0), "0 people");
  assert.equal(page.tn("{n} person", "{n} people", 12345), "12,345 people");
  assert.equal(page.number(1234.25, 1), "1,234.2");
});

test("in a language its words are said, others stay English", () => {
  const page = speaking(GERMAN);
  assert.equal(page.t("Share"), "Teilen");
  assert.equal(page.t("Nobody translated this"), "Nobody translated this");
  assert.equal(page.tp("key", "Light"), "Leuchte");
  assert.equal(page.tp("weight", "Light"), "Light");
  assert.equal(page.t("constructor"), "constructor");
});

test("the form goes with the number, as each language counts", () => {
  const german = speaking(GERMAN), french = speaking(FRENCH);
  assert.deepEqual([0, 1, 2].map((n) => german.tn("{n} person", "{n} people", n)), ["0 Menschen", "1 Mensch", "2 Menschen"]);
  assert.deepEqual([0, 1, 2].map((n) => french.tn("{n} person", "{n} people", n)), ["0 personne", "1 personne", "2 personnes"]);
  assert.equal(german.tn("{n} person", "{n} people", 12345), "12.345 Menschen");
  assert.equal(german.tn("{n} person", "{n} people", 12345, { n: "viele" }), "viele Menschen");
});

test("values are put in as they are, never read as places again", () => {
  const page = speaking(GERMAN);
  assert.equal(page.t("{who} needs {what}", { who: "{what}", what: "$&" }), "$& braucht {what}");
  assert.equal(page.t("{who} needs {what}", { who: "A" }), "{what} braucht A");
});

test("elements stand where the language wants them", () => {
  const page = speaking(GERMAN), who = { element: true };
  assert.deepEqual([...page.parts(page.t("{who} needs {what}"), { who, what: ["B", "C"] })], ["B", "C", " braucht ", who]);
});

test("numbers have the separators of the language, thousands in every one", () => {
  const said = (tag) => speaking({ ...GERMAN, tag }).number(1234.5, 1);
  assert.deepEqual(["en-GB", "de", "fr", "it", "es"].map(said), ["1,234.5", "1.234,5", "1\u202f234,5", "1.234,5", "1.234,5"]);
});

test("German nouns and abbreviations keep their capitals", () => {
  assert.equal(speaking(GERMAN).lowerFirst("Strom"), "Strom");
  assert.equal(speaking(FRENCH).lowerFirst("Eau potable"), "eau potable");
  assert.equal(speaking(FRENCH).lowerFirst("GNSS"), "GNSS");
  assert.equal(speaking(FRENCH).lowerFirst("À"), "à");
});
