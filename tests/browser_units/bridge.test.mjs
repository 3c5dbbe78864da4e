// What Dash hands on before the page's modules have come (assets/bridge.js), without a browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const source = readFileSync(new URL("../../assets/bridge.js", import.meta.url), "utf8");

/** A window in which the bridge has run, as a classic script does. */
function bridged(before = {}) {
  const window = { dash_clientside: before };
  vm.runInNewContext(source, { window, Object });
  return window;
}

test("early values are held, and handed on in their order", () => {
  const { knockon, set_props } = bridged({ set_props: "of Dash" }).dash_clientside;
  const heard = [];
  knockon.scenario({ id: "s" });
  knockon.picture({ rev: 1 });
  knockon.connect({
    scenario: (value) => heard.push(["scenario", value.id]),
    picture: (value) => heard.push(["picture", value.rev]),
  });
  knockon.picture({ rev: 2 });
  assert.deepEqual(heard, [
    ["scenario", "s"],
    ["picture", 1],
    ["picture", 2],
  ]);
  assert.equal(set_props, "of Dash");
});

test("cells of grids ask the modules", () => {
  const window = bridged();
  Object.assign(window.dash_clientside.knockon.cells, { whole: (value) => `${value}!` });
  assert.equal(window.dashAgGridFunctions.knockonNumber(3), "3!");
});
