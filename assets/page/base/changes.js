/* What the stream tells of a change (layouts/feed/picture_change.py), put into what the page holds.
   Exact; no page here. */
import { read, rowsOf } from "./columns.js";

/** A list after `[at, how many go, what comes]`. */
export const spliced = (list, [at, go, come]) => [...list.slice(0, at), ...come, ...list.slice(at + go)];

const before = {
  // all rows of one owner come from one side, so no two compared here are of the same owner
  states: (a, i, b, j) => a.t[i] - b.t[j] || a.a[i] - b.a[j],
  links: (a, i, b, j) => a.t[i] - b.t[j] || a.k[i] - b.k[j],
  cells: (a, i, b, j) => a.t[i] - b.t[j] || a.c[i] - b.c[j],
  losses: (a, i, b, j) => a.t[i] - b.t[j] || b.people_total[j] - a.people_total[i] || a.a[i] - b.a[j],
};

/** A table with the rows of `change.of` replaced. Both are in order, and so is what is made of them. */
function merged(name, owner, old, change) {
  const gone = new Set(read(change.of));
  const come = Object.fromEntries(Object.entries(change.rows).map(([key, column]) => [key, read(column)]));
  const names = Object.keys(old);
  const result = Object.fromEntries(names.map((key) => [key, []]));
  const first = before[name];
  const take = (from, n) => {
    for (const key of names) result[key].push(from[key][n]);
  };
  let j = 0;
  for (let i = 0; i < old.t.length; i++) {
    if (gone.has(old[owner][i])) continue;
    while (j < come.t.length && first(come, j, old, i) < 0) take(come, j++);
    take(old, i);
  }
  while (j < come.t.length) take(come, j++);
  return result;
}

const columnsOf = (losses) => {
  const result = { t: [], a: [], kind: [], state: [], text: [], people_total: [] };
  for (const row of losses) for (const name of Object.keys(result)) result[name].push(row[name]);
  return result;
};

/** The picture after a change; the one before stays as it is. */
export function picture(old, change, rev) {
  const result = { ...old, rev };
  for (const name of ["horizon_ms", "deadlocks", "summary", "lacking", "at_least", "groups", "spill"]) {
    if (change[name] !== undefined) result[name] = change[name];
  }
  if (change.states) result.states = merged("states", "a", old.states, change.states);
  if (change.links) result.links = merged("links", "k", old.links, change.links);
  if (change.cells) result.cells = merged("cells", "c", old.cells, change.cells);
  if (change.losses) {
    const losses = merged("losses", "a", columnsOf(old.losses), change.losses);
    result.losses = rowsOf(losses.t.length, losses);
    result.lossTimes = losses.t;
  }
  if (change.marks) result.marks = spliced(old.marks, change.marks);
  if (change.services) {
    const byService = new Map([...old.people, ...change.people].map((course) => [course.service, course]));
    result.people = change.services.map((service) => byService.get(service));
  }
  return result;
}

/** The plain scenario after a change. */
export function plain(old, change) {
  const result = { ...old, ...change.set };
  for (const name of change.unset) delete result[name];
  for (const name of ["events", "measures"]) if (change[name]) result[name] = spliced(old[name], change[name]);
  return result;
}
