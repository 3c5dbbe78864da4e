/* Tables that the server sends as columns (layouts/feed/columns.py), read without making a row of each.
   No page here. */
const TYPES = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, f8: Float64Array };
const MICRO = 1_000_000;

function bytes(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const result = new Uint8Array(binary.length);
  for (let n = 0; n < binary.length; n++) result[n] = binary.charCodeAt(n);
  return result;
}

/** The rows of a column, by place: a list or a typed array. Codes are looked up, so texts are shared. */
export function read(column) {
  if (Array.isArray(column)) return column;
  if (column.b64 !== undefined) return new TYPES[column.type](bytes(column.b64).buffer);
  const codes = read(column.codes);
  const { values } = column;
  const result = values.every((value) => typeof value === "number")
    ? new Float64Array(codes.length)
    : new Array(codes.length);
  for (let n = 0; n < codes.length; n++) result[n] = values[codes[n]];
  return result;
}

/** A table as rows that read their columns: `length` rows, a few bytes each, with the columns' names as properties. */
export function rowsOf(length, columns) {
  class Row {
    constructor(i) {
      this.i = i;
    }
  }
  for (const [name, column] of Object.entries(columns)) {
    Object.defineProperty(Row.prototype, name, {
      get:
        typeof column === "function"
          ? function () {
              return column(this.i);
            }
          : function () {
              return column[this.i];
            },
    });
  }
  return Array.from({ length }, (_, i) => new Row(i));
}

const table = (columns) => Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, read(column)]));

/** Degrees of millionths that were shifted to be positive. */
function degrees(column) {
  const whole = read(column);
  const result = new Float64Array(whole.length);
  for (let n = 0; n < whole.length; n++) result[n] = (whole[n] - 180 * MICRO) / MICRO;
  return result;
}

/**
 * Where the rows of each of `size` owners begin, for rows in any order:
 * `{start, order}`, `order[start[o]..start[o + 1]]` are the rows of `o`.
 */
export function grouped(owners, size) {
  const start = new Uint32Array(size + 1);
  const order = new Uint32Array(owners.length);
  for (let n = 0; n < owners.length; n++) start[owners[n] + 1]++;
  for (let o = 0; o < size; o++) start[o + 1] += start[o];
  const next = start.slice(0, size);
  for (let n = 0; n < owners.length; n++) order[next[owners[n]]++] = n;
  return { start, order };
}

// -------------------------------------------------------------- the world
/** Columns of assets that are more than a value for each; every other one is a field of the rows by its name. */
const READ_APART = new Set(["id", "asset_type", "sector", "lon", "lat", "needs", "people", "shapes"]);

function assetsOf(payload) {
  const { assets, types } = payload;
  const size = assets.id.length;
  const typeOf = new Map(types.map((type) => [type.id, type]));
  const type = read(assets.asset_type);
  const sector = read(assets.sector);
  const needs = read(assets.needs);
  const lon = degrees(assets.lon);
  const lat = degrees(assets.lat);
  const people = table(assets.people);
  const served = grouped(people.a, size);
  const most = new Float64Array(size);
  const special = [];
  for (let n = 0; n < people.a.length; n++) most[people.a[n]] = Math.max(most[people.a[n]], people.n[n]);
  for (let i = 0; i < size; i++) if (typeOf.get(type[i]).special) special.push(i);
  const sectors = payload.sectors.map((row) => row.id);
  const place = new Map(sectors.map((id, n) => [id, n]));
  const shapes = new Map(assets.shapes.a.map((i, n) => [i, assets.shapes.shape[n]]));
  const plain = Object.keys(assets).filter((name) => !READ_APART.has(name));
  const rows = rowsOf(size, {
    ...Object.fromEntries(plain.map((name) => [name, read(assets[name])])),
    id: assets.id,
    type,
    sector,
    lon,
    lat,
    needs,
    type_label: (i) => typeOf.get(type[i]).label,
    special: (i) => typeOf.get(type[i]).special,
    people(i) {
      const result = Object.create(null); // a service may be called like a property of all objects
      for (let n = served.start[i]; n < served.start[i + 1]; n++) {
        result[people.service[served.order[n]]] = people.n[served.order[n]];
      }
      return result;
    },
    shape: (i) => shapes.get(i) || null,
  });
  return {
    rows,
    columns: {
      lon,
      lat,
      people: most,
      special,
      sector: Uint8Array.from(sector, (id) => place.get(id)),
      assumed: Uint8Array.from(rows, (/** @type {any} */ row) => (row.origin === "assumption" ? 1 : 0)),
      shaped: assets.shapes.a,
    },
  };
}

function linksOf(payload) {
  const { links } = payload;
  const size = links.id.length;
  const points = read(links.points);
  const lon = degrees(links.lon);
  const lat = degrees(links.lat);
  const start = new Uint32Array(size + 1);
  for (let k = 0; k < size; k++) start[k + 1] = start[k] + points[k];
  const minor = read(links.minor);
  return rowsOf(size, {
    id: links.id,
    from: read(links.from),
    to: read(links.to),
    ...Object.fromEntries(["name", "service", "origin", "confidence"].map((name) => [name, read(links[name])])),
    minor: (k) => minor[k] === 1,
    line(k) {
      const result = [];
      for (let n = start[k]; n < start[k + 1]; n++) result.push([lon[n], lat[n]]);
      return result;
    },
  });
}

function cellsOf({ cells }) {
  const shapes = new Map(cells.shapes.c.map((c, n) => [c, cells.shapes.shape[n]]));
  return rowsOf(cells.id.length, {
    id: cells.id,
    people: read(cells.people),
    municipality: read(cells.municipality),
    basis: read(cells.basis),
    lon: degrees(cells.lon),
    lat: degrees(cells.lat),
    shape: (c) => shapes.get(c) || null,
  });
}

/** The features as the scripts use them: `assets` and `links` as rows, the numbers of all assets as `columns`. */
export function world(payload) {
  const { rows, columns } = assetsOf(payload);
  return {
    ...payload,
    assets: rows,
    links: linksOf(payload),
    cells: cellsOf(payload),
    columns,
    dependencies: table(payload.dependencies),
  };
}

/** A picture with its tables read; losses as rows. */
export function picture(payload) {
  const losses = table(payload.losses);
  return {
    ...payload,
    states: table(payload.states),
    links: table(payload.links),
    cells: table(payload.cells),
    losses: rowsOf(losses.t.length, losses),
    lossTimes: losses.t,
  };
}
