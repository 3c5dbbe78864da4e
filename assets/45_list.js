/* The list follows the clock; choosing rows in it selects everywhere. */
(function () {
  "use strict";
  const knockon = window.knockon;
  const { hoursText, countdown } = knockon.time;

  let api = null, stale = true, onlyChanged = false;

  // ------------------------------------------------------------- a cell
  const functions = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  /** A state as shape and word; the colour only repeats them. */
  functions.KnockonState = function (props) {
    const code = props.data ? props.data.s || 0 : 0;
    const shape = window.React.createElement("span", { className: "state-shape", "aria-hidden": "true" }, knockon.states[code] ? knockon.states[code].glyph : "");
    return window.React.createElement("span", { className: `state-cell state-${code}` }, shape, " ", props.value || "");
  };

  // --------------------------------------------------------------- rows
  /** When each asset's present state began: the picture's rows up to the clock. */
  function begun(t) {
    const since = new Map(), before = new Map();
    const rows = knockon.picture ? knockon.picture.states : { t: [], a: [], s: [] };
    for (let r = 0; r < rows.t.length && rows.t[r] <= t; r++) {
      if (before.get(rows.a[r]) === rows.s[r]) continue;
      before.set(rows.a[r], rows.s[r]);
      since.set(rows.a[r], rows.t[r]);
    }
    return since;
  }

  function rowAt(row, since, t) {
    const now = knockon.stateAt(row.i);
    const label = knockon.states[now.state] ? knockon.states[now.state].label : "";
    return {
      ...row,
      s: now.state,
      state: label,
      since: now.state ? (since.has(row.i) ? hoursText(since.get(row.i)) : "") : "",
      deadline: now.deadline >= 0 ? countdown(now.deadline - t) : "",
    };
  }

  function refresh() {
    if (!api || !knockon.world || !knockon.picture) return;
    if (!visible()) { stale = true; return; }
    stale = false;
    const t = knockon.clock.t, since = begun(t), update = [];
    api.forEachNode((node) => {
      const next = rowAt(node.data, since, t);
      if (next.s !== node.data.s || next.since !== node.data.since || next.deadline !== node.data.deadline || next.state !== node.data.state) update.push(next);
    });
    if (update.length) api.applyTransaction({ update });
    if (onlyChanged) api.onFilterChanged();
  }

  function visible() {
    const grid = document.getElementById("asset-list");
    return !!grid && grid.offsetParent !== null && grid.offsetHeight > 0;
  }

  // ---------------------------------------------------------- selection
  /** What people do in the grid; all else (a new row, our own calls) only follows the page. */
  const BY_HAND = new Set(["rowClicked", "checkboxSelected", "spaceKey", "uiSelectAll", "uiSelectAllFiltered", "uiSelectAllCurrentPage", "keyboardSelectAll"]);

  function chosenInList(event) {
    if (!BY_HAND.has(event.source)) return;
    const ids = api.getSelectedRows().map((row) => row.id);
    knockon.select(ids, "list");
  }

  function follow(value) {
    if (!api || (value && value.from === "list")) return;
    const chosen = new Set(knockon.selection || []);
    api.forEachNode((node) => { if (node.isSelected() !== chosen.has(node.id)) node.setSelected(chosen.has(node.id)); });
    const first = chosen.size ? api.getRowNode([...chosen][0]) : null;
    if (first && visible()) api.ensureNodeVisible(first, "middle");
  }

  // ------------------------------------------------------------- wiring
  function wire(grid) {
    api = grid;
    api.addEventListener("selectionChanged", chosenInList);
    api.setGridOption("isExternalFilterPresent", () => onlyChanged);
    api.setGridOption("doesExternalFilterPass", (node) => !!node.data.s);
    refresh();
    follow(null);
  }

  function attach() {
    const library = window.dash_ag_grid;
    if (!library || !library.getApiAsync) { window.setTimeout(attach, 100); return; }
    library.getApiAsync("asset-list").then(wire).catch(() => window.setTimeout(attach, 300));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-list]");
    if (!button) return;
    if (button.dataset.list === "changed") {
      onlyChanged = !onlyChanged;
      button.setAttribute("aria-pressed", String(onlyChanged));
      if (api) { refresh(); api.onFilterChanged(); }
      return;
    }
    const assets = knockon.selection || [];
    if (assets.length) knockon.act({ do: button.dataset.list, assets, links: [], at_h: knockon.hour() });
    else knockon.emit("message", { text: "Select one or more rows first.", kind: "info" });
  });

  // the page's own keys leave the grid alone; knocking out and repairing work in it all the same
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !event.target.closest("#asset-list")) return;
    if (event.target.closest("input:not([type=checkbox])")) return;
    const run = { k: knockon.failSelection, r: knockon.repairSelection }[event.key.toLowerCase()];
    if (run) { event.preventDefault(); run(); }
  });

  knockon.ready("asset-list", attach);
  knockon.on("picture", refresh);
  knockon.on("clock", refresh);
  knockon.on("selection", follow);
  knockon.on("view", () => window.setTimeout(() => { if (stale) refresh(); follow(null); }, 60));
})();
