/* The dependency graph follows clock, selection and theme without a request to the server.
   The server sends the nodes and edges with their positions; this file draws them: with the same
   symbols as on the map, and edges that carry nothing in the colour of loss. */
import { emit, on } from "../base/bus.js";
import { whenReady } from "../base/elements.js";
import { colour, iconOf, stateSymbol } from "../base/icons.js";
import { model, stateCode } from "../base/model.js";
import { selectAssets, selection } from "../base/selection.js";
import { STATE } from "../base/time.js";

const GONE = new Set([STATE.HIT, STATE.LOST, STATE.STUCK]);
const RADIUS = 15;
const SMALL_RADIUS = 8;
const LEGIBLE = 0.8;

/** The graph, for tests: cytoscape, and whether it rests. */
export const graph = {
  get cy() {
    return cy;
  },
  rests: () => !settling,
};

let cy = null;
let byIndex = new Map();
let pictures = new Map();
let settling = 0;
let redrawing = 0;

// ---------------------------------------------------------------- look
/** The symbol of a node as an address; drawn once per theme, state and pictogram. */
function picture(node) {
  const i = node.data("i");
  const small = node.hasClass("small");
  const held = node.data("members");
  const asset = model.world && model.world.assets[held ? held[0] : i];
  const icon = asset ? iconOf(asset) : null;
  const key = `${node.data("state")} ${small ? "" : icon} ${small}`;
  if (!pictures.has(key)) {
    const drawn = stateSymbol(node.data("state"), small ? null : icon, small ? SMALL_RADIUS : RADIUS);
    pictures.set(key, loading({ url: drawn.toDataURL(), size: 2 * drawn.half, seen: 0.99 }));
  }
  return pictures.get(key);
}

/**
 * A picture is decoded a moment after it is requested, and cytoscape caches what it drew without it:
 * a style that differs afterwards makes it redraw.
 */
function loading(symbol) {
  const image = new Image();
  image.onload = () =>
    window.setTimeout(() => {
      symbol.seen = 1;
      window.clearTimeout(redrawing);
      redrawing = window.setTimeout(() => cy && cy.style().update(), 30);
    }, 80);
  image.src = symbol.url;
  return symbol;
}

