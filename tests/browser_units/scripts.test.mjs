/* Every script of the page can be read at all: one that cannot takes the page with it. */
import assert from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Script } from "node:vm";

const assets = new URL("../../assets/", import.meta.url);
const scripts = readdirSync(assets, { recursive: true }).filter((name) => name.endsWith(".js"));

test("there are scripts", () => assert.ok(scripts.length > 20));
for (const name of scripts) {
  test(`${name} can be read`, () => new Script(readFileSync(new URL(name, assets), "utf8"), { filename: name }));
}
