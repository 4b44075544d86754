/** Is it hearing: the station's name and state, and what can be done with it. */

import { Actions } from "./actions.js";
import { STATES } from "./channels.js";
import { h, setText, show } from "./dom.js";
import { setIcon } from "./icons.js";
import { Listen } from "./listen.js";

export class Header {
  /** @param {any} card */
  constructor(card) {
    this.card = card;
    this.mark = h("span", { className: "mark" });
    this.title = h("h2");
    this.state = h("p", { className: "state", role: "status" });
    this.listen = new Listen(card);
    this.actions = new Actions(card);
    this.element = h(
      "header",
      {},
      this.mark,
      h("div", { className: "titles" }, this.title, this.state),
      this.listen.element,
      this.actions.element,
    );
  }

  close() {
    this.listen.close();
    this.actions.close();
  }

  update(station) {
    const { card } = this;
    const live = station.link === "live";
    const state = (live && STATES[station.status?.state]) || STATES.starting;
    this.element.dataset.tone = state.tone;
    setIcon(this.mark, state.icon);
    setText(this.title, card.config.title || station.station || card.t("card.name"));
    setText(this.state, live ? stateLine(card, station) : card.t(`link.${station.link}`));
    this.listen.update(station);
    this.actions.update(station);
    show(this.listen.element, live && station.live && card.shows("listen"));
    show(this.actions.element, live && this.actions.any && card.shows("actions"));
  }
}

function stateLine({ t, locale }, { status, channels = [] }) {
  const hearing = channels.filter((channel) => channel.state === "hearing").length;
  const several = channels.length > 1 && status.state === "hearing";
  const state = several ? t("state.hearing_of", { hearing, all: channels.length }) : t(`state.${status.state}`);
  return t("channels.since", { state, when: locale.when(status.since) });
}
