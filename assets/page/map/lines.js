/* Lines that are hit or dark, drawn on a canvas of their own over the map: a change of state must not make it draw
   woods, roads and all other lines anew, which without a graphics card takes longer than all else. */
(function () {
  "use strict";
  const knockon = window.knockon;
  const HIT = 1;
  /** How wide a line is by its service, and how many times that by its state: working, hit, dark. */
  const SERVICE_WIDTHS = { electricity: 1, road: 0.8 }, OTHER_WIDTH = 0.75, MINOR_WIDTH = 0.6, STATE_WIDTHS = [1.7, 4, 2.6];
  /** A net of very many lines would cover a continent: they are thinner there, by zoom. */
  const MANY = 2000, FAR = { zoom: 4, share: 0.22 }, NEAR = { zoom: 8, share: 1 };
  /** Dashes by how a line is known, in widths of the line. */
  const DASHES = { declared: null, inferred: [3, 2], assumed: [1, 1.6] };

  let canvas = null, paths = [];

  const serviceWidth = (link) => (link.minor ? MINOR_WIDTH : SERVICE_WIDTHS[link.service] || OTHER_WIDTH);

  /** What the map multiplies all widths with at a zoom. */
  function share(count, zoom) {
    if (count < MANY) return 1;
    const way = Math.max(0, Math.min(1, (zoom - FAR.zoom) / (NEAR.zoom - FAR.zoom)));
    return FAR.share + way * (NEAR.share - FAR.share);
  }

  /** The width of working lines, as the map's own layers want it. */
  function quietWidth(count) {
    const known = Object.entries(SERVICE_WIDTHS).flatMap(([service, width]) => [service, width * STATE_WIDTHS[0]]);
    const width = ["case", ["get", "minor"], MINOR_WIDTH * STATE_WIDTHS[0], ["match", ["get", "service"], ...known, OTHER_WIDTH * STATE_WIDTHS[0]]];
    return count < MANY ? width : ["interpolate", ["linear"], ["zoom"], FAR.zoom, ["*", FAR.share, width], NEAR.zoom, width];
  }

  /** How many px beside its place each link is drawn: circuits on the same towers would hide each other. */
  function besideEachOther(links) {
    const shared = new Map();
    return links.map(({ line }) => {
      const key = line.join(" "), nth = shared.get(key) || 0;
      shared.set(key, nth + 1);
      return nth === 0 ? 0 : nth % 2 ? 3 * Math.ceil(nth / 2) : -3 * Math.ceil(nth / 2);
    });
  }

  /** A line moved sideways, to the right of its direction as the map's `line-offset` has it. */
  function moved(points, px) {
    if (!px) return points;
    const along = (a, b) => { const [x, y] = [b[0] - a[0], b[1] - a[1]], d = Math.hypot(x, y) || 1; return [x / d, y / d]; };
    return points.map((point, n) => {
      const [x0, y0] = along(points[Math.max(0, n - 1)], points[Math.max(1, n)]), [x1, y1] = along(points[Math.min(n, points.length - 2)], points[Math.min(n + 1, points.length - 1)]);
      const x = -(y0 + y1), y = x0 + x1, d = Math.hypot(x, y) || 1;
      return [point[0] + (x / d) * px, point[1] + (y / d) * px];
    });
  }

  /** The mercator course of a link, kept: a frame of the map asks for it again. */
  const pathOf = (k) => (paths[k] = paths[k] || knockon.world.links[k].line.map((spot) => knockon.mercator(...spot)));

  /**
   * Draw what is not working of `link` (a state per link) with a pen: dark lines first, hit ones over them.
   * `at` gives px for mercator, `view` is what the pen's sheet measures in css px.
   */
  knockon.paintLines = function (pen, link, at, view) {
    const { links } = knockon.world, wide = share(links.length, knockon.map.getZoom()), found = [];
    for (let k = 0; k < link.length; k++) if (link[k] && !knockon.hiddenServices.has(links[k].service)) found.push(k);
    found.sort((a, b) => (link[a] === HIT) - (link[b] === HIT) || a - b);
    pen.lineJoin = "round";
    for (const k of found) {
      const points = moved(pathOf(k).map(([x, y]) => at(x, y)), knockon.lineOffsets[k]);
      if (!inside(points, view)) continue;
      const width = Math.max(0.8, serviceWidth(links[k]) * STATE_WIDTHS[link[k]] * wide), dash = DASHES[knockon.basisOf(links[k].origin)];
      pen.beginPath();
      points.forEach(([x, y], n) => (n ? pen.lineTo(x, y) : pen.moveTo(x, y)));
      pen.lineCap = dash ? "butt" : "round";
      // its working colour must not show between the dashes
      if (dash) stroke(pen, "map-land", width + 0.5, null);
      stroke(pen, link[k] === HIT ? "hit" : "lost", width, dash);
    }
    pen.setLineDash([]);
  };

  function stroke(pen, token, width, dash) {
    pen.setLineDash(dash ? dash.map((part) => part * width) : []);
    pen.lineWidth = width; pen.strokeStyle = knockon.colour(token);
    pen.stroke();
  }

  function inside(points, { w, h }) {
    let left = Infinity, right = -Infinity, top = Infinity, bottom = -Infinity;
    for (const [x, y] of points) {
      left = Math.min(left, x); right = Math.max(right, x);
      top = Math.min(top, y); bottom = Math.max(bottom, y);
    }
    return right > -9 && left < w + 9 && bottom > -9 && top < h + 9;
  }

  /** Make a canvas as large as the map and empty; the pen and its size in css px. */
  function emptied(sheet, map) {
    const box = map.getContainer(), scale = Math.max(1, window.devicePixelRatio || 1), w = box.clientWidth, h = box.clientHeight;
    if (sheet.width !== Math.round(w * scale) || sheet.height !== Math.round(h * scale)) {
      sheet.width = Math.round(w * scale); sheet.height = Math.round(h * scale);
      sheet.style.width = `${w}px`; sheet.style.height = `${h}px`;
    }
    const pen = sheet.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, w, h);
    return { pen, w, h };
  }

  /** Draw hit and dark lines now. */
  function draw() {
    if (!canvas) return;
    const { pen, w, h } = emptied(canvas, knockon.map);
    if (knockon.layers.links && !knockon.quiet) knockon.paintLines(pen, knockon.course.link, knockon.onScreen(), { w, h });
  }

  knockon.on("world", (world) => { paths = []; knockon.lineOffsets = besideEachOther(world.links); });
  knockon.on("map", (map) => {
    canvas = knockon.el("canvas", { class: "map-sheet", "aria-hidden": "true" });
    map.getCanvas().after(canvas);
    map.on("render", draw);
    draw();
  });
  knockon.on("clock", (now) => { if (now.all || now.links.length) draw(); });
  for (const topic of ["filter", "theme"]) knockon.on(topic, draw);

  Object.assign(knockon, { quietWidth, emptied, lineDashes: DASHES });
})();
