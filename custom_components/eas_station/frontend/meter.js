/** A level meter: numbers in, rectangles out, and a thin painter. */

const FLOOR = -60;
const HOLD_MS = 1500;
const FALL_DB_PER_MS = 0.02;
const LOUD = -12;
const TOO_LOUD = -3;
const SPOKEN_MS = 2000;

/** The highest peak of a while, which then falls. */
export class PeakHold {
  constructor() {
    this.clear();
  }

  clear() {
    this.level = -Infinity;
    this.at = 0;
  }

  /** Take a peak in dBFS at a time in ms; return what is held. */
  take(peak, now) {
    const fallen = this.level - FALL_DB_PER_MS * Math.max(0, now - this.at - HOLD_MS);
    if (peak < fallen) return fallen;
    this.level = peak;
    this.at = now;
    return peak;
  }
}

/** Return where a level lies, 0 to 1. */
export function position(dbfs) {
  return Math.min(1, Math.max(0, 1 - dbfs / FLOOR));
}

/** Return what to fill: `{x, width, colour}` in pixels, from left to right. */
export function bars(rms, width) {
  const zones = [
    [FLOOR, LOUD, "ok"],
    [LOUD, TOO_LOUD, "warn"],
    [TOO_LOUD, 0, "bad"],
  ];
  const end = position(rms) * width;
  return zones
    .map(([from, to, colour]) => {
      const x = position(from) * width;
      return { x, width: Math.min(end, position(to) * width) - x, colour };
    })
    .filter((bar) => bar.width > 0);
}

export class Meter {
  /** @param {string} label what is measured, for screen readers */
  constructor(label) {
    this.canvas = document.createElement("canvas");
    this.canvas.className = "meter";
    for (const [name, value] of [
      ["role", "meter"], ["aria-label", label], ["aria-valuemin", FLOOR], ["aria-valuemax", 0], ["aria-valuenow", FLOOR],
    ]) {
      this.canvas.setAttribute(name, String(value));
    }
    this.hold = new PeakHold();
    this.level = null;
    this.told = 0;
    this.size = [0, 0];
    this.watch = new ResizeObserver(([entry]) => this.#resize(entry.contentRect));
    this.watch.observe(this.canvas);
  }

  close() {
    this.watch.disconnect();
  }

  /** Take `[rms, peak]` in dBFS, or null where nothing is measured; it is drawn by `draw`. */
  take(level) {
    this.level = level;
    if (level === null) this.hold.clear();
  }

  #resize({ width, height }) {
    const ratio = window.devicePixelRatio || 1;
    this.size = [Math.round(width * ratio), Math.round(height * ratio)];
    [this.canvas.width, this.canvas.height] = this.size;
    if (this.colours) this.draw(this.colours, performance.now());
  }

  /** Draw it; nothing is laid out. */
  draw(colours, now) {
    this.colours = colours;
    const [width, height] = this.size;
    const context = this.canvas.getContext("2d");
    if (!width || !context) return;
    context.clearRect(0, 0, width, height);
    const text = 3.4 * height;
    const span = width - text;
    const thick = Math.round(height * 0.5);
    const top = Math.round((height - thick) / 2);
    context.fillStyle = colours.track;
    context.fillRect(0, top, span, thick);
    if (this.level) this.#fill(context, colours, { span, top, thick, now });
    this.#write(context, colours, width, height);
    this.#tell(now);
  }

  #fill(context, colours, { span, top, thick, now }) {
    const [rms, peak] = this.level;
    for (const { x, width, colour } of bars(rms, span)) {
      context.fillStyle = colours[colour];
      context.fillRect(x, top, width, thick);
    }
    const held = this.hold.take(peak, now);
    if (held <= FLOOR) return;
    context.fillStyle = held > TOO_LOUD ? colours.bad : colours.text;
    const mark = Math.max(2, thick / 4);
    context.fillRect(Math.max(0, position(held) * span - mark), top - mark / 2, mark, thick + mark);
  }

  #write(context, colours, width, height) {
    context.fillStyle = colours.soft;
    context.font = `${Math.round(height * 0.8)}px ${colours.font}`;
    context.textAlign = "right";
    context.textBaseline = "middle";
    const shown = this.level ? `${Math.round(this.level[0])} dB`.replace("-", "−") : "–";
    context.fillText(shown, width, height / 2);
  }

  #tell(now) {
    if (now - this.told < SPOKEN_MS) return;
    this.told = now;
    const rms = this.level ? Math.round(this.level[0]) : FLOOR;
    this.canvas.setAttribute("aria-valuenow", String(Math.max(FLOOR, Math.min(0, rms))));
    this.canvas.setAttribute("aria-valuetext", this.level ? `${rms} dBFS` : "–");
  }
}