function style() {
  const dash = { inferred: [7, 4], assumed: [2, 4] };
  const edge = (basis) => ({
    selector: `edge.${basis}`,
    style: { "line-style": "dashed", "line-dash-pattern": dash[basis] },
  });
  return [
    {
      selector: "node.asset",
      style: {
        "background-opacity": 0,
        shape: "ellipse",
        width: (n) => picture(n).size,
        height: (n) => picture(n).size,
        "background-image": (n) => picture(n).url,
        "background-image-opacity": (n) => picture(n).seen,
        "background-fit": "contain",
        "background-image-containment": "over",
        "background-clip": "none",
        label: "data(label)",
        color: colour("soft"),
        "font-size": 13,
        "font-family": "system-ui, sans-serif",
        "text-valign": "center",
        "text-halign": "right",
        "text-margin-x": -2,
        "text-wrap": "wrap",
        "text-max-width": 132,
        "text-justification": "left",
        "line-height": 1.05,
        "text-outline-color": colour("ground"),
        "text-outline-width": 2.5,
        "text-outline-opacity": 0.95,
        "z-index": 10,
      },
    },
    { selector: "node.asset[state = 0]", style: { color: colour("soft") } },
    {
      selector: "node.asset[state > 0][state < 8]",
      style: { color: colour("ink"), "font-weight": 600, "z-index": 20 },
    },
    {
      selector: "node.bundle",
      style: { label: (n) => (n.data("states") ? `${n.data("label")}\n${n.data("states")}` : n.data("label")) },
    },
    { selector: "node.small", style: { label: "" } },
    {
      selector: "node.chosen",
      style: {
        "overlay-color": colour("accent"),
        "overlay-opacity": 0.22,
        "overlay-padding": 3,
        "overlay-shape": "ellipse",
        "font-weight": 700,
        color: colour("ink"),
        "z-index": 30,
      },
    },
    {
      selector: "node.lit",
      style: {
        label: (n) => (n.data("states") ? `${n.data("name")}\n${n.data("states")}` : n.data("name")),
        "text-max-width": 260,
        color: colour("ink"),
        "z-index": 40,
        "text-background-color": colour("panel"),
        "text-background-opacity": 0.95,
        "text-background-padding": 3,
      },
    },
    { selector: "node.small.lit", style: { "text-halign": "center", "text-valign": "top", "text-margin-x": 0 } },
    {
      selector: "node.sector",
      style: {
        shape: "round-rectangle",
        "background-color": colour("panel"),
        "background-opacity": 0.6,
        "border-width": 1,
        "border-color": colour("edge"),
        padding: 14,
        label: "data(label)",
        color: colour("ink"),
        "font-size": 17,
        "font-weight": 600,
        "font-family": "system-ui, sans-serif",
        "text-valign": "top",
        "text-margin-y": -4,
        "z-index": 1,
        "min-width": 120,
      },
    },
    {
      selector: "edge",
      style: {
        width: 1.4,
        "line-color": colour("edge"),
        "target-arrow-color": colour("edge"),
        "target-arrow-shape": "triangle",
        "arrow-scale": 0.8,
        "curve-style": "bezier",
        "line-opacity": 0.75,
        "font-size": 11,
        "font-family": "system-ui, sans-serif",
        color: colour("ink"),
        "text-background-color": colour("panel"),
        "text-background-opacity": 0.95,
        "text-background-padding": 3,
        "z-index": 2,
      },
    },
    edge("inferred"),
    edge("assumed"),
    {
      selector: "edge.between",
      style: {
        width: "data(width)",
        "line-opacity": 0.35,
        "target-arrow-shape": "triangle",
        "curve-style": "bezier",
        "control-point-step-size": 60,
      },
    },
    {
      selector: "edge.broken",
      style: {
        "line-color": colour("lost"),
        "target-arrow-color": colour("lost"),
        "line-opacity": 0.7,
        "z-index": 5,
      },
    },
    {
      selector: "edge.lit",
      style: {
        width: 2.6,
        "line-opacity": 1,
        "line-color": colour("accent"),
        "target-arrow-color": colour("accent"),
        "z-index": 35,
      },
    },
    { selector: "edge.named", style: { label: "data(label)" } },
    { selector: "node.faded", style: { opacity: 0.35 } },
    { selector: "edge.faded", style: { opacity: 0.15 } },
  ];
}

function restyle() {
  if (!cy) return;
  pictures = new Map();
  cy.style().fromJson(style()).update();
}

// --------------------------------------------------------------- state
const members = (node) => node.data("members") || [node.data("i")];

/** The state that most of a node's assets are in, of those not working; and all in words. */
function stateOf(node) {
  const held = members(node);
  if (held.length === 1) return { state: stateCode(held[0]), text: "" };
  const counts = new Map();
  held.forEach((i) => {
    const s = stateCode(i);
    counts.set(s, (counts.get(s) || 0) + 1);
  });
  const works = (entry) => Number(entry[0] === STATE.WORKING);
  const order = [...counts].sort((a, b) => works(a) - works(b) || b[1] - a[1]);
  // the symbol shows what all have in common; words only where they differ
  const text = order.length === 1 ? "" : order.map(([s, n]) => `${n} ${model.states[s].short}`).join(", ");
  return { state: order[0][0], text };
}

function paint(nodes) {
  nodes.forEach((node) => {
    const { state, text } = stateOf(node);
    if (node.data("states") !== text) node.data("states", text);
    if (node.data("state") === state) return;
    node.data("state", state);
    const gone = GONE.has(state);
    node.outgoers("edge.need").forEach((edge) => {
      edge.toggleClass("broken", gone);
    });
  });
}

function paintAll() {
  if (!cy || !model.world) return;
  cy.batch(() => {
    byIndex = new Map();
    cy.nodes(".asset").forEach((node) => {
      members(node).forEach((i) => byIndex.set(i, node));
      node.removeData("state");
    });
    cy.edges().removeClass("broken");
    paint(cy.nodes(".asset"));
    mark(selection.assets);
  });
}

function paintSome(indices) {
  if (!cy) return;
  const nodes = [...new Set(indices.map((i) => byIndex.get(i)).filter(Boolean))];
  if (nodes.length) cy.batch(() => paint(nodes));
}

