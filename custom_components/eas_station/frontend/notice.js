/** Why there is nothing to show, and what to do. */

import { h, setText, show } from "./dom.js";

const ADD = "/config/integrations/dashboard/add?domain=eas_station";

export class Notice {
  /** @param {any} card */
  constructor(card) {
    this.card = card;
    this.text = h("p");
    this.link = h("a", { href: ADD, textContent: card.t("refused.add") });
    this.element = h("div", { className: "notice", role: "status", hidden: true }, this.text, this.link);
  }

  update({ link, error }) {
    const refused = link === "refused";
    show(this.element, refused);
    if (!refused) return;
    const { t, config } = this.card;
    const none = error.code === "not_found" && !config.entry_id && !isAmbiguous(error);
    setText(this.text, none ? t("refused.none") : reason(t, error, config));
    show(this.link, none && Boolean(this.card.hass.user?.is_admin));
  }
}

function isAmbiguous({ key, count }) {
  return key === "name_a_station" && count !== "0";
}

function reason(t, error, config) {
  if (error.code === "unauthorized") return t("refused.denied");
  if (error.code === "not_found") return t(config.entry_id ? "refused.gone" : "refused.choose");
  return t("refused.loading", { why: error.message ?? "" });
}
