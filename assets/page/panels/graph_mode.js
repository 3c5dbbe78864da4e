/* Which part of the dependency graph is on show until the user chooses one: what surrounds the selection;
   where nothing is selected, what the event reached. */
import { on } from "../base/bus.js";
import { choose } from "../base/choice.js";
import { model } from "../base/model.js";
import { selection } from "../base/selection.js";
import { currentView } from "../base/views.js";

const STORE = "graph-mode";
/** Views with the graph: elsewhere the server need not work out what the event reached. */
const WITH_GRAPH = ["graph", "both"];

let mode = "neighbourhood";
let isChosen = false;

function follow() {
  if (isChosen) return;
  const isAffected =
    WITH_GRAPH.includes(currentView()) && !selection.assets.length && Boolean(model.picture?.losses.length);
  const wanted = isAffected ? "affected" : "neighbourhood";
  if (wanted === mode) return;
  mode = wanted;
  choose(STORE, mode);
}

for (const topic of ["view", "selection", "picture"]) on(topic, follow);
on("chosen", ({ store }) => {
  if (store === STORE) isChosen = true;
});
