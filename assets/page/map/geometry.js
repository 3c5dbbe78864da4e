/* Plain geometry of places: mercator, the middle of a line, inside or not. No page here. */

/** Longitude and latitude as mercator, both from 0 to 1. */
export function mercator(lon, lat) {
  const y = Math.sin((lat * Math.PI) / 180);
  return [(lon + 180) / 360, 0.5 - Math.log((1 + y) / (1 - y)) / (4 * Math.PI)];
}

/** The middle of a line's length, as longitude and latitude. */
export function middle(line) {
  const lengths = line.slice(1).map((b, n) => Math.hypot(b[0] - line[n][0], b[1] - line[n][1]));
  let left = lengths.reduce((sum, length) => sum + length, 0) / 2;
  for (let n = 0; n < lengths.length; n++) {
    if (left <= lengths[n] && lengths[n] > 0) {
      const [a, b] = [line[n], line[n + 1]];
      const share = left / lengths[n];
      return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
    }
    left -= lengths[n];
  }
  return line[0];
}

/** Whether a point lies in a polygon, by the even-odd rule. */
export function inPolygon([x, y], polygon) {
  let odd = false;
  for (let a = 0, b = polygon.length - 1; a < polygon.length; b = a++) {
    const [xa, ya] = polygon[a];
    const [xb, yb] = polygon[b];
    if (ya > y !== yb > y && x < ((xb - xa) * (y - ya)) / (yb - ya) + xa) odd = !odd;
  }
  return odd;
}
