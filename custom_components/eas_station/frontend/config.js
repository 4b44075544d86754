/** The card's settings: what they may be, and the form that Home Assistant makes of them. */

import { translate } from "./strings.js";

export const LAYOUTS = ["normal", "compact", "wall"];

/** What can be shown beside the state and the active alerts, which always are. */
export const PARTS = ["map", "channels", "waterfall", "history", "listen", "actions"];

const BY_LAYOUT = {
  normal: PARTS,
  compact: ["listen"],
  wall: ["map", "channels", "waterfall", "listen"],
};

/**
 * Return the settings with what was left out.
 * @throws {Error} that names what is wrong
 */
export function checked(config) {
  if (!config || typeof config !== "object") throw new Error("EAS Station: the card has no configuration.");
  const { layout = "normal", show, entry_id: entry, title } = config;
  if (!LAYOUTS.includes(layout)) throw new Error(`EAS Station: layout must be ${LAYOUTS.join(", ")}.`);
  if (typeof (entry ?? "") !== "string") throw new Error("EAS Station: entry_id must be a text.");
  if (typeof (title ?? "") !== "string") throw new Error("EAS Station: title must be a text.");
  const wrong = show == null ? [] : Array.isArray(show) ? show.filter((part) => !PARTS.includes(part)) : [show];
  if (wrong.length) throw new Error(`EAS Station: show must be a list of ${PARTS.join(", ")}; it has ${wrong.join(", ")}.`);
  return { ...config, layout, show: new Set(show?.length ? show : BY_LAYOUT[layout]) };
}

/** Return the form of the visual editor, as Home Assistant's `ha-form` takes it. */
export function form(language) {
  const t = (key) => translate(language, key);
  const options = (group, values) => values.map((value) => ({ value, label: t(`${group}.${value}`) }));
  return {
    schema: [
      { name: "entry_id", selector: { config_entry: { integration: "eas_station" } } },
      { name: "title", selector: { text: {} } },
      { name: "layout", default: "normal", selector: { select: { mode: "dropdown", options: options("layout", LAYOUTS) } } },
      { name: "show", selector: { select: { multiple: true, mode: "list", options: options("show", PARTS) } } },
    ],
    computeLabel: ({ name }) => t(`editor.${name}`),
    computeHelper: ({ name }) => (["entry_id", "show"].includes(name) ? t(`editor.${name}_help`) : undefined),
  };
}

/** Return the settings of a new card: where there are several stations it shows the first. */
export function stub(hass) {
  const ours = Object.values(hass?.entities ?? {}).filter((entity) => entity.platform === "eas_station");
  const entries = new Set(ours.map((entity) => hass.devices?.[entity.device_id]?.primary_config_entry).filter(Boolean));
  return entries.size > 1 ? { entry_id: [...entries][0] } : {};
}
