/** How dangerous an alert is: its order, its icon; colours are in the styles. */

/** From the most to the least; an event that no list knows counts as a warning. */
const ORDER = ["national", "warning", "unknown", "watch", "advisory", "statement", "test"];

const ICONS = { watch: "eye", advisory: "info", statement: "info", test: "test" };

/** Warnings that leave minutes come before those that leave hours, in this order. */
const AT_ONCE = ["TOR", "EWW", "TSW", "EQW", "VOW", "NUW", "RHW", "CHW", "BHW", "SPW", "EVI", "CDW", "FRW", "FFW", "DBW", "SVR"];

/** Return the name of a danger that the styles know. */
export function danger(alert) {
  if (alert.test || alert.self_test) return "test";
  return ORDER.includes(alert.significance) ? alert.significance : "unknown";
}

/** Return the icon of a danger. */
export function dangerIcon(name) {
  return ICONS[name] ?? "alert";
}

/** Whether it is shown small: a test, or one that concerns the user not. */
export function isMinor(alert) {
  return danger(alert) === "test" || alert.relevant === false;
}

/** Return the alerts that live at a time (ms), the most dangerous first. */
export function byDanger(alerts, now) {
  return alerts.filter((alert) => Date.parse(alert.expires) > now).sort(compare);
}

function haste({ event_code: code }) {
  const at = AT_ONCE.indexOf(code);
  return at < 0 ? AT_ONCE.length : at;
}

function compare(one, other) {
  return (
    isMinor(one) - isMinor(other) ||
    ORDER.indexOf(danger(one)) - ORDER.indexOf(danger(other)) ||
    haste(one) - haste(other) ||
    Date.parse(other.received) - Date.parse(one.received)
  );
}
