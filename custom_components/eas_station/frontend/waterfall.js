/** The band over time: the newest on top, the channels marked. */

import { h, show } from "./dom.js";

const BINS = 256;
const ROWS = 80;
/** How far above its noise a signal is drawn as bright as can be, in dB. */
const RANGE = 40;
const FLOOR_SHARE = 0.25;
const SLOWNESS = 0.05;

/** From the dark of the noise to the light of a carrier: `[share, red, green, blue]`. */
const STOPS = [
  [0, 8, 12, 38],
  [0.25, 25, 60, 130],
  [0.5, 20, 150, 160],
  [0.75, 240, 200, 70],
  [1, 255, 250, 230],
];

const PALETTE = Uint32Array.from({ length: 256 }, (_, index) => colourAt(index / 255));

/** Return red, green and blue of a share of the range as one number, as image data hold it. */
function colourAt(share) {
  const next = Math.max(1, STOPS.findIndex(([at]) => at >= share));
  const [from, ...low] = STOPS[next - 1];
  const [to, ...high] = STOPS[next];
  const part = (share - from) / (to - from);
  const [red, green, blue] = low.map((value, index) => Math.round(value + part * (high[index] - value)));
  return (255 << 24) | (blue << 16) | (green << 8) | red;
}

export class Waterfall {
  /** @param {any} card */
  constructor(card) {
    this.card = card;
    this.canvas = /** @type {HTMLCanvasElement} */ (
      h("canvas", { width: BINS, height: ROWS, role: "img", "aria-label": card.t("waterfall.title") })
    );
    this.marks = h("div", { className: "marks", "aria-hidden": "true" });
    this.element = h(
      "section",
      { className: "panel", hidden: true },
      h("h3", { textContent: card.t("waterfall.title") }),
      h("div", { className: "waterfall" }, this.marks, this.canvas),
    );
    this.row = new ImageData(BINS, 1);
    this.pixels = new Uint32Array(this.row.data.buffer);
    this.floor = null;
    this.waiting = [];
  }

  close() {
    cancelAnimationFrame(this.frame);
  }

  update(station) {
    this.channels = station.channels ?? [];
    show(this.element, Boolean(station.radio) && !["down", "stopped"].includes(station.status?.state));
    this.band = undefined;
  }

  /** Take a spectrum; it is drawn with the next frame of the screen, where it is seen. */
  take(spectrum) {
    if (!this.card.visible) return;
    this.waiting.push(spectrum);
    if (this.waiting.length > ROWS) this.waiting.shift();
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.#draw();
    });
  }

  #draw() {
    const context = this.canvas.getContext("2d");
    for (const spectrum of this.waiting.splice(0)) {
      this.#mark(spectrum);
      context.drawImage(this.canvas, 0, 1);
      this.#paint(spectrum.power);
      context.putImageData(this.row, 0, 0);
    }
  }

  #paint(power) {
    const noise = [...power].sort((one, other) => one - other)[Math.floor(FLOOR_SHARE * power.length)];
    this.floor = this.floor === null ? noise : this.floor + SLOWNESS * (noise - this.floor);
    for (let bin = 0; bin < BINS; bin += 1) {
      const level = power[Math.floor((bin * power.length) / BINS)] - this.floor;
      this.pixels[bin] = PALETTE[Math.min(255, Math.max(0, Math.round((255 * level) / RANGE)))];
    }
  }

  #mark({ center_hz: center, span_hz: span }) {
    const band = `${center} ${span}`;
    if (band === this.band) return;
    this.band = band;
    this.marks.replaceChildren(
      ...this.channels
        .map((channel) => ({ channel, at: (channel.frequency_hz - center) / span + 0.5 }))
        .filter(({ at }) => at > 0 && at < 1)
        .map(({ channel, at }) => {
          const mark = h("span", { className: "channel-mark", textContent: shortLabel(channel) });
          mark.style.left = `${100 * at}%`;
          mark.dataset.state = channel.state;
          return mark;
        }),
    );
  }
}

/** "162.550 MHz" as ".550": seven must stand side by side on a phone. */
function shortLabel({ label, name }) {
  return (label ?? name).replace(/ .*$/, "").replace(/^\d+(?=\.)/, "");
}
