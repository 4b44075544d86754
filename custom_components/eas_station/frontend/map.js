/** Where: the counties that alerts are for, what the Weather Service drew of them, and the home. */

import { byDanger, danger, isMinor } from "./danger.js";
import { h, show, svg } from "./dom.js";
import { boundsOf, pathOf, pointsOf, projection, widened } from "./projection.js";

const WIDTH = 400;
const HEIGHT = 240;
const MARGIN = 0.15;
const LEAST_DEGREES = 0.8;
const NAMED = 8;
const BESIDE_HOME = 18;

/** The shapes that were asked for already, by code: one, or none where there is none. */
const KNOWN = new Map();

export class CountyMap {
  /** @param {any} card */
  constructor(card) {
    this.card = card;
    this.drawing = svg("svg", { role: "img", class: "map", viewBox: `0 0 ${WIDTH} ${HEIGHT}` });
    this.element = h("section", { className: "panel map-panel", hidden: true }, this.drawing);
  }

  close() {
    this.closed = true;
  }

  update(station) {
    const alerts = byDanger(station.active ?? [], this.card.now()).filter((alert) => !isMinor(alert));
    const storms = alerts.flatMap((alert) => stormsOf(alert, station.notes?.get(alert.id)));
    const key = JSON.stringify([alerts.map((alert) => [alert.id, alert.locations]), storms, station.home]);
    if (key === this.key) return;
    this.key = key;
    this.#look({ alerts, storms, home: station.home }, key);
  }

  async #look(shown, key) {
    const { alerts, home } = shown;
    const dangers = dangerOfPlaces(alerts);
    const wanted = [...dangers.keys()];
    const around = [home?.county?.code, ...wanted].filter(Boolean).map((code) => `0${code.slice(1, 3)}000`);
    try {
      await this.#learn([...new Set([...wanted, ...around])]);
    } catch (error) {
      // Without shapes the places still stand in the alerts; they are asked for again with the next change.
      this.key = undefined;
      return;
    }
    if (this.closed || key !== this.key) return;
    const struck = wanted.flatMap((code) => shapesOf(code).map((county) => ({ county, level: dangers.get(code) })));
    show(this.element, struck.length > 0);
    if (struck.length) this.#draw(struck, around.flatMap(shapesOf), shown);
  }

  async #learn(codes) {
    const missing = codes.filter((code) => !KNOWN.has(code)).slice(0, 400);
    if (!missing.length) return;
    const { counties } = await this.card.hass.callWS({ type: "eas_station/counties", codes: missing });
    for (const code of missing) {
      KNOWN.set(code, counties.filter((county) => county.code === code));
    }
  }

  #draw(struck, around, { alerts, storms, home }) {
    const place = home && Number.isFinite(home.longitude) ? [home.longitude, home.latitude] : null;
    const points = struck.flatMap(({ county }) => pointsOf(county));
    const bounds = boundsOf(place && isNear(place, boundsOf(points)) ? [...points, place] : points);
    const project = projection(widened(bounds, MARGIN, LEAST_DEGREES), WIDTH, HEIGHT);
    this.drawing.setAttribute("aria-label", spokenMap(this.card, alerts));
    this.drawing.replaceChildren(
      ...around.map((county) => svg("path", { class: "land", d: pathOf(county.polygons, project) })),
      ...struck.map(({ county, level }) => struckCounty(county, level, project)),
      ...storms.map(({ level, polygon }) => svg("path", { class: "storm", "data-danger": level, d: pathOf(polygon, project) })),
      ...(struck.length <= NAMED ? struck.map(({ county }) => nameOf(county, project, home)) : []),
      ...(place ? [homeMark(project(place), this.card.t("map.home"))] : []),
    );
  }
}

/** Return the highest danger of each place's code, the least dangerous place first, so that it lies below. */
function dangerOfPlaces(alerts) {
  const dangers = new Map();
  for (const alert of [...alerts].reverse()) {
    for (const { code } of alert.locations ?? []) {
      const whole = `0${code.slice(1)}`;
      dangers.delete(whole);
      dangers.set(whole, danger(alert));
    }
  }
  return dangers;
}

/** Return the area that the Weather Service has drawn, where its text is known. */
function stormsOf(alert, note) {
  const polygon = note?.nws?.polygon ?? [];
  return polygon.length ? [{ level: danger(alert), polygon }] : [];
}

function shapesOf(code) {
  return KNOWN.get(code) ?? [];
}

function isNear([x, y], [west, south, east, north]) {
  const wide = 2 * Math.max(LEAST_DEGREES, east - west, north - south);
  return x > west - wide && x < east + wide && y > south - wide && y < north + wide;
}

function struckCounty(county, level, project) {
  const path = svg("path", { class: "struck", "data-danger": level, "data-code": county.code, d: pathOf(county.polygons, project) });
  path.append(svg("title", {}, `${county.name}, ${county.state}`));
  return path;
}

function nameOf(county, project, home) {
  const [west, south, east, north] = boundsOf(pointsOf(county));
  const [x, middle] = project([(west + east) / 2, (south + north) / 2]);
  const [homeX, homeY] = home ? project([home.longitude, home.latitude]) : [NaN, NaN];
  const y = Math.hypot(x - homeX, middle - homeY) < BESIDE_HOME ? homeY + BESIDE_HOME : middle;
  return svg("text", { class: "county", x: x.toFixed(1), y: y.toFixed(1) }, county.name.replace(/ County$/, ""));
}

function homeMark([x, y], title) {
  const mark = svg("path", {
    class: "home",
    transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
    d: "M0-8-9 0h2.500v7.500h4.500v-4.500h4v4.500h4.500V0H9Z",
  });
  mark.append(svg("title", {}, title));
  return mark;
}

function spokenMap({ t, locale }, alerts) {
  const what = alerts.map((alert) => `${alert.event}: ${locale.places(alert.locations)}`);
  return `${t("map.title")}: ${what.join("; ")}`;
}
