"""What the user wants to be told of, as an entry says it.

It is read at each alert: what is set under Configure holds from then on, and the
station need not begin anew for it.
"""

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from .const import (
    CONF_CORROBORATED,
    CONF_EVENT_RULE,
    CONF_EVENTS,
    CONF_LOCATIONS,
    CONF_PLACES,
    CONF_TESTS,
)
from .coordinator import EasStationConfigEntry
from .eas_core.station import Alert
from .eas_core.station.filters import AlertFilter, EventRule, Verdict, weigh
from .heard import Relevant


def alert_filter(entry: EasStationConfigEntry) -> AlertFilter:
    """Return an entry's filter; the places of its set-up hold until others are set."""
    options = entry.options
    places = options.get(CONF_PLACES, entry.data.get(CONF_LOCATIONS, []))
    return AlertFilter(
        places=tuple(places),
        event_rule=EventRule(options.get(CONF_EVENT_RULE, EventRule.ALL)),
        events=frozenset(options.get(CONF_EVENTS, ())),
        tests=options.get(CONF_TESTS, True),
        corroborated=options.get(CONF_CORROBORATED, False),
    )


def judge(entry: EasStationConfigEntry, alert: Alert) -> Verdict:
    """Return whether an alert is relevant to an entry's user now, and by which rule."""
    return weigh(alert, alert_filter(entry))


def active_alerts(entry: EasStationConfigEntry) -> tuple[Alert, ...]:
    """Return the relevant alerts whose life is not over, newest last; tests are none.

    It is the same object until alerts or the filter change: dozens of entities ask.
    """
    coordinator = entry.runtime_data
    active, wanted = coordinator.data.heard.active, alert_filter(entry)
    known = coordinator.relevant
    if known is None or known.active is not active or known.wanted != wanted:
        alerts = (one for one in active if not one.test and weigh(one, wanted).relevant)
        known = coordinator.relevant = Relevant(active, wanted, tuple(alerts))
    return known.alerts


@callback
def async_follow_options(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> CALLBACK_TYPE:
    """Have entities show what an entry's new filter makes of the alerts; return what ends that."""
    coordinator = entry.runtime_data

    @callback
    def changed(change: ConfigEntryChange, of_entry: ConfigEntry) -> None:
        if of_entry is entry and change is ConfigEntryChange.UPDATED:
            coordinator.async_update_listeners()

    return async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, changed)
