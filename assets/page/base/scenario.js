/* The scenario on show: changed one request after another, opened, followed. */
import { emit } from "./bus.js";
import { clockRests } from "./clock.js";
import { pageName, setProps } from "./dash.js";
import { model } from "./model.js";
import { Queue } from "./queue.js";
import { showPicture } from "./world.js";

/** So long the server is given to say that it is well. */
const ALIVE_MS = 20_000;
/** Delay after a change until the panels beside the map are requested, if no frame was drawn before. */
const SOON_MS = 200;

let nonce = 0;
let opened = 0;
let shown = 0;
/** The panels beside the map that came with an answer: `{id, rev, happenings, undo, redo, options}`. */
let beside = null;

export const queue = new Queue({
  now: () => model.scenario,
  send(action) {
    emit("asked", action);
    const base_rev = model.scenario.rev || 0;
    setProps("action", { data: { ...action, base_rev, nonce: `${pageName}-${Date.now()}-${++nonce}` } });
  },
  refuse(text) {
    emit("message", { text, kind: "error" });
  },
  between() {
    emit("between", null);
  },
  wait(text) {
    emit("message", { text, kind: "info", waiting: true });
  },
  async alive() {
    try {
      const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(ALIVE_MS) });
      return answer.ok;
    } catch {
      return false;
    }
  },
});

/** Ask for a change of the scenario: the one door. Changes are made one after another. */
export function act(action) {
  queue.add(action);
  emit("queued", queue.waiting.length);
}

/** Open a scenario as its address does; the number makes it news to the server each time. */
export const openScenario = (id) => setProps("location", { search: `?s=${encodeURIComponent(id)}&x=${++opened}` });

/** Show another user's change: a scenario and its decoded picture, on the same path as our own answers. */
export function showScenario(scenario, picture) {
  model.scenario = scenario;
  setProps("scenario", { data: scenario });
  if (picture) showPicture(picture, performance.now());
}

/** Take the scenario that the server answered with. */
export function takeScenario(scenario) {
  // an event of the stream may be newer
  if (!scenario || (scenario.id === model.scenario.id && scenario.rev < model.scenario.rev)) return;
  model.scenario = scenario;
  emit("scenario", scenario);
  queue.scenario(scenario);
  askForPanels(scenario);
}

/** Take the panels that came with the server's answer. */
export function takeBeside(panels) {
  if (panels) beside = panels;
}

/** Show the panels beside the map; request those that did not come with the answer. */
function showBeside(scenario) {
  if (!beside || beside.id !== scenario.id || beside.rev !== scenario.rev) {
    setProps("lists", { data: scenario });
    return;
  }
  setProps("happenings-list", { children: beside.happenings });
  setProps("options-list", { children: beside.options });
  setProps("undo", { disabled: !beside.undo });
  setProps("redo", { disabled: !beside.redo });
}

/** The panels beside the map follow when the map has its colours: users wait for those. */
function askForPanels(scenario) {
  const mine = ++shown;
  const ask = () => {
    if (mine !== shown) return;
    shown++;
    showBeside(scenario);
    setProps("shown", { data: scenario });
  };
  // a page in the background draws no frames
  window.setTimeout(ask, SOON_MS);
  requestAnimationFrame(() => window.setTimeout(ask));
}

/** Whether every change is answered and the server has the clock's time. */
export const rests = () => clockRests() && !queue.underway && !queue.waiting.length;
