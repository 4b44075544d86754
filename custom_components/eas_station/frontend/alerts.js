/** What is active, the most dangerous first; or that nothing is, or that nothing can be heard. */

import { byDanger, danger, dangerIcon, isMinor } from "./danger.js";
import { KeyedList, h, setText, show } from "./dom.js";
import { setIcon } from "./icons.js";
import { PlayControl } from "./player.js";

const DEAF = new Set(["down", "stopped", "no_signal"]);
const SOON_S = 600;

export class Alerts {
  /** @param {any} card */
  constructor(card) {
    this.card = card;
    this.calm = new Calm(card);
    const list = h("div", { className: "alerts", role: "list" });
    this.list = new KeyedList(list, (alert) => alert.id, () => new ActiveAlert(card));
    this.weekly = h("p", { className: "others", hidden: true });
    this.others = h("p", { className: "others", hidden: true });
    this.element = h("section", { "aria-label": card.t("alerts.title") }, this.calm.element, list, this.others, this.weekly);
  }

  close() {
    clearTimeout(this.timer);
    this.list.close();
  }

  update(station) {
    this.station = station;
    const now = this.card.now();
    const all = byDanger(station.active ?? [], now);
    const shown = this.card.config.layout === "compact" ? all.slice(0, 1) : all;
    this.list.update(shown.map((alert) => ({ ...alert, ...note(station, alert) })));
    this.calm.update(station, all);
    setText(this.others, this.card.t("alert.others", { count: all.length - shown.length }));
    show(this.others, all.length > shown.length);
    setText(this.weekly, weeklyText(this.card, station));
    show(this.weekly, Boolean(station.status) && !this.calm.tellsWeekly && this.card.config.layout !== "compact");
    this.#tick();
  }

  /** Let the countdowns run while there are any; what expires goes by itself. */
  #tick() {
    clearTimeout(this.timer);
    const parts = [...this.list.parts.values()];
    if (!parts.length || !this.card.visible) return;
    const now = this.card.now();
    parts.forEach((part) => part.count(now));
    const wait = 1000 - (now % 1000);
    const over = parts.some((part) => part.expires <= now + wait);
    this.timer = setTimeout(() => (over ? this.update(this.station) : this.#tick()), wait);
  }

  /** Go on after not having been seen. */
  wake() {
    if (this.station) this.update(this.station);
  }
}

/** What history knows of an alert beside its event. */
function note(station, { id }) {
  const { recording, recording_at, transcript, nws, ended } = station.notes?.get(id) ?? {};
  return { recording_at, transcript, nws, ended, ...(recording ? { recording } : {}) };
}

class Calm {
  constructor(card) {
    this.card = card;
    this.mark = h("span", { className: "mark" });
    this.title = h("p", { className: "calm-title" });
    this.text = h("p", { className: "calm-text" });
    this.element = h("div", { className: "calm" }, this.mark, h("div", {}, this.title, this.text));
  }

  update(station, alerts) {
    const { t, locale } = this.card;
    const state = station.status?.state;
    const lost = station.link !== "live";
    const deaf = lost || DEAF.has(state);
    show(this.element, deaf ? station.link !== "connecting" && Boolean(state) : alerts.every(isMinor));
    const overdue = Boolean(station.weekly_test_overdue);
    this.tellsWeekly = !deaf && !this.element.hidden;
    this.element.dataset.tone = deaf ? "bad" : overdue ? "warn" : "ok";
    setIcon(this.mark, deaf ? "down" : overdue ? "alert" : "check");
    setText(this.title, t(deaf ? "calm.deaf" : "calm.none"));
    const why = lost ? t("link.reconnecting") : [locale.reason(station.status?.reason), station.status?.hint].filter(Boolean).join(" ");
    setText(this.text, deaf ? why || t("calm.deaf_text") : weeklyText(this.card, station));
  }
}

function weeklyText({ t, locale }, station) {
  if (!station.weekly_test) return t("weekly.never");
  const when = locale.when(station.weekly_test);
  return t(station.weekly_test_overdue ? "weekly.overdue" : "weekly.last", { when });
}

class ActiveAlert {
  constructor(card) {
    this.card = card;
    this.mark = h("span", { className: "mark" });
    this.title = h("h3");
    this.badge = h("span", { className: "badge" });
    this.left = h("span", { className: "left", role: "timer" });
    this.until = h("span", { className: "until" });
    this.places = h("p", { className: "places" });
    this.message = h("p", { className: "message" });
    this.more = new More(card);
    this.element = h(
      "article",
      { role: "listitem", className: "alert" },
      h("div", { className: "alert-head" }, this.mark, h("div", { className: "alert-name" }, this.title, this.badge)),
      h("div", { className: "alert-time" }, this.left, this.until),
      this.places,
      this.message,
    );
  }

