/** A menu of what an administrator can have the station do. */

import { h, show } from "./dom.js";
import { icon } from "./icons.js";

export class Actions {
  /** @param {any} card */
  constructor(card) {
    this.card = card;
    this.test = this.#item("actions.self_test", () => this.#selfTest());
    this.save = this.#item("actions.save", () => this.#save());
    this.menu = h("div", { role: "menu", className: "menu", hidden: true, onkeydown: (event) => this.#key(event) }, this.test, this.save);
    this.button = h(
      "button",
      {
        type: "button",
        className: "button round",
        "aria-label": card.t("actions.title"),
        "aria-haspopup": "menu",
        "aria-expanded": "false",
        onclick: () => this.#open(this.menu.hidden),
      },
      icon("more"),
    );
    this.element = h("div", { className: "actions", onfocusout: (event) => this.#left(event) }, this.button, this.menu);
  }

  close() {}

  /** Whether there is anything that the user may do. */
  get any() {
    return !this.test.hidden || !this.save.hidden;
  }

  update(station) {
    this.entry = station.entry_id;
    const may = Boolean(station.can_admin);
    show(this.test, may);
    show(this.save, may && Boolean(station.recording && station.live));
  }

  #item(key, act) {
    return h("button", {
      type: "button",
      role: "menuitem",
      tabIndex: -1,
      textContent: this.card.t(key),
      onclick: () => {
        this.#open(false);
        act();
      },
    });
  }

  #open(open) {
    show(this.menu, open);
    this.button.setAttribute("aria-expanded", String(open));
    if (open) this.#shown()[0]?.focus();
    else this.button.focus();
  }

  #shown() {
    return [this.test, this.save].filter((item) => !item.hidden);
  }

  #key(event) {
    const items = this.#shown();
    const at = items.indexOf(event.target);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) items[(at + step + items.length) % items.length].focus();
    else if (event.key === "Escape") this.#open(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #left(event) {
    if (this.element.contains(event.relatedTarget)) return;
    show(this.menu, false);
    this.button.setAttribute("aria-expanded", "false");
  }

  async #selfTest() {
    const { t, locale } = this.card;
    const answer = await this.#do("self_test", t("actions.testing"));
    if (!answer) return;
    const seconds = locale.number(answer.response?.seconds ?? 0);
    this.card.say(t(answer.response?.decoded ? "actions.test_good" : "actions.test_bad", { seconds }));
  }

  async #save() {
    const { t } = this.card;
    if (await this.#do("save_recording", t("actions.saving"))) this.card.say(t("actions.saved"));
  }

  async #do(service, meanwhile) {
    this.card.say(meanwhile);
    try {
      return (await this.card.act(service, { config_entry_id: this.entry }, service === "self_test")) ?? {};
    } catch (error) {
      this.card.say(this.card.t("actions.failed", { why: error?.message ?? String(error) }));
      return null;
    }
  }
}
