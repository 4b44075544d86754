/** What was heard before, by day, a page at a time. */

import { details } from "./alerts.js";
import { danger, dangerIcon } from "./danger.js";
import { h, setText, show } from "./dom.js";
import { icon } from "./icons.js";
import { PlayControl } from "./player.js";

const PAGE = 20;

export class History {
  /** @param {any} card */
  constructor(card) {
    this.card = card;
    const { t } = card;
    this.entries = [];
    this.known = new Map();
    this.parts = [];
    this.event = h("select", { "aria-label": t("history.event"), onchange: () => this.#reload() }, h("option", { value: "", textContent: t("history.all") }));
    this.date = h("input", { type: "date", "aria-label": t("history.day"), onchange: () => this.#reload() });
    this.tests = h("input", { type: "checkbox", onchange: () => this.#reload() });
    this.days = h("div", { className: "days" });
    this.problem = h("p", { className: "calm-text", role: "status" });
    this.older = h("button", { type: "button", className: "button", textContent: t("history.older"), hidden: true, onclick: () => this.#more() });
    this.element = h(
      "details",
      { className: "panel history", ontoggle: () => this.element.open && this.#first() },
      h("summary", {}, h("h3", { textContent: t("history.title") })),
      h("div", { className: "filter" }, this.date, this.event, h("label", {}, this.tests, t("history.tests"))),
      this.days,
      this.problem,
      this.older,
    );
  }

  close() {
    this.#drop();
  }

  update(station) {
    this.live = station.link === "live";
  }

  /** Take an entry that is new or changed. */
  take(entry) {
    if (!this.element.open || !this.loaded) return;
    const at = this.entries.findIndex((one) => one.id === entry.id);
    if (at >= 0) this.entries[at] = { ...this.entries[at], ...entry };
    else if (this.#isWanted(entry)) this.entries.unshift(entry);
    else return;
    this.#render();
  }

  #isWanted(entry) {
    if (this.date.value || (this.event.value && this.event.value !== entry.event_code)) return false;
    return this.tests.checked || danger(entry) !== "test";
  }

  #first() {
    if (!this.loaded) this.#reload();
  }

  #reload() {
    this.entries = [];
    this.next = null;
    this.#more();
  }

  async #more() {
    const turn = (this.turn = {});
    const query = { type: "eas_station/history", limit: PAGE, ...this.#filter(), ...(this.next ? { before: this.next } : {}) };
    try {
      const page = await this.card.call(query);
      if (turn !== this.turn) return;
      this.loaded = true;
      this.entries.push(...page.entries);
      this.next = page.next;
      this.#render();
    } catch (error) {
      if (turn === this.turn) setText(this.problem, this.card.t("history.failed", { why: error?.message ?? "" }));
    }
  }

  #filter() {
    const filter = this.tests.checked ? {} : { tests: false };
    if (this.event.value) filter.events = [this.event.value];
    if (this.date.value) {
      const start = new Date(`${this.date.value}T00:00`);
      const end = new Date(start);
      end.setDate(end.getDate() + 1);
      Object.assign(filter, { start: start.toISOString(), end: end.toISOString() });
    }
    return filter;
  }

  #render() {
    const { locale, t } = this.card;
    this.#offerEvents();
    this.#drop();
    const days = new Map();
    for (const entry of this.entries) {
      const day = locale.day(entry.received);
      days.set(day, [...(days.get(day) ?? []), entry]);
    }
    this.days.replaceChildren(
      ...[...days].map(([day, entries]) => h("div", {}, h("h4", { textContent: day }), h("ul", {}, entries.map((entry) => this.#entry(entry))))),
    );
    setText(this.problem, this.entries.length ? "" : t("history.none"));
    show(this.older, Boolean(this.next));
  }

  #drop() {
    for (const part of this.parts) part.close();
    this.parts = [];
  }

  #offerEvents() {
    for (const { event_code: code, event } of this.entries) {
      if (!code || this.known.has(code)) continue;
      this.known.set(code, event);
      this.event.append(h("option", { value: code, textContent: event }));
    }
  }

  #entry(entry) {
    const { locale } = this.card;
    const play = new PlayControl(this.card, entry.event);
    play.update(entry.recording ?? null, entry.recording_at);
    this.parts.push(play);
    const rows = [[locale.t("alert.message"), entry.message], ...details(this.card, entry)].filter(([, text]) => text);
    const summary = h(
      "summary",
      {},
      h("span", { className: "mark" }, icon(dangerIcon(danger(entry)))),
      h("span", { className: "event", textContent: entry.event || locale.t("alert.unknown_event") }),
      h("time", { textContent: locale.time(entry.received), dateTime: entry.received }),
      h("span", { className: "places", textContent: locale.places(entry.locations) }),
    );
    const body = h("dl", {}, rows.flatMap(([name, text]) => [h("dt", { textContent: name }), h("dd", { textContent: text })]));
    const row = h("li", {}, h("details", {}, summary, body, play.element));
    row.dataset.danger = danger(entry);
    return row;
  }
}
