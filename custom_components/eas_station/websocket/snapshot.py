"""What a subscriber is told of a station: all at first, then the parts that change."""

from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..coordinator import EasStationConfigEntry
from ..devices import agent_identity, channel_identity, source_identity
from ..eas_core import __version__
from ..eas_core.agent.fleet import agent_of_channel
from ..eas_core.agent.followed import FollowedStation
from ..eas_core.same.locations import Transmitter
from ..eas_core.station import Alert, ChannelStatus, SourceState, SourceStatus
from ..eas_core.station.options import StationOptions
from ..events import alert_event_data, station_data
from ..permission import station_entities
from ..source_coordinator import SourceCoordinator
from .home import Home

VERSION: Final = 1
"""Of the protocol; what is only added to does not raise it."""


class ChannelParts:
    """What is told of the channels, made anew where one has changed: agents may have thousands."""

    def __init__(self) -> None:
        """Have made nothing yet."""
        self._made_of: object = None
        self._parts: list[dict[str, Any]] = []

    def read(
        self, hass: HomeAssistant, entry: EasStationConfigEntry, home: Home
    ) -> list[dict[str, Any]]:
        """Return a part for each channel."""
        sources = entry.runtime_data.sources
        made_of = (
            home,
            [
                (one.data.channels, one.data.status, one.station.live.names)
                for one in sources
            ],
        )
        if made_of != self._made_of:
            self._made_of = made_of
            self._parts = [
                _channel(one, source, home)
                | {"device_id": _device_id(hass, source, one)}
                for source in sources
                for one in source.data.channels
            ]
        return self._parts


def snapshot(
    hass: HomeAssistant,
    entry: EasStationConfigEntry,
    home: Home,
    channels: ChannelParts,
) -> dict[str, Any]:
    """Return all that is the same for every user."""
    coordinator, county = entry.runtime_data, home.county
    return {
        "type": "snapshot",
        "version": VERSION,
        **station_data(hass, entry),
        "integration_version": __version__,
        "radio": coordinator.is_radio,
        "home": {
            "latitude": home.latitude,
            "longitude": home.longitude,
            "county": None
            if county is None
            else {"code": county.code, "name": county.name, "state": county.state},
        },
        **changing_parts(hass, entry, home, channels),
        "entities": _own_entities(hass, entry),
        "live": bool(coordinator.listenable),
        "recording": coordinator.recordings is not None,
    }


def _own_entities(hass: HomeAssistant, entry: EasStationConfigEntry) -> dict[str, str]:
    """Return the ids of the station's entities by their keys; not those of other sources."""
    start = f"{entry.entry_id}_"
    return {
        unique_id.removeprefix(start): entity_id
        for unique_id, entity_id in station_entities(hass, entry).items()
        if unique_id.startswith(start)
    }


def changing_parts(
    hass: HomeAssistant,
    entry: EasStationConfigEntry,
    home: Home,
    channels: ChannelParts,
) -> dict[str, Any]:
    """Return what a `state` may tell anew, each part whole."""
    coordinator = entry.runtime_data
    state, weekly = coordinator.data, coordinator.data.heard.weekly_test
    return {
        "status": {
            "state": state.status.state.value,
            "since": state.status.since.isoformat(),
            "reason": _reason(state.status),
            "hint": state.status.hint,
        },
        "channels": channels.read(hass, entry, home),
        "active": [
            alert_object(hass, entry, alert) for alert in reversed(state.heard.active)
        ],
        "weekly_test": None if weekly is None else weekly.isoformat(),
        "weekly_test_overdue": state.faults.weekly_test_overdue,
        "counters": {"messages": state.messages},
    }


def alert_object(
    hass: HomeAssistant, entry: EasStationConfigEntry, alert: Alert
) -> dict[str, Any]:
    """Return an alert as its event tells it, and whether it lives."""
    told = alert_event_data(hass, entry, alert)
    return told | {"active": alert.expires > dt_util.utcnow()}


def _device_id(
    hass: HomeAssistant, source: SourceCoordinator, channel: ChannelStatus
) -> str | None:
    """Return the channel's own device, or the source's that it belongs to."""
    registry, entry = dr.async_get(hass), source.config_entry
    identities = [source_identity(source)]
    frequency = _frequency(channel.channel, source.station.options)
    if frequency is not None:
        identities.insert(0, channel_identity(source, frequency))
    if isinstance(source.station, FollowedStation):
        agent = agent_of_channel(channel.channel)
        identities.insert(0, agent_identity(source, agent))
    for identity in identities:
        device = registry.async_get_device_by_identifier(
            (DOMAIN, identity), entry.entry_id
        )
        if device is not None:
            return device.id
    return None


def _channel(
    one: ChannelStatus, source: SourceCoordinator, home: Home
) -> dict[str, Any]:
    frequency = _frequency(one.channel, source.station.options)
    live = one.channel in source.station.live.names
    # The source's name says all of a channel that is heard here, and nothing of an agent's.
    name = source.setting.name if live else one.channel
    transmitter = home.transmitters.get(frequency or 0)
    return {
        "id": one.channel,
        "name": one.channel,
        "label": name if frequency is None else _label(frequency, one.channel),
        "frequency_hz": frequency,
        "transmitter": None if transmitter is None else _transmitter(transmitter),
        "live": live,
        "state": one.state.value,
        "since": one.since.isoformat(),
        "reason": None
        if one.state is SourceState.HEARING
        else _channel_reason(one, source),
    }


def _channel_reason(one: ChannelStatus, source: SourceCoordinator) -> str | None:
    if isinstance(source.station, FollowedStation):
        return source.station.fleet.reason_of(one.channel)
    return _reason(source.data.status)


def _frequency(channel: str, options: StationOptions) -> int | None:
    plan = options.radio
    if plan is None:
        return None
    return next((one.frequency for one in plan.channels if one.name == channel), None)


def _label(frequency: int, name: str) -> str:
    return f"{name} {'kHz' if frequency < 2_000_000 else 'MHz'}"


def _transmitter(one: Transmitter) -> dict[str, str]:
    return {"call_sign": one.call_sign, "name": one.name, "state": one.state}


def _reason(status: SourceStatus) -> str | None:
    return None if status.reason is None else status.reason.value