  close() {
    this.play?.close();
  }

  update(alert, index) {
    const { card } = this;
    const level = danger(alert);
    const minor = isMinor(alert);
    const lead = !minor && index === 0;
    this.expires = Date.parse(alert.expires);
    this.element.dataset.danger = level;
    this.element.className = `alert${minor ? " minor" : lead ? " lead" : ""}`;
    setIcon(this.mark, dangerIcon(level));
    setText(this.title, alert.event || card.t("alert.unknown_event"));
    setText(this.badge, badge(card, alert, level));
    setText(this.until, card.t("alert.until", { when: card.locale.when(alert.expires, card.now()) }));
    setText(this.places, card.locale.places(alert.locations));
    setText(this.message, alert.message ?? "");
    const told = lead && card.config.layout === "normal";
    show(this.message, told);
    this.#offer(alert);
    this.more.update(alert, told);
    this.count(card.now());
  }

  #offer(alert) {
    this.play ??= new PlayControl(this.card, alert.event);
    this.play.update(alert.recording ?? null, alert.recording_at);
    if (!this.play.element.isConnected) this.element.append(this.play.element, this.more.element);
  }

  count(now) {
    const seconds = (this.expires - now) / 1000;
    setText(this.left, this.card.locale.left(seconds));
    this.element.classList.toggle("soon", seconds < SOON_S);
  }
}

function badge({ t }, alert, level) {
  if (alert.self_test) return t("alert.self_test");
  if (level !== "test" && alert.relevant === false) return t("alert.elsewhere");
  return t(`danger.${level}`);
}

/** What the weather service wrote, what was said, and the header. */
class More {
  constructor(card) {
    this.card = card;
    this.body = h("dl");
    this.element = h("details", { className: "more" }, h("summary", { textContent: card.t("alert.more") }), this.body);
  }

  /** @param {boolean} told whether its message is shown already */
  update(alert, told) {
    const message = [this.card.t("alert.message"), alert.message ?? ""];
    const rows = [...(told || !alert.message ? [] : [message]), ...details(this.card, alert)];
    const key = JSON.stringify(rows);
    if (key === this.key) return;
    this.key = key;
    this.body.replaceChildren(...rows.flatMap(([name, text]) => [h("dt", { textContent: name }), h("dd", { textContent: text })]));
  }
}

/** Return all that is known of an alert, as `[name, text]`. */
export function details({ t, locale }, alert) {
  const sure = locale.number(100 * (alert.confidence ?? 0));
  return [
    [t("alert.nws"), nwsText(alert.nws)],
    [t("alert.transcript"), textOf(alert.transcript)],
    [t("alert.from"), [alert.originator_name, alert.sender].filter(Boolean).join(" · ")],
    [t("alert.received"), [locale.when(alert.received), ...(alert.channels ?? [])].join(" · ")],
    [t("alert.header"), alert.header ?? ""],
    [t("alert.confidence"), alert.partial ? t("alert.partial", { percent: sure }) : ""],
  ].filter(([, text]) => text);
}

function textOf(value) {
  return typeof value === "string" ? value : (value?.text ?? "");
}

function nwsText(nws) {
  if (!nws || typeof nws === "string") return nws ?? "";
  return [nws.headline, nws.description, nws.instruction, nws.text].filter((part) => typeof part === "string" && part).join("\n\n");
}
