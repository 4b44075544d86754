/** The card's looks: Home Assistant's theme, sizes in em so that the wall is the same card, larger. */

const TONES = `
:host {
  --eas-ink: var(--primary-text-color, #141414);
  --eas-paper: var(--ha-card-background, var(--card-background-color, #fff));
  --eas-soft: var(--secondary-text-color, #5e5e5e);
  --eas-line: var(--divider-color, rgba(0, 0, 0, 0.12));
  --eas-ok: var(--success-color, #43a047);
  --eas-warn: var(--warning-color, #ffa600);
  --eas-bad: var(--error-color, #db4437);
  --eas-track: color-mix(in srgb, var(--eas-ink) 12%, transparent);
  display: block;
  color: var(--eas-ink);
}
[data-tone="ok"] { --tone: var(--eas-ok); }
[data-tone="warn"] { --tone: var(--eas-warn); }
[data-tone="bad"] { --tone: var(--eas-bad); }
[data-tone="plain"] { --tone: var(--eas-soft); }
[data-danger] { --danger: color-mix(in srgb, var(--eas-bad) 78%, #000); --on-danger: #fff; }
[data-danger="national"] { --danger: #6a1b9a; }
[data-danger="watch"] { --danger: var(--orange-color, #ff6f22); --on-danger: #141414; }
[data-danger="advisory"] { --danger: var(--amber-color, #ffc107); --on-danger: #141414; }
[data-danger="statement"] { --danger: color-mix(in srgb, var(--info-color, #039be5) 65%, #000); }
[data-danger="test"] { --danger: #5a6068; }
`;

const FRAME = `
* { box-sizing: border-box; }
[hidden] { display: none !important; }
ha-card { display: block; container: eas / inline-size; overflow: clip; height: 100%; }
.card { display: flex; flex-direction: column; gap: 1em; padding: 1em; font-size: 1rem; line-height: 1.4; min-height: 100%; }
h2, h3, h4, p, ul, dl, dd { margin: 0; padding: 0; font: inherit; }
ul { list-style: none; }
.icon { width: 1.3em; height: 1.3em; fill: currentColor; display: block; }
.mark { display: inline-flex; flex: none; }
.spoken { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.columns, .column { display: flex; flex-direction: column; gap: 1em; min-width: 0; }
.column:empty { display: none; }
.panel > h3, .panel > summary > h3 { font-size: 0.85em; font-weight: 600; color: var(--eas-soft); }
.panel > h3 { margin-bottom: 0.4em; }
.button, select, input[type="date"] {
  font: inherit; font-size: 0.9em; color: inherit; background: transparent; border: 1px solid color-mix(in srgb, currentColor 35%, transparent);
  border-radius: 1.5em; min-height: 2.5em; padding: 0.2em 0.9em;
}
select option { color: #141414; background: #fff; }
.button { display: inline-flex; align-items: center; gap: 0.4em; cursor: pointer; font-weight: 500; }
.button:hover { background: color-mix(in srgb, currentColor 10%, transparent); }
.round { width: 2.5em; padding: 0; justify-content: center; border-color: transparent; }
:focus-visible { outline: 3px solid var(--primary-color, #03a9f4); outline-offset: 2px; }
.alert :focus-visible { outline-color: currentColor; }
input[type="checkbox"] { width: 1.2em; height: 1.2em; accent-color: var(--primary-color, #03a9f4); }
input[type="range"] { accent-color: currentColor; flex: 1; min-width: 4em; }
summary { cursor: pointer; border-radius: 4px; }
.said, .notice, .example { padding: 0.6em 1em; border-radius: 0.7em; background: color-mix(in srgb, var(--primary-color, #03a9f4) 14%, transparent); font-size: 0.95em; }
.notice a { display: inline-block; margin-top: 0.4em; color: inherit; font-weight: 600; }
.example { align-self: start; padding: 0.1em 0.8em; font-size: 0.8em; font-weight: 600; }
.problem { color: inherit; font-size: 0.9em; }
dl { display: grid; gap: 0.1em 1em; font-size: 0.9em; }
dt { font-weight: 600; opacity: 0.85; }
dd { white-space: pre-wrap; overflow-wrap: anywhere; margin-bottom: 0.4em; }
`;

