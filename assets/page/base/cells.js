/* What the cells of people lack at the clock's time; it follows the picture's columns as states do. */
import { clock } from "./clock.js";
import { model } from "./model.js";
import { stepAt } from "./time.js";

/** How a cell is shaded: nobody lacks anything, less than half of the people, then by missing services. */
export const CELL = { CALM: 0, SOME: 1, ONE: 2, TWO: 3, MORE: 4 };

const now = { picture: null, row: 0, t: -1, bits: new Uint32Array(0), lacking: new Float64Array(0) };

/** Missing services (bits by place in `picture.people`) and people who lack something, by cell, at the clock's time. */
export function cellsNow() {
  const { picture, world } = model;
  const rows = picture.cells;
  if (picture !== now.picture || clock.t < now.t || now.bits.length !== world.cells.length) {
    Object.assign(now, {
      picture,
      row: 0,
      bits: new Uint32Array(world.cells.length),
      lacking: new Float64Array(world.cells.length),
    });
  }
  now.t = clock.t;
  for (; now.row < rows.t.length && rows.t[now.row] <= clock.t; now.row++) {
    now.bits[rows.c[now.row]] = rows.s[now.row];
    now.lacking[rows.c[now.row]] = rows.n[now.row];
  }
  return now;
}

/** The people of a course at the clock's time. */
export const peopleNow = (course) => (course ? stepAt(course.t, course.n, clock.t, 0) : 0);

/** How many bits are set. */
export function countOf(bits) {
  let n = 0;
  for (let left = bits; left; left &= left - 1) n++;
  return n;
}

/** How a cell is shaded now. */
export function cellClass(c) {
  const n = countOf(now.bits[c]);
  if (n) return Math.min(CELL.MORE, CELL.SOME + n);
  return now.lacking[c] > 0 ? CELL.SOME : CELL.CALM;
}

/** The services that at least half of a cell's people lack now, by label. */
export const missingIn = (c) =>
  model.picture.people.filter((_, n) => now.bits[c] & (1 << n)).map((person) => person.label);

/** People who lack something by municipality: `[name, lacking, people]`, most first. */
export function byMunicipality() {
  const { lacking } = cellsNow();
  const result = new Map();
  model.world.cells.forEach((cell, c) => {
    if (!cell.municipality) return;
    const row = result.get(cell.municipality) || [cell.municipality, 0, 0];
    row[1] += lacking[c];
    row[2] += cell.people;
    result.set(cell.municipality, row);
  });
  return [...result.values()].sort((a, b) => b[1] - a[1] || b[2] - a[2] || a[0].localeCompare(b[0]));
}
