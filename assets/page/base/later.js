/* Parts of the page that are costly to draw are mounted when their view is first opened: see `mounted_later` in
   layouts/parts.py, which writes each part as Dash's renderer takes it. */
import { on } from "./bus.js";
import { setProps } from "./dash.js";

const mounted = new Set();

on("view", (view) => {
  for (const { id, dataset } of document.querySelectorAll("[data-later]")) {
    if (dataset.inView !== view || mounted.has(id)) continue;
    mounted.add(id);
    setProps(id, { children: JSON.parse(dataset.later) });
  }
});
