/** What the card picker shows where there is no station yet. */

const MINUTE = 60_000;

/** Return a station as its subscription would tell of it. */
export function exampleStation(now = Date.now()) {
  const ago = (minutes) => new Date(now - minutes * MINUTE).toISOString();
  const since = ago(190);
  const place = { code: "039035", name: "Cuyahoga County", state: "OH", part: 0 };
  const channel = (mhz, state, transmitter) => ({
    id: mhz, name: mhz, label: `${mhz} MHz`, frequency_hz: Math.round(1e6 * Number(mhz)), transmitter, state, since, reason: null,
  });
  return {
    link: "live",
    example: true,
    station: "Weather radio",
    radio: false,
    status: { state: "hearing", since, reason: null, hint: null },
    channels: [
      channel("162.550", "hearing", { call_sign: "KHB59", name: "Cleveland", state: "OH" }),
      channel("162.400", "no_signal", null),
    ],
    active: [
      {
        id: "example", event: "Severe Thunderstorm Warning", event_code: "SVR", significance: "warning", relevant: true,
        locations: [place, { ...place, code: "039093", name: "Lorain County" }],
        issued: ago(3), received: ago(3), expires: ago(-42), channels: ["162.550"],
        originator_name: "National Weather Service", sender: "KCLE/NWS", confidence: 1,
        message: "The National Weather Service in Cleveland has issued a Severe Thunderstorm Warning.",
      },
    ],
    weekly_test: ago(2 * 24 * 60),
    weekly_test_overdue: false,
    notes: new Map(),
  };
}

/** Levels that go with it. */
export const EXAMPLE_LEVELS = [[-18, -9], null];
