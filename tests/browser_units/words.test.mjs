// What the page says in a language (assets/page/base/words.js), without a browser.
import assert from "node:assert/strict";
import { test } from "node:test";

const GERMAN = {
  code: "de",
  tag: "de",
  keepsCapitals: true,
  plurals: [1, 0, 1],
  choice: [],
  words: {
    Share: ["Teilen"],
    "{n} person": ["{n} Mensch", "{n} Menschen"],
    "{who} needs {what}": ["{what} braucht {who}"],
    "key\u0004Light": ["Leuchte"],
  },
};
const FRENCH = {
  ...GERMAN,
  code: "fr",
  tag: "fr",
  keepsCapitals: false,
  plurals: [0, 0, 1],
  words: { "{n} person": ["{n} personne", "{n} personnes"] },
};

let pages = 0;

/** A page's words in a language; without one it speaks English. Each page has a module of its own. */
async function speaking(spoken) {
  globalThis.knockon = spoken ? { spoken } : undefined;
  return import(`../../assets/page/base/words.js?page=${++pages}`);
}

test("without a language it is said as it stands in the code", async () => {
  const page = await speaking(null);
  assert.equal(page.t("Share"), "Share");
  assert.equal(page.t("{who} is lost", { who: "Süd" }), "Süd is lost");
  assert.equal(page.tn("{n} person", "{n} people", 1), "1 person");
  assert.equal(page.tn("{n} person", "{n} people", 0), "0 people");
  assert.equal(page.tn("{n} person", "{n} people", 12345), "12,345 people");
  assert.equal(page.formatNumber(1234.25, 1), "1,234.2");
});

test("in a language its words are said, others stay English", async () => {
  const page = await speaking(GERMAN);
  assert.equal(page.t("Share"), "Teilen");
  assert.equal(page.t("Nobody translated this"), "Nobody translated this");
  assert.equal(page.tp("key", "Light"), "Leuchte");
  assert.equal(page.tp("weight", "Light"), "Light");
  assert.equal(page.t("constructor"), "constructor");
});

test("the form goes with the number, as each language counts", async () => {
  const german = await speaking(GERMAN);
  const french = await speaking(FRENCH);
  assert.deepEqual(
    [0, 1, 2].map((n) => german.tn("{n} person", "{n} people", n)),
    ["0 Menschen", "1 Mensch", "2 Menschen"],
  );
  assert.deepEqual(
    [0, 1, 2].map((n) => french.tn("{n} person", "{n} people", n)),
    ["0 personne", "1 personne", "2 personnes"],
  );
  assert.equal(german.tn("{n} person", "{n} people", 12345), "12.345 Menschen");
  assert.equal(german.tn("{n} person", "{n} people", 12345, { n: "viele" }), "viele Menschen");
});

test("values are put in as they are, never read as places again", async () => {
  const page = await speaking(GERMAN);
  assert.equal(page.t("{who} needs {what}", { who: "{what}", what: "$&" }), "$& braucht {what}");
  assert.equal(page.t("{who} needs {what}", { who: "A" }), "{what} braucht A");
});

test("elements stand where the language wants them", async () => {
  const page = await speaking(GERMAN);
  const who = { element: true };
  assert.deepEqual(
    [...page.textParts(page.t("{who} needs {what}"), { who, what: ["B", "C"] })],
    ["B", "C", " braucht ", who],
  );
});

test("numbers have the separators of the language, thousands in every one", async () => {
  const said = [];
  for (const tag of ["en-GB", "de", "fr", "it", "es"]) {
    said.push((await speaking({ ...GERMAN, tag })).formatNumber(1234.5, 1));
  }
  assert.deepEqual(said, ["1,234.5", "1.234,5", "1\u202f234,5", "1.234,5", "1.234,5"]);
});

test("German nouns and abbreviations keep their capitals", async () => {
  const german = await speaking(GERMAN);
  const french = await speaking(FRENCH);
  assert.equal(german.lowerFirst("Strom"), "Strom");
  assert.equal(french.lowerFirst("Eau potable"), "eau potable");
  assert.equal(french.lowerFirst("GNSS"), "GNSS");
  assert.equal(french.lowerFirst("À"), "à");
});
