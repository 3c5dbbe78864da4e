/* Title, saved or not, notices, and the line that something is under way. */
import { on } from "../base/bus.js";
import { el, whenReady } from "../base/elements.js";
import { act } from "../base/scenario.js";
import { t } from "../base/words.js";

const root = document.documentElement;

on("scenario", (scenario) => {
  const plain = scenario.plain || {};
  const events = (plain.events || []).length;
  whenReady("scenario-title", (title) => {
    title.textContent = scenario.title || plain.title || (events ? t("Untitled scenario") : t("Everything works"));
  });
  whenReady("saved-state", (saved) => {
    saved.textContent = scenario.id ? t("saved") : "";
    saved.hidden = !scenario.id;
  });
});

// a new user finds the ready scenarios open; later they make room
on("scenario", (scenario) => {
  const ready = document.querySelector("details.ready");
  if (ready) ready.open = !scenario.id;
});

on("message", (message) =>
  whenReady("notices", (host) => {
    const error = message.kind !== "info";
    const notice = el(
      "div",
      { class: `notice ${error ? "notice-error" : ""}`, role: error ? "alert" : "status" },
      el("p", {}, message.text),
      message.act
        ? el(
            "button",
            {
              type: "button",
              class: "notice-act",
              onclick: () => {
                act(message.act.action);
                notice.remove();
              },
            },
            message.act.label,
          )
        : null,
      el("button", { type: "button", "aria-label": t("Dismiss"), onclick: () => notice.remove() }, "×"),
    );
    [...host.children]
      .filter((child) => child.querySelector("p").textContent === message.text)
      .forEach((child) => child.remove());
    host.append(notice);
    while (host.children.length > 3) host.firstChild.remove();
    if (message.waiting) pending = notice;
    // a notice with an action stays until the action is taken
    else if (!error && !message.act) setTimeout(() => notice.remove(), 8000);
  }),
);

// ------------------------------------------------------------- working
let slow = 0;
let pending = null;
on("asked", () => {
  clearTimeout(slow);
  slow = setTimeout(() => {
    root.dataset.busy = "1";
  }, 250);
});
const done = () => {
  clearTimeout(slow);
  delete root.dataset.busy;
  if (pending) pending.remove();
  pending = null;
};
on("picture", done);
on("message", (message) => {
  if (!message.waiting) done();
});
