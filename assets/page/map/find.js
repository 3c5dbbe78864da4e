/* The search box: what has a name, the best hits first. */
import { el, motion, whenReady } from "../base/elements.js";
import { iconSvg } from "../base/icons.js";
import { model } from "../base/model.js";
import { sight } from "../base/sight.js";
import { plain } from "../base/text.js";
import { thousands } from "../base/time.js";
import { currentView, setView } from "../base/views.js";
import { t } from "../base/words.js";
import { stage } from "./stage.js";
import { allThings, openThing } from "./things.js";

/** Rows of the search box, and how many of them one kind may fill while others have something too. */
const MOST = 10;
const QUOTA = { asset: 5, place: 3, corridor: 3, line: 4 };

// ------------------------------------------------------------- search
/** The search index, made once: every thing with its normalised name and words, and its id. */
let held = { texts: [], ids: [] };
let heldFor = null;
function lookedThrough(things) {
  if (heldFor !== things) {
    heldFor = things;
    held = {
      texts: things.map((thing) => plain(`${thing.name} ${thing.words}`)),
      ids: things.map((thing) => plain(thing.id)),
    };
  }
  return held;
}

/** An id is found whole, or by its beginning where that has a digit: most ids begin alike. */
const scoreOfId = (id, typed) => (id === typed ? 3 : /\d/.test(typed) && id.startsWith(typed) ? 1 : 0);

/** The best `most` things and places for the user's input, and how many more there are. */
export function findThings(text, most) {
  const words = plain(text).split(/\s+/).filter(Boolean);
  if (!words.length || !model.world) return { found: [], left: 0 };
  const score = (p) => (words.every((word) => p.includes(word)) ? (p.startsWith(words[0]) ? 2 : 1) : 0);
  const things = allThings();
  const hits = [];
  const { texts, ids } = lookedThrough(things);
  const typed = plain(text).trim();
  texts.forEach((p, n) => {
    const s = Math.max(score(p), scoreOfId(ids[n], typed));
    if (s) hits.push({ n, score: s, weight: things[n].weight });
  });
  const places = (sight.places || [])
    .map((place) => ({
      place,
      kind: "place",
      name: place.name,
      more: t("place"),
      score: score(plain(place.name)),
      weight: -place.rank,
    }))
    .filter((hit) => hit.score);
  const named = best(hits, things).map((hit) => {
    const thing = things[hit.n];
    const { kind, id, name, more, icon } = thing;
    return { ...hit, thing, kind, id, name, more, icon };
  });
  const result = [...named, ...places].sort(
    (a, b) => b.score - a.score || b.weight - a.weight || a.name.localeCompare(b.name, undefined, { numeric: true }),
  );
  const shown = shared(result, most);
  return { found: shown, left: hits.length + places.length - shown.length };
}

/** Of very many hits, comparing names is slow: the best by score and weight, some of each kind, are compared alone. */
const MOST_COMPARED = 500;
function best(hits, things) {
  if (hits.length <= MOST_COMPARED) return hits;
  const left = new Map();
  return hits
    .sort((a, b) => b.score - a.score || b.weight - a.weight || a.n - b.n)
    .filter((hit) => {
      const { kind } = things[hit.n];
      const n = left.get(kind) || 0;
      left.set(kind, n + 1);
      return n < MOST_COMPARED;
    });
}

/** The best of each kind in their order; rows that are left over go to whatever comes next. */
function shared(hits, most) {
  const left = { ...QUOTA };
  const first = new Set(hits.filter((hit) => left[hit.kind]-- > 0).slice(0, most));
  for (const hit of hits) if (first.size < most) first.add(hit);
  return hits.filter((hit) => first.has(hit));
}

let input = null;

/** Go to the search box. */
export function focusSearch() {
  if (!input) return;
  if (currentView() === "list") setView("map");
  input.focus();
  input.select();
}

whenReady("search", (host) => {
  input = el("input", {
    type: "search",
    placeholder: t("Find an asset, line or place"),
    autocomplete: "off",
    role: "combobox",
    spellcheck: "false",
    "aria-label": t("Find an asset, place, line or common cause (/)"),
    "aria-expanded": "false",
    "aria-controls": "search-hits",
    "aria-autocomplete": "list",
  });
  const list = el("ul", { id: "search-hits", role: "listbox", "aria-label": t("Found"), hidden: true });
  host.replaceChildren(input, list);
  let hits = [];
  let active = 0;
  let more = 0;

  function find() {
    const { found, left } = findThings(input.value, MOST);
    more = left;
    return found;
  }

  function draw() {
    hits = find();
    active = Math.min(active, Math.max(0, hits.length - 1));
    const none = input.value.trim() && !hits.length;
    list.hidden = !hits.length && !none;
    input.setAttribute("aria-expanded", String(!list.hidden));
    list.replaceChildren(
      ...hits.map((hit, n) =>
        el(
          "li",
          {
            id: `hit-${n}`,
            role: "option",
            "data-kind": hit.kind,
            "aria-selected": String(n === active),
            onmousedown: (e) => {
              e.preventDefault();
              take(n);
            },
          },
          iconSvg(hit.icon || "place"),
          el("span", { title: hit.name }, hit.name),
          el("small", {}, hit.more),
        ),
      ),
      ...(more
        ? [
            el(
              "li",
              { class: "empty more-hits", "aria-hidden": "true" },
              t("and {n} more: type another part of the name, or a place", { n: thousands(more) }),
            ),
          ]
        : []),
      ...(none
        ? [
            el(
              "li",
              { role: "option", "aria-disabled": "true", class: "empty" },
              t("No match. Try a type, such as “hospital”."),
            ),
          ]
        : []),
    );
    // on a low screen the list is longer than its room
    list.children[active]?.scrollIntoView({ block: "nearest" });
    if (hits.length) input.setAttribute("aria-activedescendant", `hit-${active}`);
    else input.removeAttribute("aria-activedescendant");
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  }

  function take(n) {
    const hit = hits[n];
    if (!hit) return;
    input.value = "";
    close();
    if (hit.place) {
      stage.map && stage.map.easeTo({ center: hit.place.lonlat, zoom: 13.5, duration: motion() ? 400 : 0 });
      return;
    }
    openThing(hit.thing, "search");
    input.blur();
  }

  input.addEventListener("input", () => {
    active = 0;
    draw();
  });
  input.addEventListener("focus", draw);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      active = (active + (event.key === "ArrowDown" ? 1 : -1) + hits.length) % Math.max(1, hits.length);
      draw();
      event.preventDefault();
    } else if (event.key === "Enter") take(active);
    else if (event.key === "Escape") {
      input.value = "";
      input.blur();
    }
  });
});
