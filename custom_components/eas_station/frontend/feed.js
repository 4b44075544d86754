/**
 * One subscription to a station, and what is known of it.
 *
 * Home Assistant's connection would subscribe again by itself after a reconnect, but not once
 * more where the integration is not up yet: after a restart it is not. So it is done here.
 */

const FIRST_RETRY = 1000;
const LAST_RETRY = 30_000;
/** A clock of the browser's that is off by less is as good as the server's. */
const SKEW = 3000;
const KEPT_NOTES = 200;
const RECALLED = 50;

/**
 * @typedef {object} Listener
 * @property {(station: any) => void} state something that is not a reading is new
 * @property {(levels: any[]) => void} levels
 * @property {(spectrum: any) => void} spectrum
 * @property {(alert: any) => void} alert an alert was heard now
 * @property {(entry: any) => void} history
 */

export class Feed {
  /** @param {Listener} listener */
  constructor(listener) {
    this.listener = listener;
    this.station = { link: "connecting", error: null, notes: new Map() };
    this.skew = 0;
    this.wait = FIRST_RETRY;
    this.open = false;
    this.onReady = () => this.#again();
    this.onLost = () => this.#lost();
  }

  /** Subscribe and stay subscribed until `close`. */
  start(connection, request) {
    this.connection = connection;
    this.request = request;
    this.open = true;
    connection.addEventListener("ready", this.onReady);
    connection.addEventListener("disconnected", this.onLost);
    if (connection.connected === false) this.#change({ link: "reconnecting" });
    else this.#subscribe();
  }

  /** End the subscription. */
  close() {
    if (!this.open) return;
    this.open = false;
    clearTimeout(this.timer);
    this.connection.removeEventListener("ready", this.onReady);
    this.connection.removeEventListener("disconnected", this.onLost);
    const stop = this.stop;
    this.stop = null;
    release(stop);
  }

  /** The time by the server's clock, in ms. */
  now() {
    return Date.now() + this.skew;
  }

  #again() {
    this.stop = null;
    this.wait = FIRST_RETRY;
    this.#subscribe();
  }

  #lost() {
    clearTimeout(this.timer);
    this.stop = null;
    this.#change({ link: "reconnecting" });
    this.listener.levels([]);
  }

  async #subscribe() {
    clearTimeout(this.timer);
    const turn = (this.turn = {});
    const take = (event) => this.open && this.turn === turn && this.#take(event);
    try {
      const stop = await this.connection.subscribeMessage(take, this.request, { resubscribe: false });
      if (this.open && this.turn === turn) this.stop = stop;
      else release(stop);
      this.wait = FIRST_RETRY;
    } catch (error) {
      if (this.open && this.turn === turn) this.#refused(error);
    }
  }

  #refused(error) {
    if (this.connection.connected !== false) {
      this.#change({ link: "refused", error: told(error) });
    }
    this.timer = setTimeout(() => this.#subscribe(), this.wait);
    this.wait = Math.min(2 * this.wait, LAST_RETRY);
  }

  #take(event) {
    switch (event.type) {
      case "levels":
        this.#setClock(event.t);
        return this.listener.levels(event.levels);
      case "spectrum":
        return this.listener.spectrum(event);
      case "snapshot":
        this.#change({ ...event, link: "live", error: null });
        return this.#recall(event);
      case "state":
        return this.#change(parts(event));
      case "alert":
        this.#change({ active: withAlert(this.station.active, event.alert) });
        return this.listener.alert(event.alert);
      case "alert_updated":
        return this.#change({ active: withAlert(this.station.active, event.alert) });
      case "end":
        return this.note({ id: event.alert_id, ended: event.received });
      case "removed":
        return this.#refused({ code: "not_found" });
      case "history":
        this.note(event.entry);
        return this.listener.history(event.entry);
    }
    return undefined;
  }

  /** Ask what came after the alerts that are active: text, transcript, end. */
  async #recall({ entry_id: entry, active }) {
    const ids = new Set(active.map((alert) => alert.id));
    if (!ids.size) return;
    try {
      const asked = { type: "eas_station/history", entry_id: entry, limit: RECALLED };
      const { entries } = await this.connection.sendMessagePromise(asked);
      if (this.open) entries.filter(({ id }) => ids.has(id)).forEach((known) => this.note(known));
    } catch (error) {
      // The alerts are shown without; each change of theirs is told anyway.
    }
  }

  /** Keep what came after an alert: its end, recording, transcript. */
  note(entry) {
    if (!entry?.id) return;
    const notes = new Map(this.station.notes);
    notes.set(entry.id, { ...notes.get(entry.id), ...entry });
    if (notes.size > KEPT_NOTES) notes.delete(notes.keys().next().value);
    this.#change({ notes });
  }

  #change(change) {
    this.station = { ...this.station, ...change };
    this.listener.state(this.station);
  }

  #setClock(iso) {
    const skew = Date.parse(iso) - Date.now();
    if (Number.isFinite(skew)) this.skew = Math.abs(skew) < SKEW ? 0 : skew;
  }
}

function parts({ type, ...rest }) {
  return rest;
}

function withAlert(active = [], alert) {
  return [alert, ...active.filter((one) => one.id !== alert.id)];
}

/** End a subscription that may be gone already, with its connection. */
function release(stop) {
  Promise.resolve(stop?.()).catch(() => {});
}

function told(error) {
  return {
    code: error?.code,
    message: error?.message,
    key: error?.translation_key,
    count: error?.translation_placeholders?.count,
  };
}
