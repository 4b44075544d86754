/** Texts, times and numbers as the user has set them in Home Assistant. */

import { translate } from "./strings.js";

const NUMBERS = { comma_decimal: "en-US", decimal_comma: "de", space_comma: "fr", system: undefined };
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

export class Locale {
  /** @param {any} hass */
  constructor(hass) {
    this.language = hass.locale?.language ?? hass.language ?? "en";
    this.zone = hass.locale?.time_zone === "server" ? hass.config?.time_zone : undefined;
    this.format = hass.locale?.time_format ?? "language";
    this.localize = hass.localize;
    const numbers = hass.locale?.number_format;
    const named = numbers in NUMBERS ? NUMBERS[numbers] : this.language;
    this.numbers = new Intl.NumberFormat(numbers === "none" ? "en-US" : named, {
      maximumFractionDigits: 1,
      useGrouping: numbers !== "none",
    });
    this.times = this.#dates({ hour: "numeric", minute: "2-digit" });
    this.weekdays = this.#dates({ weekday: "short", hour: "numeric", minute: "2-digit" });
    this.dates = this.#dates({ day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
    this.days = new Intl.DateTimeFormat(this.language, {
      weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: this.zone,
    });
  }

  #dates(options) {
    const hour12 = { 12: true, 24: false }[this.format];
    const language = this.format === "system" ? undefined : this.language;
    return new Intl.DateTimeFormat(language, { ...options, hour12, timeZone: this.zone });
  }

  /** Return a text. */
  t(key, values) {
    return translate(this.language, key, values);
  }

  /** Return why a source does not hear, in Home Assistant's words for its sensor. */
  reason(reason) {
    const base = "component.eas_station.entity.sensor.source_status.state_attributes.reason.state";
    return reason ? this.localize?.(`${base}.${reason}`) || reason.replaceAll("_", " ") : "";
  }

  number(value) {
    return this.numbers.format(value);
  }

  /** Return a time: of today alone, within a week with its day, else with its date. */
  when(iso, now = Date.now()) {
    const at = new Date(iso);
    if (this.day(at) === this.day(now)) return this.times.format(at);
    const near = Math.abs(at.getTime() - now) < 6 * DAY * 1000;
    return (near ? this.weekdays : this.dates).format(at);
  }

  /** Return the time of day. */
  time(iso) {
    return this.times.format(new Date(iso));
  }

  /** Return the day that a time is in. */
  day(at) {
    return this.days.format(new Date(at));
  }

  /** Return what is left: minutes and seconds in the last hour. */
  left(seconds) {
    const whole = Math.max(0, Math.ceil(seconds));
    if (whole < HOUR) {
      return `${Math.floor(whole / MINUTE)}:${String(whole % MINUTE).padStart(2, "0")}`;
    }
    return this.span(whole);
  }

  /** Return how long, in its two largest units. */
  span(seconds) {
    const minutes = Math.floor(seconds / MINUTE);
    if (seconds < MINUTE) return this.#unit(Math.floor(seconds), "second");
    if (seconds < HOUR) return this.#unit(minutes, "minute");
    if (seconds < DAY) return `${this.#unit(Math.floor(minutes / 60), "hour")} ${this.#unit(minutes % 60, "minute")}`;
    return this.#unit(Math.floor(seconds / DAY), "day");
  }

  #unit(value, unit) {
    return new Intl.NumberFormat(this.language, { style: "unit", unit, unitDisplay: "short" }).format(value);
  }

  /** Return places as people write them: counties, then their state. */
  places(locations) {
    const states = new Map();
    for (const place of locations ?? []) {
      const state = place.code?.endsWith("000") ? "" : place.state;
      states.set(state, (states.get(state) ?? new Set()).add(place.name));
    }
    const parts = [...states].map(([state, names]) => named([...names]) + (state ? ` (${state})` : ""));
    return parts.join(" · ") || this.t("alert.no_places");
  }
}

/** "Lorain County" alone, else "Lorain, Medina": the word is not said for each. */
function named(names) {
  return names.length === 1 ? names[0] : names.map((name) => name.replace(/ County$/, "")).join(", ");
}
