"""Which alerts an automation wants: the options that triggers and conditions share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.trigger import NotTriggeredInfo
import probatio

from .const import CONF_CORROBORATED, DOMAIN
from .coordinator import EasStationConfigEntry
from .eas_core.modem.decoded import UNCERTAIN
from .eas_core.station.contract import ContractError, utc_time
from .eas_core.station.filters import Reason, covers
from .events import alert_event_data

CONF_ENTRY: Final = "config_entry_id"
CONF_EVENTS: Final = "events"
CONF_MINIMUM_SIGNIFICANCE: Final = "minimum_significance"
CONF_PLACES: Final = "places"
CONF_TESTS: Final = "tests"
CONF_ONLY_RELEVANT: Final = "only_relevant"

ANY: Final = "any"
TESTS_INCLUDE: Final = "include"
TESTS_EXCLUDE: Final = "exclude"
TESTS_ONLY: Final = "only"

SIGNIFICANCES: Final = ("statement", "advisory", "watch", "warning", "national")
"""From the least on. What no list has (`unknown`) may be the gravest."""

ENTRY_OPTION: Final[dict[probatio.Marker, Any]] = {
    probatio.Optional(CONF_ENTRY, default=""): probatio.Any(None, cv.string),
}
ALERT_OPTIONS: Final[dict[probatio.Marker, Any]] = ENTRY_OPTION | {
    probatio.Optional(CONF_EVENTS, default=list): probatio.All(
        cv.ensure_list, [probatio.All(cv.string, probatio.Upper)]
    ),
    probatio.Optional(CONF_MINIMUM_SIGNIFICANCE, default=ANY): probatio.In(
        [ANY, *SIGNIFICANCES]
    ),
    probatio.Optional(CONF_PLACES, default=list): probatio.All(
        cv.ensure_list, [probatio.All(cv.string, cv.matches_regex(r"^\d{6}$"))]
    ),
    probatio.Optional(CONF_TESTS, default=TESTS_EXCLUDE): probatio.In(
        [TESTS_EXCLUDE, TESTS_INCLUDE, TESTS_ONLY]
    ),
    probatio.Optional(CONF_ONLY_RELEVANT, default=True): cv.boolean,
    probatio.Optional(CONF_CORROBORATED, default=False): cv.boolean,
}

TEXTS: Final = (
    *("id", "entry_id", "station", "event_code", "event", "significance"),
    *("header", "best_guess", "reason"),
)
FLAGS: Final = ("test", "self_test", "relevant", "corroborated")
"""What is asked of an alert here, beside its places and its time of expiry."""

type AlertData = Mapping[str, Any]
"""What an `eas_alert` event holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAlerts:
    """The alerts that an automation asks for; those that are not certain are never held back."""

    entry_id: str
    events: frozenset[str]
    minimum_significance: str
    places: tuple[str, ...]
    tests: str
    only_relevant: bool
    corroborated: bool

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Self:
        """Take validated options."""
        return cls(
            entry_id=options[CONF_ENTRY] or "",
            events=frozenset(options[CONF_EVENTS]),
            minimum_significance=options[CONF_MINIMUM_SIGNIFICANCE],
            places=tuple(options[CONF_PLACES]),
            tests=options[CONF_TESTS],
            only_relevant=options[CONF_ONLY_RELEVANT],
            corroborated=options[CONF_CORROBORATED],
        )

    def held_back(self, alert: AlertData) -> NotTriggeredInfo | None:
        """Return why an alert is not wanted, None where it is."""
        reason = (
            self._held_by_station(alert)
            or self._held_by_test(alert)
            or self._held_by_event(alert)
            or self._held_by_place(alert)
            or self._held_by_doubt(alert)
        )
        if reason is None and self.only_relevant and not alert["relevant"]:
            reason = "not_relevant"
        return None if reason is None else NotTriggeredInfo(reason, told(alert))

    def waits(self, alert: AlertData, held: NotTriggeredInfo) -> bool:
        """Whether what holds an alert back may be over when another channel hears it."""
        return Reason.NOT_CORROBORATED in (held.reason, alert["reason"])

    def _held_by_doubt(self, alert: AlertData) -> str | None:
        # What the station made itself nobody else can hear.
        doubted = not (alert["corroborated"] or alert["self_test"])
        return Reason.NOT_CORROBORATED if self.corroborated and doubted else None

    def _held_by_station(self, alert: AlertData) -> str | None:
        elsewhere = self.entry_id not in ("", alert["entry_id"])
        return "other_station" if elsewhere else None

    def _held_by_test(self, alert: AlertData) -> str | None:
        if not alert["test"]:
            return "no_test" if self.tests == TESTS_ONLY else None
        # Whoever names a test wants it.
        excluded = self.tests == TESTS_EXCLUDE
        return "test" if excluded and alert["event_code"] not in self.events else None

    def _held_by_event(self, alert: AlertData) -> str | None:
        if not alert["event_code"]:
            return None
        if self.events and alert["event_code"] not in self.events:
            return "other_event"
        least = self.minimum_significance
        if least == ANY or alert["test"] or alert["significance"] not in SIGNIFICANCES:
            return None
        weight = SIGNIFICANCES.index
        return (
            "less_significant"
            if weight(alert["significance"]) < weight(least)
            else None
        )

    def _held_by_place(self, alert: AlertData) -> str | None:
        if not self.places:
            return None
        codes = [location["code"] for location in alert["locations"]]
        if any(covers(code, place) for code in codes for place in self.places):
            return None
        sent = alert["best_guess"].partition("+")[0]
        uncertain = UNCERTAIN in alert["header"][: len(sent)]
        return None if uncertain else "other_location"


def is_alert(data: AlertData) -> bool:
    """Whether an event is an alert of a station's, and none that somebody else has fired and left fields out of."""
    places = data.get("locations")
    try:
        utc_time(data, "expires")
    except ContractError:
        return False
    return (
        all(isinstance(data.get(key), str) for key in TEXTS)
        and all(isinstance(data.get(key), bool) for key in FLAGS)
        and isinstance(places, list)
        and all(
            isinstance(place, dict) and isinstance(place.get("code"), str)
            for place in places
        )
    )


def told(alert: AlertData) -> dict[str, Any]:
    """Return what a trace shows of an alert that did nothing."""
    return {
        "id": alert["id"],
        "station": alert["station"],
        "event_code": alert["event_code"],
        "significance": alert["significance"],
        "locations": [location["code"] for location in alert["locations"]],
        "test": alert["test"],
        "relevant": alert["relevant"],
        "reason": alert["reason"],
    }


@callback
def async_active_alerts(hass: HomeAssistant) -> Iterator[dict[str, Any]]:
    """Yield the active alerts of all stations, as `eas_alert` told them."""
    entries: list[EasStationConfigEntry] = hass.config_entries.async_loaded_entries(
        DOMAIN
    )
    for entry in entries:
        for alert in entry.runtime_data.data.heard.active:
            yield alert_event_data(hass, entry, alert)
