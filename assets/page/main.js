/* The page: all its modules, in the order in which they hear of things, and what begins once all are there. */
import { emit, latest, on } from "./base/bus.js";
import { clock } from "./base/clock.js";
import { takeFromDash } from "./base/dash.js";
import { watchElements } from "./base/elements.js";
import "./base/later.js";
import { askWhoIAm } from "./base/me.js";
import { model, stateAt, stateCode } from "./base/model.js";
import { act, queue, rests, takeBeside, takeScenario } from "./base/scenario.js";
import { selectAssets, selection, takeSelection } from "./base/selection.js";
import { sight } from "./base/sight.js";
import { countdown, isLost } from "./base/time.js";
import { setView } from "./base/views.js";
import { t, tn, tp } from "./base/words.js";
import { loadWorld, takePicture } from "./base/world.js";
import "./map/lines.js";
import "./map/map.js";
import { stage } from "./map/stage.js";
import { allThings, lineThing, openThing, thingNamed } from "./map/things.js";
import { drawnNow, hitAt, screenOf } from "./map/symbols.js";
import { failSelection } from "./map/card.js";
import "./map/select.js";
import { currentTool } from "./map/tools.js";
import "./map/draw_keys.js";
import { findThings } from "./map/find.js";
import "./map/bar.js";
import "./map/fields.js";
import "./map/fit.js";
import "./panels/timeline.js";
import { graph } from "./panels/graph.js";
import "./panels/graph_mode.js";
import "./panels/list.js";
import "./panels/clicks.js";
import "./panels/events.js";
import "./panels/hazards.js";
import "./panels/losses.js";
import "./panels/sectors.js";
import "./panels/unknown.js";
import "./panels/unknown_needs.js";
import "./panels/aloud.js";
import "./panels/reason.js";
import "./panels/people.js";
import "./panels/people_where.js";
import "./panels/weak.js";
import { compared } from "./panels/compare.js";
import "./panels/leaving.js";
import "./panels/importing.js";
import { exercise } from "./exercise/session.js";
import "./exercise/pane.js";
import "./live/share.js";
import "./live/stream.js";
import "./live/log.js";
import { othersHere } from "./live/together.js";
import "./shell/language.js";
import "./shell/me_card.js";
import { setTheme } from "./shell/theme.js";
import "./shell/keys.js";
import "./shell/address.js";
import "./shell/notices.js";
import { offer } from "./shell/help.js";
import { showScene } from "./shell/kiosk.js";

takeFromDash({
  scenario: takeScenario,
  picture(value) {
    takePicture(value);
    if (value) queue.picture(value);
  },
  beside: takeBeside,
  message(value) {
    if (!value) return;
    emit("message", value);
    queue.message();
  },
  selection: takeSelection,
});
askWhoIAm();
watchElements();
loadWorld();

/** What tests and benchmarks in a browser look at and do; no module of the page uses it. */
window.knockon = Object.assign(window.knockon || {}, {
  act,
  at: hitAt,
  clock,
  compared,
  drawn: drawnNow,
  exercise,
  failSelection,
  found: findThings,
  graph,
  kiosk: showScene,
  last: latest,
  lineThing,
  on,
  openThing,
  others: othersHere,
  rests,
  screenOf,
  select: selectAssets,
  setTheme,
  setView,
  stateAt,
  stateCode,
  t,
  thingNamed,
  things: allThings,
  time: { countdown, isLost },
  tn,
  tool: currentTool,
  tp,
});
const held = {
  course: () => model.course,
  dots: () => stage.dots,
  hovered: () => sight.hovered,
  map: () => stage.map,
  mapReady: () => stage.ready,
  picture: () => model.picture,
  places: () => sight.places,
  scenario: () => model.scenario,
  selection: () => selection.assets,
  timing: () => model.timing,
  tourDue: () => offer.due,
  world: () => model.world,
};
for (const [name, get] of Object.entries(held)) Object.defineProperty(window.knockon, name, { get });