// ----------------------------------------------------------- selection
function mark(ids) {
  const chosen = new Set(ids);
  cy.nodes(".asset").forEach((node) => {
    node.toggleClass(
      "chosen",
      idsOf(node).some((id) => chosen.has(id)),
    );
  });
}

const idsOf = (node) => members(node).map((i) => model.world.assets[i].id);

function choose(ids, more) {
  const held = selection.assets;
  if (!more) return selectAssets(ids, "graph");
  const all = ids.every((id) => held.includes(id));
  selectAssets(all ? held.filter((id) => !ids.includes(id)) : [...held, ...ids], "graph");
}

function light(target, lit) {
  const near = target.isNode() ? target.closedNeighborhood() : target.union(target.connectedNodes());
  cy.batch(() => {
    cy.elements().toggleClass("faded", false);
    near.toggleClass("lit", lit);
    // the services of many edges at once would only cover each other
    const edges = near.edges();
    edges.toggleClass("named", lit && (target.isEdge() || edges.length <= 6));
    if (lit && !target.hasClass("sector")) cy.elements().not(near).not("node.sector").addClass("faded");
  });
}

// -------------------------------------------------------------- wiring
/** After a new part arrived: states, then the view. Several elements arrive as one part. */
function settle() {
  window.cancelAnimationFrame(settling);
  settling = window.requestAnimationFrame(() => {
    settling = 0;
    paintAll();
    show();
  });
}

/** Fit the view to the graph, without enlarging three nodes to the size of the screen. */
function show() {
  if (!cy || !cy.container() || cy.container().offsetWidth < 20) return;
  cy.resize();
  cy.fit(cy.elements(), 24);
  if (cy.zoom() > 1.25) {
    cy.zoom(1.25);
    cy.center(cy.elements());
  }
  // a few nodes in a narrow pane: rather legible and to be moved than all at once and tiny
  const few = cy.nodes(".asset").length <= 40;
  const chosen = cy.nodes(".chosen");
  if (few && cy.zoom() < LEGIBLE) {
    cy.zoom(LEGIBLE);
    cy.center(chosen.length ? chosen : beginning());
    inside();
  }
}

/** The nodes at the left: what everything else here depends on. */
function beginning() {
  const nodes = cy.nodes(".asset");
  const x = nodes.min((node) => node.position("x")).value;
  return nodes.filter((node) => node.position("x") === x);
}

/** Where a pane cannot hold all, none of it stays empty beyond the graph's own edge. */
function inside() {
  const box = cy.elements().renderedBoundingBox();
  const margin = 24;
  const by = (low, high, size) => {
    if (high - low + 2 * margin <= size) return (size - high - low) / 2;
    return low > margin ? margin - low : high < size - margin ? size - margin - high : 0;
  };
  cy.panBy({ x: by(box.x1, box.x2, cy.width()), y: by(box.y1, box.y2, cy.height()) });
}

function wire() {
  restyle();
  cy.on("add remove", settle);
  cy.on("tap", "node.asset", (event) => {
    const key = event.originalEvent || {};
    choose(idsOf(event.target), key.shiftKey || key.ctrlKey || key.metaKey);
  });
  cy.on("boxend", () =>
    window.setTimeout(() => {
      const ids = cy.nodes(".asset:selected").toArray().flatMap(idsOf);
      if (ids.length) selectAssets(ids, "graph");
      cy.elements().unselect();
    }, 0),
  );
  cy.on("mouseover", "node.asset, edge", (event) => light(event.target, true));
  cy.on("mouseout", "node.asset, edge", (event) => light(event.target, false));
  // the pane changes its size with the window, the view and the theme
  new ResizeObserver(() => show()).observe(cy.container());
  emit("graph", cy);
  settle();
}

function attach(element) {
  if (!element._cyreg || !element._cyreg.cy) {
    window.setTimeout(() => attach(element), 50);
    return;
  }
  cy = element._cyreg.cy;
  wire();
}

whenReady("dependency-graph", attach);
on("world", () => {
  pictures = new Map();
  paintAll();
});
on("picture", paintAll);
on("clock", (time) => {
  if (time.all) paintAll();
  else paintSome(time.changed);
});
on("selection", () => {
  if (cy) cy.batch(() => mark(selection.assets));
});
on("theme", () =>
  window.setTimeout(() => {
    restyle();
    paintAll();
  }, 0),
);
