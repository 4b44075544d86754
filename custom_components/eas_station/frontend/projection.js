/** From longitude and latitude to a picture: equirectangular, true at the middle's latitude. */

/**
 * @typedef {[number, number]} Point
 * @typedef {{code: string, name: string, state: string, polygons: Point[][]}} County
 */

/** Return west, south, east and north of points; null where there are none. */
export function boundsOf(points) {
  if (!points.length) return null;
  const east = points.map(([x]) => x);
  const north = points.map(([, y]) => y);
  return [least(east), least(north), most(east), most(north)];
}

/** Return bounds that are larger to all sides by a share, and no smaller than a number of degrees. */
export function widened([west, south, east, north], share, degrees) {
  const wide = Math.max(degrees, (east - west) * (1 + 2 * share)) / 2;
  const high = Math.max(degrees, (north - south) * (1 + 2 * share)) / 2;
  const [x, y] = [(west + east) / 2, (south + north) / 2];
  return [x - wide, y - high, x + wide, y + high];
}

/** Return the projection of bounds into the middle of a box: degrees in, its units out. */
export function projection([west, south, east, north], width, height) {
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = Math.min(width / ((east - west) * shrink), height / (north - south));
  const [middleX, middleY] = [(west + east) / 2, (south + north) / 2];
  return ([x, y]) => [width / 2 + (x - middleX) * shrink * scale, height / 2 + (middleY - y) * scale];
}

/** Return a county, a list of closed rings, as the `d` of an SVG path. */
export function pathOf(polygons, project) {
  return polygons
    .map((ring) => `M${ring.map((point) => project(point).map((value) => value.toFixed(1)).join(" ")).join("L")}Z`)
    .join("");
}

/** Return all points of a county. */
export function pointsOf(county) {
  return county.polygons.flat();
}

function least(numbers) {
  return numbers.reduce((one, other) => Math.min(one, other));
}

function most(numbers) {
  return numbers.reduce((one, other) => Math.max(one, other));
}
