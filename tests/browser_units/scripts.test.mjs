// Every script of the page can be read at all: one that cannot takes the page with it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";

const assets = new URL("../../assets/", import.meta.url);
const modules = readdirSync(new URL("page/", assets), { recursive: true }).filter((name) => name.endsWith(".js"));

test("there are modules", () => assert.ok(modules.length > 40));
for (const name of modules) {
  test(`${name} can be read`, () => {
    const { status, stderr } = spawnSync(process.execPath, [
      "--check",
      fileURLToPath(new URL(`page/${name}`, assets)),
    ]);
    assert.equal(status, 0, String(stderr));
  });
}
test("the bridge can be read as a classic script", () => {
  const name = "bridge.js";
  assert.ok(new Script(readFileSync(new URL(name, assets), "utf8"), { filename: name }));
});
