// One change after another (assets/page/base/queue.js), without a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Queue } from "../../assets/page/base/queue.js";

/** A page that notes what is sent on which revision, and answers when told to. */
function page(events = [], patience = 1_000, alive = async () => false) {
  const sent = [];
  const refused = [];
  const told = [];
  let now = { id: null, rev: 0, plain: { events } };
  const queue = new Queue(
    {
      now: () => now,
      send: (action) => sent.push(`${action.do}${action.index ?? ""} on ${now.id} ${now.rev}`),
      refuse: (text) => refused.push(text),
      wait: (text) => told.push(text),
      alive,
    },
    patience,
    20,
  );
  const answer = async (id, rev, left = now.plain.events) => {
    now = { id, rev, plain: { events: left } };
    queue.scenario(now);
    queue.picture({ scenario: id, rev });
    await pause(5);
  };
  return { queue, sent, refused, told, answer };
}

test("the second change waits for what the first has led to", async () => {
  const { queue, sent, answer } = page();
  queue.add({ do: "fail", assets: ["a"] });
  queue.add({ do: "fail", assets: ["b"] });
  assert.deepEqual(sent, ["fail on null 0"]);
  await answer("x", 2);
  assert.deepEqual(sent, ["fail on null 0", "fail on x 2"]);
});

test("undo twice is two steps, the same knock-out twice is one", async () => {
  const { queue, sent, answer } = page();
  queue.add({ do: "undo" });
  queue.add({ do: "undo" });
  queue.add({ do: "fail", assets: ["a"] });
  queue.add({ do: "fail", assets: ["a"] });
  for (const rev of [5, 6, 7]) await answer("x", rev);
  assert.deepEqual(sent, ["undo on null 0", "undo on x 5", "fail on x 6"]);
});

test("a change that the server did not take is told at once, and the next has its turn", async () => {
  const { queue, sent, refused } = page();
  queue.refused("Nothing is under way.");
  queue.add({ do: "fail", assets: ["a"] });
  queue.add({ do: "fail", assets: ["b"] });
  queue.refused("The scenario database cannot be used just now.");
  assert.deepEqual(refused, ["The scenario database cannot be used just now."]);
  assert.deepEqual(sent, ["fail on null 0", "fail on null 0"]);
});

test("half an answer is none: scenario and picture have to agree", async () => {
  const { queue, sent } = page();
  queue.add({ do: "undo" });
  queue.add({ do: "redo" });
  queue.picture({ scenario: "x", rev: 1 });
  queue.scenario({ id: "x", rev: 2 });
  await pause(5);
  assert.equal(sent.length, 1);
  queue.picture({ scenario: "x", rev: 2 });
  await pause(5);
  assert.equal(sent.length, 2);
});

test("a refused change lets the next one go, on what came with the message", async () => {
  const { queue, sent, answer } = page();
  queue.add({ do: "fail", assets: ["a"] });
  queue.add({ do: "redo" });
  queue.message();
  await answer("x", 9);
  assert.deepEqual(sent, ["fail on null 0", "redo on x 9"]);
  queue.message();
  queue.add({ do: "undo" });
  await pause(40);
  assert.equal(sent.length, 3);
});

test("a lost answer does not block for ever", async () => {
  const { queue, sent, refused } = page([], 20);
  queue.add({ do: "undo" });
  queue.add({ do: "redo" });
  await pause(40);
  assert.equal(refused.length, 1);
  assert.equal(sent.length, 1, "what waited was meant for after a change that nobody knows of");
  queue.add({ do: "redo" });
  assert.equal(sent.length, 2);
});

test("what a server that is there has not answered yet is waited for, and nothing is dropped", async () => {
  let looks = 0;
  const seen = new Promise((done) => {
    globalThis.twice = () => {
      if (++looks === 2) done();
      return Promise.resolve(true);
    };
  });
  const { queue, sent, refused, told, answer } = page([], 20, () => globalThis.twice());
  queue.add({ do: "fail", assets: ["a"] });
  queue.add({ do: "fail", assets: ["b"] });
  await seen;
  assert.equal(sent.length, 1);
  assert.equal(told.length, 1, "it is said once");
  await answer("x", 2);
  assert.deepEqual(sent, ["fail on null 0", "fail on x 2"]);
  assert.deepEqual(refused, []);
});

test("nothing is waited for without end", async () => {
  const { queue, refused } = page([], 1, async () => true);
  const refuse = queue.page.refuse;
  const lost = new Promise((done) => {
    queue.page.refuse = (text) => {
      refuse(text);
      done();
    };
  });
  queue.add({ do: "undo" });
  await lost;
  assert.equal(refused.length, 1);
  assert.equal(queue.underway, null);
});

test("an index means the event that people saw", async () => {
  const [a, b] = [
    { at_h: 0, asset: "a" },
    { at_h: 1, asset: "b" },
  ];
  const { queue, sent, refused, answer } = page([a, b]);
  queue.add({ do: "remove_event", index: 0 });
  queue.add({ do: "remove_event", index: 1 });
  queue.add({ do: "edit_event", index: 0, event: { ...a, at_h: 3 } });
  await answer("x", 2, [b]);
  await answer("x", 3, []);
  assert.deepEqual(sent, ["remove_event0 on null 0", "remove_event0 on x 2"]);
  assert.equal(refused.length, 1);
});

test("without a connection changes are kept, and made when it is back", async () => {
  const { queue, sent, refused, answer } = page();
  queue.keep();
  queue.add({ do: "fail", assets: ["a"] });
  queue.add({ do: "fail", assets: ["b"] });
  assert.deepEqual(sent, []);
  queue.goOn();
  assert.deepEqual(sent, ["fail on null 0"]);
  await answer("x", 2);
  assert.deepEqual(sent, ["fail on null 0", "fail on x 2"]);
  assert.deepEqual(refused, []);
});

test("a change that was under way when the connection broke is made again only if nothing has changed since", async () => {
  const { queue, sent, refused, answer } = page();
  queue.add({ do: "undo" });
  await answer("x", 3);
  queue.add({ do: "fail", assets: ["a"] });
  queue.keep();
  queue.goOn();
  assert.deepEqual(sent, ["undo on null 0", "fail on x 3", "fail on x 3"]);
  queue.keep();
  await answer("x", 4);
  queue.goOn();
  assert.equal(sent.length, 3);
  assert.match(refused[0], /Check whether it was made/);
});

test("who stands before the queue can keep a change back", async () => {
  const { queue, sent } = page();
  queue.before((action) => action.do === "settings");
  queue.add({ do: "settings" });
  queue.add({ do: "fail" });
  assert.deepEqual(sent, ["fail on null 0"]);
  assert.equal(queue.waiting.length, 0);
});
