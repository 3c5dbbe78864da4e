/* The help sheet, and the tour of three steps that a first visit offers. */
(function () {
  "use strict";
  const knockon = window.knockon;
  const { el } = knockon;

  /** By room: keys with a space between them, which no name of a key may have, and what they do. */
  const KEYS = [
    [knockon.t("Time"), [[knockon.tp("key", "Space"), knockon.t("play or pause")], ["← →", knockon.t("half an hour; with Shift six hours")], ["N P", knockon.t("next loss, loss before")], [knockon.tp("key", "Home") + " " + knockon.tp("key", "End"), knockon.t("first and last hour")]]],
    [knockon.t("Change"), [["K", knockon.t("knock out what is selected, at the clock's hour")], ["R", knockon.t("repair it")], [knockon.tp("key", "Ctrl") + " Z", knockon.t("undo")], [knockon.tp("key", "Ctrl") + " Y", knockon.t("redo")]]],
    [knockon.t("Look"), [["/", knockon.t("find an asset, line or place")], ["1 2 3 4 5 6 7", knockon.t("map, graph, both, list, weak points, compare, exercise")], ["B L", knockon.t("select with a box, a lasso: arrows move the cross, Enter sets a corner")], ["0", knockon.t("whole region")], ["T", knockon.t("light, dark, projector")], [knockon.tp("key", "Esc"), knockon.t("close, clear the selection")], ["?", knockon.t("this sheet")]]],
  ];

  knockon.help = function () {
    let sheet = document.getElementById("help-sheet");
    if (!sheet) {
      const close = () => sheet.close();
      sheet = el("dialog", { id: "help-sheet", class: "sheet", "aria-labelledby": "help-title" },
        el("header", {}, el("h2", { id: "help-title" }, knockon.t("How this works")), el("button", { type: "button", class: "close", "aria-label": knockon.t("Close"), onclick: close }, "×")),
        el("p", {}, knockon.t("Knock something out, and see what else fails, when, who goes without, and why. Everything follows one clock at the foot of the page.")),
        el("ul", { class: "help-states" }, ...knockon.states.map((state, code) => el("li", {}, knockon.mark(code, 22, code && code !== 8 ? "bolt" : null), el("span", {}, el("b", {}, state.label), ` · ${state.shape}`)))),
        el("p", { class: "fine-print" }, knockon.t("Solid lines were declared by somebody; dashed ones were inferred by a rule, dotted ones assumed; thin lines from what you select lead to what it needs and who needs it. A dashed outline marks an assumed asset. What nobody has told us is shown as unknown, never as working.")),
        el("div", { class: "help-keys" }, ...KEYS.map(([title, rows]) => el("section", {}, el("h3", {}, title), el("dl", {}, ...rows.flatMap(([keys, text]) => [el("dt", {}, ...keys.split(" ").flatMap((k) => [el("kbd", {}, k), " "])), el("dd", {}, text)]))))),
        el("footer", {}, el("button", { type: "button", onclick: () => { close(); tour(0); } }, knockon.t("Show the tour")), el("button", { type: "button", class: "primary", onclick: close }, knockon.t("Close"))));
      document.body.append(sheet);
      sheet.addEventListener("click", (event) => { if (event.target === sheet) close(); });
    }
    if (!sheet.open) sheet.showModal();
  };
  knockon.ready("help-button", (button) => button.addEventListener("click", knockon.help));

  const STEPS = [
    ["map-pane", knockon.t("Knock something out"), knockon.t("Click a substation on the map and press “Knock out”, or open a ready scenario under “What happens”.")],
    ["foot", knockon.t("Play it"), knockon.t("Drag the clock or press Space. The bars show what is lost when; N jumps to the next loss.")],
    ["right", knockon.t("See who suffers, and why"), knockon.t("On the right: people without each service, what falls next, and the reason for whatever you select.")],
  ];
  let card = null, shown = null;

  function tour(n) {
    end();
    if (n >= STEPS.length) return knockon.hold("knockon-tour", "done");
    const [id, title, text] = STEPS[n], target = document.getElementById(id);
    if (!target) return;
    const last = n === STEPS.length - 1, before = document.activeElement;
    shown = target;
    target.classList.add("tour-target");
    const skip = () => { end(); knockon.hold("knockon-tour", "done"); if (before && before.focus) before.focus(); };
    card = el("div", { id: "tour", class: `tour tour-${id}`, role: "dialog", "aria-labelledby": "tour-title", "aria-describedby": "tour-text" },
      el("h2", { id: "tour-title" }, title), el("p", { id: "tour-text" }, text),
      el("div", {}, el("span", { class: "fine-print" }, knockon.t("{n} of {all}", { n: n + 1, all: STEPS.length })), el("button", { type: "button", onclick: skip }, last ? knockon.t("Close") : knockon.t("Skip")),
        last ? null : el("button", { type: "button", class: "primary", onclick: () => tour(n + 1) }, knockon.t("Next"))));
    card.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.stopPropagation(); skip(); } });
    document.body.append(card);
    (card.querySelector("button.primary") || card.querySelector("button")).focus();
  }

  function end() {
    if (shown) shown.classList.remove("tour-target");
    if (card) card.remove();
    card = shown = null;
  }
  knockon.tour = tour;

  // offered once, on an empty page, and never in the way of an opened scenario
  knockon.on("picture", (picture) => {
    knockon.tourDue = !(knockon.held("knockon-tour") || picture.scenario || card || location.search);
    if (knockon.tourDue) setTimeout(() => { if (!card && !knockon.held("knockon-tour")) tour(0); }, 600);
  });
  knockon.on("asked", () => { if (card) { end(); knockon.hold("knockon-tour", "done"); } });
})();
