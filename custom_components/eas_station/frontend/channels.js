/** Each channel: its state, its transmitter, its level. */

import { KeyedList, h, setText, show } from "./dom.js";
import { setIcon } from "./icons.js";
import { Meter } from "./meter.js";

/** What a state is: whether it is well, and its icon. */
export const STATES = {
  starting: { tone: "plain", icon: "wait" },
  hearing: { tone: "ok", icon: "check" },
  degraded: { tone: "warn", icon: "alert" },
  quiet: { tone: "warn", icon: "quiet" },
  no_signal: { tone: "plain", icon: "quiet" },
  down: { tone: "bad", icon: "down" },
  stopped: { tone: "plain", icon: "stop" },
};

const SILENT = new Set(["no_signal", "down", "stopped"]);

export class Channels {
  /** @param {any} card */
  constructor(card) {
    this.card = card;
    const list = h("ul", { className: "channels", "aria-label": card.locale.t("channels.title") });
    this.list = new KeyedList(list, (channel) => channel.key, () => new Channel(card));
    this.element = h("section", { className: "panel" }, h("h3", { textContent: card.locale.t("channels.title") }), list);
    this.levels = [];
    this.order = [];
  }

  close() {
    cancelAnimationFrame(this.frame);
    this.list.close();
  }

  update(station) {
    // Two sources may name theirs alike; levels come in their order.
    const channels = (station.channels ?? []).map((channel, index) => ({ ...channel, key: `${index} ${channel.id}` }));
    show(this.element, channels.length > 0);
    this.order = channels.map((channel) => channel.key);
    const down = ["down", "stopped"].includes(station.status?.state) ? station.status : null;
    // Why is said once, above, where it is the same for all.
    const shared = channels.length > 1 ? { reason: null } : {};
    this.list.update(channels.map((channel) => (down ? { ...channel, ...down, ...shared } : channel)));
  }

  /** Take a frame of levels; it is drawn with the next frame of the screen, where it is seen. */
  take(levels) {
    this.levels = levels;
    if (!this.card.visible || this.frame) return;
    this.frame = requestAnimationFrame((now) => {
      this.frame = undefined;
      this.#draw(now);
    });
  }

  #draw(now) {
    const colours = this.card.colours();
    this.order.forEach((key, index) => {
      const { meter } = this.list.parts.get(key);
      meter.take(this.levels[index] ?? null);
      meter.draw(colours, now);
    });
  }
}

class Channel {
  constructor(card) {
    this.card = card;
    this.mark = h("span", { className: "mark" });
    this.name = h("span", { className: "name" });
    this.who = h("span", { className: "who" });
    this.state = h("span", { className: "state" });
    this.why = h("span", { className: "why" });
    this.meter = new Meter(card.locale.t("channels.level"));
    this.element = h(
      "li",
      { className: "channel" },
      this.mark,
      h("span", { className: "names" }, this.name, this.who),
      this.state,
      this.why,
      this.meter.canvas,
    );
  }

  close() {
    this.meter.close();
  }

  update(channel) {
    const { locale } = this.card;
    const state = STATES[channel.state] ?? STATES.starting;
    this.element.dataset.tone = state.tone;
    this.element.dataset.state = channel.state;
    setIcon(this.mark, state.icon);
    const radio = channel.frequency_hz !== null && channel.frequency_hz !== undefined;
    setText(this.name, channel.label ?? channel.name);
    setText(this.who, transmitter(channel.transmitter));
    setText(this.state, locale.t("channels.since", { state: locale.t(`state.${channel.state}`), when: locale.when(channel.since) }));
    const why = channel.state === "hearing" ? "" : locale.reason(channel.reason);
    setText(this.why, why);
    show(this.why, why !== "");
    // What an agent hears stays with it: there is no level to draw.
    show(this.meter.canvas, channel.live !== false && !(radio && SILENT.has(channel.state)));
    this.meter.canvas.setAttribute("aria-label", `${locale.t("channels.level")} ${channel.label ?? channel.name}`);
  }
}

function transmitter(one) {
  return one ? [one.call_sign, [one.name, one.state].filter(Boolean).join(", ")].filter(Boolean).join(" · ") : "";
}
