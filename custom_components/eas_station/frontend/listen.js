/** What is on the air now, from one channel. */

import { h, setText, show } from "./dom.js";
import { setIcon } from "./icons.js";

export class Listen {
  /** @param {any} card */
  constructor(card) {
    this.card = card;
    this.mark = h("span", { className: "mark" });
    this.label = h("span", { className: "wide" });
    this.button = h("button", { type: "button", className: "button", onclick: () => this.#press() }, this.mark, this.label);
    this.choice = /** @type {HTMLSelectElement} */ (
      h("select", { "aria-label": card.t("listen.channel"), onchange: () => this.#start(), hidden: true })
    );
    this.element = h("div", { className: "listen" }, this.choice, this.button);
    this.shown("idle");
  }

  close() {
    if (this.card.player.owner === this) this.card.player.stop();
  }

  update(station) {
    const channels = (station.channels ?? []).filter((channel) => channel.live !== false);
    const key = JSON.stringify(channels.map(({ id, label }) => [id, label]));
    if (key !== this.key) {
      this.key = key;
      this.choice.replaceChildren(...channels.map(({ id, label }) => h("option", { value: id, textContent: label ?? id })));
      const heard = channels.find((channel) => channel.state === "hearing");
      if (heard) this.choice.value = heard.id;
    }
  }

  /** Show how it does. */
  shown(state) {
    const { t } = this.card;
    const on = state === "playing" || state === "loading" || state === "paused";
    this.on = on;
    setIcon(this.mark, state === "loading" ? "wait" : on ? "stop" : "listen");
    setText(this.label, t(state === "loading" ? "listen.wait" : on ? "listen.stop" : "listen.listen"));
    this.button.setAttribute("aria-label", this.label.textContent ?? "");
    this.button.setAttribute("aria-pressed", String(on));
    show(this.choice, on && this.choice.length > 1);
    if (state === "failed") this.card.say(t("listen.failed"));
  }

  #press() {
    if (this.on) this.card.player.stop();
    else this.#start();
  }

  #start() {
    this.card.player.play(this, async () => {
      const { url } = await this.card.call({ type: "eas_station/live", channel: this.choice.value });
      return this.card.address(url);
    });
  }
}
