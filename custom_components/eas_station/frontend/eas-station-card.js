/** `eas-station-card`: is it hearing, is there danger, where, and until when. docs/dashboard.md */

import { Alerts } from "./alerts.js";
import { Channels } from "./channels.js";
import { checked, form, stub } from "./config.js";
import { isMinor } from "./danger.js";
import { h, setText, show } from "./dom.js";
import { Feed } from "./feed.js";
import { Header } from "./header.js";
import { History } from "./history.js";
import { Locale } from "./locale.js";
import { CountyMap } from "./map.js";
import { Notice } from "./notice.js";
import { Player } from "./player.js";
import { translate } from "./strings.js";
import { SHEET } from "./styles.js";
import { Waterfall } from "./waterfall.js";

const TYPE = "eas-station-card";
const SAID_MS = 10_000;
const COLOURS_MS = 5000;
const COLOURS = { ok: "--eas-ok", warn: "--eas-warn", bad: "--eas-bad", track: "--eas-track", text: "--eas-ink", soft: "--eas-soft" };

class EasStationCard extends HTMLElement {
  #parts = [];
  #feed = null;
  #onScreen = true;

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [SHEET];
    this.t = (key, values) => this.locale.t(key, values);
    this.onVisible = () => this.#wake();
    this.watch = new IntersectionObserver((entries) => {
      this.#onScreen = entries[entries.length - 1].isIntersecting;
      this.#wake();
    });
  }

  static getConfigForm() {
    return form(document.documentElement.lang);
  }

  static getStubConfig(hass) {
    return stub(hass);
  }

  setConfig(config) {
    this.config = checked(config);
    if (this.isConnected) this.#start();
  }

  set hass(hass) {
    const before = this.hassNow;
    this.hassNow = hass;
    // Texts of the integration may come after the card.
    if (this.locale) this.locale.localize = hass.localize;
    if (!this.isConnected) return;
    if (!before || before.connection !== hass.connection || before.locale !== hass.locale || before.language !== hass.language) {
      this.#start();
    }
  }

  get hass() {
    return this.hassNow;
  }

  connectedCallback() {
    document.addEventListener("visibilitychange", this.onVisible);
    this.watch.observe(this);
    this.#start();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.onVisible);
    this.watch.disconnect();
    this.#end();
  }

  getCardSize() {
    return { compact: 3, normal: 8, wall: 14 }[this.config?.layout ?? "normal"];
  }

  getGridOptions() {
    const wall = this.config?.layout === "wall";
    return { columns: wall ? "full" : 12, min_columns: 6, rows: "auto" };
  }

  // What the parts use of the card.

  /** Whether anybody can see it. */
  get visible() {
    return this.isConnected && this.#onScreen && !document.hidden;
  }

  /** The time by the server's clock, in ms. */
  now() {
    return this.#feed?.now() ?? Date.now();
  }

  /** Whether a part is to be shown. */
  shows(part) {
    return this.config.show.has(part);
  }

  /** Ask the station's API. */
  call(message) {
    return this.hass.callWS({ ...message, entry_id: this.station.entry_id });
  }

  /** Have the integration do something; return its answer where it gives one. */
  act(service, data, answers = false) {
    return this.hass.callService("eas_station", service, data, undefined, false, answers);
  }

  /** Return an address on Home Assistant's web server, whole. */
  address(path) {
    return this.hass.hassUrl?.(path) ?? path;
  }

  /** Tell the user something for a while. */
  say(text) {
    setText(this.said, text);
    show(this.said, true);
    clearTimeout(this.saidTimer);
    this.saidTimer = setTimeout(() => show(this.said, false), SAID_MS);
  }

  /** Return the theme's colours for canvases; they are read now and then. */
  colours() {
    const now = performance.now();
    if (this.palette && now - this.palette.read < COLOURS_MS) return this.palette;
    const style = getComputedStyle(this.probe);
    this.palette = { read: now, font: style.fontFamily };
    for (const [name, property] of Object.entries(COLOURS)) {
      this.probe.style.color = `var(${property})`;
      this.palette[name] = style.color;
    }
    return this.palette;
  }

  #start() {
    this.#end();
    if (!this.config || !this.hass) return;
    this.locale = new Locale(this.hass);
    this.#build();
    this.#feed = new Feed({
      state: (station) => this.#show(station),
      levels: (levels) => this.channels?.take(levels),
      spectrum: (spectrum) => this.waterfall?.take(spectrum),
      alert: (alert) => this.#announce(alert),
      history: (entry) => this.history?.take(entry),
    });
    this.#show(this.#feed.station);
    this.#feed.start(this.hass.connection, this.#request());
  }

  #request() {
    const { entry_id: entry } = this.config;
    return {
      type: "eas_station/subscribe",
      levels: this.shows("channels"),
      spectrum: this.shows("waterfall"),
      ...(entry ? { entry_id: entry } : {}),
    };
  }

  #end() {
    this.#feed?.close();
    this.#feed = null;
    for (const part of this.#parts) part.close?.();
    this.#parts = [];
    this.player?.stop();
    clearTimeout(this.saidTimer);
    this.shadowRoot.replaceChildren();
  }

  #build() {
    this.player = new Player();
    this.probe = h("span", { hidden: true });
    this.said = h("p", { className: "said", role: "status", hidden: true });
    this.shout = h("div", { className: "spoken", "aria-live": "assertive" });
    this.example = h("p", { className: "example", textContent: this.t("example.note"), hidden: true });
    const optional = (part, Part) => (this.shows(part) ? this.#part(new Part(this)) : undefined);
    const header = this.#part(new Header(this));
    const notice = this.#part(new Notice(this));
    this.alerts = this.#part(new Alerts(this));
    this.map = optional("map", CountyMap);
    this.channels = optional("channels", Channels);
    this.waterfall = optional("waterfall", Waterfall);
    this.history = optional("history", History);
    const elements = (...parts) => parts.filter(Boolean).map((part) => part.element);
    const right = elements(this.channels, this.waterfall, this.history);
    this.left = h("div", { className: "column" }, elements(this.alerts, this.map));
    this.right = h("div", { className: "column" }, right);
    this.body = h(
      "div",
      { className: `columns${right.length ? " two" : ""}` },
      this.left,
      this.right,
    );
    this.shadowRoot.append(
      h(
        "ha-card",
        {},
        h("div", { className: `card ${this.config.layout}` }, this.example, header.element, this.said, notice.element, this.body),
        this.shout,
        this.probe,
        this.player.audio,
      ),
    );
  }

  #part(part) {
    this.#parts.push(part);
    return part;
  }

  #show(station) {
    this.station = station;
    for (const part of this.#parts) part.update(station);
    this.#placeMap(station);
    show(this.body, Boolean(station.status));
    show(this.example, Boolean(station.example));
    if (station.error?.code === "not_found" && this.#isPreview()) this.#showExample();
  }

  /** On a wall the map gives way to several alerts. */
  #placeMap({ active = [] }) {
    if (!this.map || this.config.layout !== "wall") return;
    const several = active.filter((alert) => !isMinor(alert)).length > 1;
    const column = several ? this.right : this.left;
    if (this.map.element.parentElement === column) return;
    if (several) column.prepend(this.map.element);
    else column.append(this.map.element);
  }

  async #showExample() {
    const feed = this.#feed;
    const { exampleStation, EXAMPLE_LEVELS } = await import("./example.js");
    if (!feed || feed !== this.#feed) return;
    feed.close();
    this.#show(exampleStation());
    requestAnimationFrame(() => this.channels?.take(EXAMPLE_LEVELS));
  }

  /** Whether it is shown to be picked or edited, where an example does no harm. */
  #isPreview() {
    const root = this.getRootNode();
    return Boolean(this.preview) || (root instanceof ShadowRoot && root.host.localName === "hui-card-picker");
  }

  #announce(alert) {
    const { event, locations, expires } = alert;
    const text = this.t("alert.new", { event, places: this.locale.places(locations), when: this.locale.when(expires) });
    if (isMinor(alert)) this.say(text);
    else setText(this.shout, text);
  }

  #wake() {
    if (this.visible) this.alerts?.wake();
  }
}

if (!customElements.get(TYPE)) {
  customElements.define(TYPE, EasStationCard);
  const language = document.documentElement.lang;
  window.customCards ??= [];
  window.customCards.push({
    type: TYPE,
    name: translate(language, "card.name"),
    description: translate(language, "card.description"),
    preview: true,
    documentationURL: "https://github.com/eas-station/eas-station-ha/blob/main/docs/dashboard.md",
  });
}