const HEADER = `
header { display: flex; align-items: center; gap: 0.8em; }
header > .mark {
  width: 2.6em; height: 2.6em; border-radius: 50%; align-items: center; justify-content: center;
  color: color-mix(in srgb, var(--tone) 70%, var(--eas-ink)); background: color-mix(in srgb, var(--tone) 18%, transparent);
}
.titles { flex: 1; min-width: 0; }
h2 { font-size: 1.15em; font-weight: 600; line-height: 1.25; overflow-wrap: anywhere; }
header .state { font-size: 0.9em; text-wrap: balance; color: color-mix(in srgb, var(--tone) 35%, var(--eas-ink)); }
.listen { display: flex; gap: 0.4em; align-items: center; }
.actions { position: relative; }
.menu {
  position: absolute; right: 0; top: 100%; z-index: 2; display: flex; flex-direction: column; min-width: 14em; padding: 0.4em 0;
  background: var(--eas-paper); border: 1px solid var(--eas-line); border-radius: 0.7em; box-shadow: 0 4px 16px rgba(0, 0, 0, 0.3);
}
.menu button { font: inherit; color: inherit; background: none; border: 0; text-align: start; padding: 0.7em 1em; cursor: pointer; }
.menu button:hover, .menu button:focus-visible { background: color-mix(in srgb, var(--eas-ink) 10%, transparent); outline-offset: -3px; }
`;

const ALERTS = `
.calm {
  display: flex; align-items: center; gap: 0.9em; padding: 0.9em 1em; border-radius: 0.9em;
  background: color-mix(in srgb, var(--tone) 12%, transparent);
}
.calm > .mark { color: color-mix(in srgb, var(--tone) 70%, var(--eas-ink)); font-size: 1.5em; }
.calm-title { font-size: 1.25em; font-weight: 600; line-height: 1.3; }
.calm-text { font-size: 0.9em; color: var(--eas-soft); }
.calm[data-tone="bad"] .calm-text { color: var(--eas-ink); }
.calm:not([hidden]) + .alerts:not(:empty) { margin-top: 0.7em; }
.alerts { display: grid; gap: 0.7em; }
.alert {
  display: flex; flex-wrap: wrap; gap: 0.5em 1em; align-items: start; padding: 0.9em 1em; border-radius: 0.9em;
  background: linear-gradient(color-mix(in srgb, var(--danger) 14%, transparent) 0 0), var(--eas-paper);
  border-inline-start: 0.4em solid var(--danger);
}
.alert.lead { background: var(--danger); color: var(--on-danger); border: 0; }
.alert-head { display: flex; gap: 0.7em; flex: 1 1 min-content; }
.alert-head > .mark { font-size: 1.3em; padding-top: 0.05em; }
.alert:not(.lead) .alert-head > .mark { color: color-mix(in srgb, var(--danger) 60%, var(--eas-ink)); }
.alert h3 { font-size: 1.25em; font-weight: 700; line-height: 1.2; overflow-wrap: break-word; text-wrap: balance; }
.alert.lead h3 { font-size: 1.6em; }
.badge { display: inline-block; margin-top: 0.3em; padding: 0 0.7em; border-radius: 1em; font-size: 0.8em; font-weight: 600; background: var(--danger); color: var(--on-danger); }
.lead .badge { background: var(--on-danger); color: var(--danger); }
.alert-time { white-space: nowrap; }
.left { display: block; font-size: 1.25em; font-weight: 700; line-height: 1.2; font-variant-numeric: tabular-nums; }
.lead .left { font-size: 1.6em; }
.until { font-size: 0.85em; }
.alert .places, .alert .message { flex: 1 0 100%; }
.alert .places { font-weight: 600; }
.alert .message { max-width: 70ch; }
.more[open] { flex: 1 0 100%; }
.more summary { width: max-content; font-size: 0.9em; font-weight: 500; padding: 0.5em 0; }
.more dl { margin-top: 0.4em; }
.player { display: flex; flex-wrap: wrap; align-items: center; gap: 0.6em; }
.time { font-size: 0.85em; font-variant-numeric: tabular-nums; white-space: nowrap; }
.alert.minor { padding: 0.5em 0.8em; background: none; border: 1px solid var(--eas-line); border-inline-start: 0.3em solid var(--danger); }
.minor h3 { font-size: 1em; font-weight: 600; display: inline; margin-inline-end: 0.5em; }
.minor .left { font-size: 1em; display: inline; }
.minor .badge { margin-top: 0; }
.minor .until { margin-inline-start: 0.5em; }
.minor .places { font-weight: 400; font-size: 0.9em; color: var(--eas-soft); }
.others { margin-top: 0.4em; font-size: 0.9em; color: var(--eas-soft); }
.map { display: block; width: 100%; border-radius: 0.9em; background: color-mix(in srgb, var(--eas-ink) 5%, transparent); }
.land { fill: color-mix(in srgb, var(--eas-ink) 5%, var(--eas-paper)); stroke: color-mix(in srgb, var(--eas-ink) 22%, transparent); stroke-width: 0.8; }
.struck { fill: color-mix(in srgb, var(--danger) 72%, var(--eas-paper)); stroke: var(--danger); stroke-width: 1.6; }
.storm { fill: color-mix(in srgb, var(--danger) 45%, transparent); stroke: var(--eas-ink); stroke-width: 2; stroke-dasharray: 5 3; }
.county { font-size: 12px; font-weight: 600; text-anchor: middle; dominant-baseline: middle; fill: var(--eas-ink); stroke: var(--eas-paper); stroke-width: 3; paint-order: stroke; pointer-events: none; }
.home { fill: var(--primary-color, #03a9f4); stroke: var(--eas-paper); stroke-width: 2; paint-order: stroke; }
`;

