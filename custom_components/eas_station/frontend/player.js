/** The card's one loudspeaker: a recording or what is on the air, never both at once. */

import { h, setText, show } from "./dom.js";
import { setIcon } from "./icons.js";

const EVENTS = ["playing", "pause", "waiting", "ended", "error", "timeupdate", "durationchange"];

/**
 * @typedef {object} Owner
 * @property {(state: "idle" | "loading" | "playing" | "paused" | "failed", error?: any) => void} shown
 */

export class Player {
  constructor() {
    this.audio = /** @type {HTMLAudioElement} */ (h("audio", { preload: "none", hidden: true }));
    /** @type {Owner | null} */
    this.owner = null;
    for (const name of EVENTS) this.audio.addEventListener(name, () => this.#tell(name));
  }

  /**
   * Play what an owner loads, in the place of what plays.
   * @param {Owner} owner
   * @param {() => Promise<string>} load returns an address
   */
  async play(owner, load) {
    this.stop();
    this.owner = owner;
    owner.shown("loading");
    try {
      const url = await load();
      if (this.owner !== owner) return;
      this.audio.src = url;
      await this.audio.play();
    } catch (error) {
      if (this.owner === owner && error?.name !== "AbortError") this.#fail(error);
    }
  }

  /** Stop, and let what is loaded go. */
  stop() {
    const { owner } = this;
    this.owner = null;
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
    owner?.shown("idle");
  }

  #tell(name) {
    if (!this.owner || !this.audio.hasAttribute("src")) return;
    if (name === "error") this.#fail(this.audio.error);
    else if (name === "ended") this.stop();
    else if (name === "waiting") this.owner.shown("loading");
    else this.owner.shown(this.audio.paused ? "paused" : "playing");
  }

  #fail(error) {
    const { owner } = this;
    this.stop();
    owner?.shown("failed", error);
  }
}

/** The button of one recording, with its time and where it is. */
export class PlayControl {
  /**
   * @param {any} card
   * @param {string} title what is played, for screen readers
   */
  constructor(card, title) {
    this.card = card;
    this.title = title;
    this.mark = h("span", { className: "mark" });
    this.label = h("span");
    this.button = h("button", { className: "button", type: "button", onclick: () => this.#press() }, this.mark, this.label);
    this.seek = /** @type {HTMLInputElement} */ (
      h("input", { type: "range", min: "0", step: "0.1", hidden: true, "aria-label": card.locale.t("play.position"), oninput: () => this.#jump() })
    );
    this.time = h("span", { className: "time", hidden: true });
    this.away = h("span", { hidden: true });
    this.problem = h("span", { className: "problem", role: "status" });
    this.element = h("div", { className: "player" }, this.button, this.seek, this.time, this.away, this.problem);
    this.shown("idle");
  }

  close() {
    if (this.card.player.owner === this) this.card.player.stop();
  }

  /**
   * @param {string | null} recording its address in Home Assistant's media, null where there is none
   * @param {{ agent: string }[] | null} [at] the agents that still have it, where it is not here
   */
  update(recording, at) {
    this.recording = recording;
    const agents = (at ?? []).map(({ agent }) => agent).join(", ");
    setText(this.away, agents && this.card.t("play.away", { agents }));
    show(this.away, Boolean(agents));
    show(this.button, !agents);
    show(this.element, Boolean(recording || agents));
  }

  /** Show how it does. */
  shown(state) {
    const { t } = this.card;
    const { audio } = this.card.player;
    const open = state === "playing" || state === "paused";
    this.state = state;
    setIcon(this.mark, state === "playing" ? "pause" : state === "loading" ? "wait" : "play");
    setText(this.label, t(state === "playing" ? "play.pause" : "play.play"));
    this.button.setAttribute("aria-label", `${this.label.textContent}: ${this.title}`);
    setText(this.problem, state === "failed" ? t("play.failed") : "");
    show(this.seek, open);
    show(this.time, open);
    if (!open) return;
    const length = Number.isFinite(audio.duration) ? audio.duration : audio.currentTime;
    this.seek.max = String(length);
    this.seek.value = String(audio.currentTime);
    setText(this.time, `${clock(audio.currentTime)} / ${clock(length)}`);
  }

  #press() {
    const { player } = this.card;
    if (player.owner !== this || this.state === "loading") player.play(this, () => this.#load());
    else if (player.audio.paused) player.audio.play();
    else player.audio.pause();
  }

  async #load() {
    const { url } = await this.card.call({ type: "eas_station/recording", recording: this.recording });
    return this.card.address(url);
  }

  #jump() {
    this.card.player.audio.currentTime = Number(this.seek.value);
  }
}

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}
