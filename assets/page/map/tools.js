/* Hands on the map: pointer, click, box and lasso. */
import { emit, on } from "../base/bus.js";
import { motion, svg } from "../base/elements.js";
import { model } from "../base/model.js";
import { openLines, selectAssets, selection } from "../base/selection.js";
import { sight } from "../base/sight.js";
import { t } from "../base/words.js";
import { cellAt } from "./cells.js";
import { showHover } from "./hover.js";
import { nextAt } from "./stack.js";
import { stage } from "./stage.js";
import { assetsInside, drawSymbols, hitAt } from "./symbols.js";
import { lineThing } from "./things.js";

let tool = "pan";
let drag = null;
let sheet = null;

export function setTool(name) {
  tool = name;
  emit("tool", name);
  document
    .querySelectorAll("[data-tool]")
    .forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.tool === name)));
  if (stage.map) stage.map.getContainer().classList.toggle("drawing", name !== "pan");
}

export const currentTool = () => tool;

/** Show these shapes over the map while something is drawn. */
export const sketch = (shapes) => sheet.replaceChildren(...shapes);

/** Select what lies inside an outline on the screen; `keep` adds it to what is selected. */
export function takeOutline(path, from, keep) {
  if (tool === "area") {
    setTool("pan");
    return emit("area", path);
  }
  const ids = assetsInside(path).map((i) => model.world.assets[i].id);
  if (!ids.length) emit("message", { kind: "info", text: t("No asset inside; draw a larger shape.") });
  selectAssets(keep ? [...new Set([...selection.assets, ...ids])] : ids, from);
  setTool("pan");
}

function connect(map) {
  const host = map.getContainer();
  sheet = host.appendChild(svg("svg", { class: "draw-sheet", "aria-hidden": "true" }));
  let wanted = 0;
  map.on("mousemove", (event) => {
    if (drag) return;
    cancelAnimationFrame(wanted);
    wanted = requestAnimationFrame(() => {
      const hit = hitAt(event.point);
      showHover(hit || cellAt(event.point), event.point);
      const i = hit && hit.i !== undefined ? hit.i : undefined;
      if (sight.hovered !== i) {
        sight.hovered = i;
        drawSymbols();
      }
      map.getCanvas().style.cursor = tool !== "pan" ? "crosshair" : hit ? "pointer" : "";
    });
  });
  const leave = () => {
    cancelAnimationFrame(wanted);
    showHover(null);
    if (sight.hovered !== undefined) {
      sight.hovered = undefined;
      drawSymbols();
    }
  };
  map.on("mouseout", leave);
  map.on("movestart", leave);
  map.on("click", (event) => click(hitAt(event.point, 8), event.originalEvent));
  host.addEventListener("mousedown", begin, true);
}
on("map", connect);

function click(hit, event) {
  const more = event.shiftKey || event.ctrlKey || event.metaKey;
  if (!hit) {
    if (!more) selectAssets([], "map");
    return;
  }
  if (hit.group) return void closer(hit.group);
  if (hit.link !== undefined) return openLines(lineThing(model.world.links[hit.link].id));
  const held = selection.assets;
  if (!more) return selectAssets([model.world.assets[nextAt(hit.i, held)].id], "map");
  const { id } = model.world.assets[hit.i];
  selectAssets(held.includes(id) ? held.filter((other) => other !== id) : [...held, id], "map");
}

function closer(group) {
  const bounds = new window.maplibregl.LngLatBounds();
  for (const i of group.members) {
    const a = model.world.assets[i];
    bounds.extend([a.lon, a.lat]);
  }
  stage.map.fitBounds(bounds, { padding: 90, maxZoom: Math.max(14, stage.map.getZoom() + 1.2), animate: motion() });
}

function begin(event) {
  const lasso = tool === "lasso" || tool === "area";
  const box = tool === "box" || (event.shiftKey && tool === "pan");
  if (event.button !== 0 || !(lasso || box) || event.target.closest(".maplibregl-ctrl")) return;
  const pane = stage.map.getContainer().getBoundingClientRect();
  const at = (e) => [
    Math.max(0, Math.min(pane.width, e.clientX - pane.left)),
    Math.max(0, Math.min(pane.height, e.clientY - pane.top)),
  ];
  drag = { path: [at(event)], lasso, keep: event.shiftKey && tool !== "pan" };
  event.stopPropagation();
  event.preventDefault();
  const move = (e) => {
    const p = at(e);
    if (lasso) drag.path.push(p);
    else {
      const [a] = drag.path;
      drag.path = [a, [p[0], a[1]], p, [a[0], p[1]]];
    }
    sketch([svg("polygon", { points: drag.path.map((q) => q.join(",")).join(" ") })]);
  };
  const end = (e) => {
    removeEventListener("mousemove", move, true);
    removeEventListener("mouseup", end, true);
    sheet.replaceChildren();
    const { path, keep } = drag;
    drag = null;
    const small =
      path.length < 3 || Math.max(...path.map((q) => Math.hypot(q[0] - path[0][0], q[1] - path[0][1]))) < 6;
    if (small) {
      const p = at(e);
      return click(hitAt({ x: p[0], y: p[1] }, 8), e);
    }
    swallowClick();
    takeOutline(path, lasso ? "lasso" : "box", keep);
  };
  addEventListener("mousemove", move, true);
  addEventListener("mouseup", end, true);
}

/** The click that ends a drag is not a click on the map. */
function swallowClick() {
  const swallow = (e) => e.stopPropagation();
  addEventListener("click", swallow, { capture: true, once: true });
  window.setTimeout(() => removeEventListener("click", swallow, true), 50);
}