const CHANNELS = `
.channels { display: grid; gap: 0.15em; }
.channel {
  display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: 0 0.6em; align-items: center; padding: 0.25em 0; font-size: 0.95em;
}
.channel > .mark { color: color-mix(in srgb, var(--tone) 75%, var(--eas-ink)); }
.names { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.6em; min-width: 0; }
.name { font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
.who { color: var(--eas-soft); font-size: 0.9em; }
.channel .state { font-size: 0.85em; text-align: end; color: color-mix(in srgb, var(--tone) 35%, var(--eas-ink)); }
.why { grid-column: 2 / -1; font-size: 0.85em; }
.channel canvas { grid-column: 2 / -1; width: 100%; height: 1.1em; contain: strict; }
.channel[data-state="no_signal"] .name { font-weight: 400; color: var(--eas-soft); }
.waterfall { position: relative; padding-top: 1.3em; }
.waterfall canvas { display: block; width: 100%; height: 6em; border-radius: 0 0 0.5em 0.5em; background: #080c26; image-rendering: auto; contain: strict; }
.marks { position: absolute; inset: 0; pointer-events: none; }
.channel-mark { position: absolute; top: 0; height: 1.7em; transform: translateX(-50%); font-size: 0.75em; color: var(--eas-soft); font-variant-numeric: tabular-nums; }
.channel-mark::after { content: ""; position: absolute; left: 50%; bottom: -0.1em; height: 0.4em; border-left: 2px solid currentColor; }
.channel-mark[data-state="hearing"] { color: var(--eas-ink); font-weight: 600; }
`;

const HISTORY = `
.history > summary > h3 { display: inline; }
.filter { display: flex; flex-wrap: wrap; gap: 0.5em; align-items: center; margin: 0.6em 0; }
.filter select { max-width: 14em; }
.filter label { display: inline-flex; gap: 0.4em; align-items: center; font-size: 0.9em; min-height: 2.5em; }
.days h4 { font-weight: 600; font-size: 0.9em; margin: 0.8em 0 0.2em; }
.days li { border-top: 1px solid var(--eas-line); }
.days summary { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: 0 0.6em; padding: 0.5em 0; list-style: none; align-items: center; }
.days summary::-webkit-details-marker { display: none; }
.days .mark { color: color-mix(in srgb, var(--danger) 60%, var(--eas-ink)); }
.days .event { font-weight: 600; }
.days time { font-size: 0.85em; }
.days .places { grid-column: 2 / -1; font-size: 0.9em; color: var(--eas-soft); }
.days dl, .days .player { margin: 0 0 0.8em 1.9em; }
`;

const LAYOUTS = `
.compact { gap: 0.6em; padding: 0.7em 0.8em; }
.compact .calm { padding: 0.5em 0.8em; }
.compact .calm-title { font-size: 1.05em; }
.compact .alert { padding: 0.7em 0.8em; }
.compact .lead h3, .compact .lead .left { font-size: 1.25em; }
.compact .more, .compact .player { display: none; }
.wall { font-size: clamp(1rem, 0.55rem + 1.1cqi, 2rem); padding: 1.2em; gap: 1.2em; }
.wall .lead { padding: 1.2em 1.3em; }
.wall .lead h3, .wall .lead .left { font-size: clamp(1.5em, 4.2cqi, 2.6em); line-height: 1.05; }
.wall .lead .places { font-size: 1.4em; line-height: 1.25; }
.wall .lead .until { font-size: 1.2em; }
.wall .map { max-height: 42vh; }
.wall .channels { font-size: 0.8em; }
.wall .calm { padding: 2em 1.5em; }
.wall .calm-title { font-size: 2em; }
.wall .calm-text { font-size: 1.1em; }
@container eas (min-width: 760px) {
  .columns.two { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); align-items: start; gap: 1.5em; }
}
@container eas (max-width: 419px) {
  .wide { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .listen .button { width: 2.5em; padding: 0; justify-content: center; }
  .lead h3, .lead .left { font-size: 1.35em; }
}
@media (prefers-reduced-motion: no-preference) {
  .alert { animation: arrive 0.4s ease-out; }
  .soon .left { animation: pulse 2s ease-in-out infinite; }
  @keyframes arrive { from { opacity: 0; transform: translateY(-0.5em); } }
  @keyframes pulse { 50% { opacity: 0.65; } }
}
@media (forced-colors: active) {
  .alert, .badge, .calm { border: 1px solid CanvasText; }
}
`;

/** The sheet, made once and shared by all cards of a page. */
export const SHEET = new CSSStyleSheet();
SHEET.replaceSync(TONES + FRAME + HEADER + ALERTS + CHANNELS + HISTORY + LAYOUTS);
