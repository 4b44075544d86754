"""What an entry and its subentries say of the sources that are heard, the entry's own first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .channels import channel_frequencies
from .const import (
    CONF_BASE,
    CONF_SOURCE,
    DOMAIN,
    RECEIVER_OPTIONS,
    SOURCE_AGENTS,
    SUBENTRY_SOURCE,
)
from .eas_core.agent.followed import FollowedStation
from .eas_core.radio.plan import RadioPlan
from .eas_core.sources.source import Source
from .eas_core.station import RecordingOptions, Station
from .eas_core.station.any_station import AnyStation
from .sources import build_source, radio_plan, station_options


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSetting:
    """What is set about one source: the entry's own, or a subentry's.

    `receiver` holds gain and the like; `frequencies` are those of the entry's
    channels. `channel` is what the channels of a subentry's source are called by,
    like nothing else of the station.
    """

    name: str
    data: Mapping[str, Any]
    receiver: Mapping[str, Any]
    frequencies: tuple[int, ...] = ()
    channel: str | None = None
    subentry_id: str | None = None

    @property
    def kind(self) -> str:
        """The kind of source, one of SOURCES."""
        return str(self.data[CONF_SOURCE])

    def plan(self) -> RadioPlan | None:
        """Return the channels that a radio hears, None for audio; raises PlanError."""
        plan = radio_plan(self.data, self.frequencies)
        if plan is None or self.channel is None:
            return plan
        channels = (
            replace(one, name=f"{self.channel} {one.name}") for one in plan.channels
        )
        return replace(plan, channels=tuple(channels))

    def build(self) -> Source:
        """Return the source; raises EasError."""
        return build_source(self.data, self.receiver, self.plan())


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSource:
    """What is set about a source, and the core's station that hears it."""

    setting: SourceSetting
    station: AnyStation


def source_settings(entry: ConfigEntry) -> list[SourceSetting]:
    """Return what is set about all sources of an entry, its own first."""
    own = SourceSetting(
        name=entry.title,
        data=entry.data,
        receiver=_receiver(entry.options),
        frequencies=channel_frequencies(entry),
    )
    return [own, *_others(entry)]


def _receiver(options: Mapping[str, Any]) -> dict[str, Any]:
    return {key: options[key] for key in RECEIVER_OPTIONS if key in options}


def _others(entry: ConfigEntry) -> Iterator[SourceSetting]:
    used: list[str] = []
    for subentry in entry.get_subentries_of_type(SUBENTRY_SOURCE):
        name = subentry.title
        used.append(name)
        again = used.count(name)
        yield SourceSetting(
            name=name,
            data=subentry.data,
            receiver=_receiver(subentry.data),
            channel=name if again == 1 else f"{name} ({again})",
            subentry_id=subentry.subentry_id,
        )


def heard_by(hass: HomeAssistant, identity: str) -> tuple[str, str | None] | None:
    """Return which entry, and which of its subentries, hears what `unique_id` names."""
    for entry in hass.config_entries.async_entries(DOMAIN, include_ignore=False):
        if entry.unique_id == identity:
            return entry.entry_id, None
        for subentry in entry.get_subentries_of_type(SUBENTRY_SOURCE):
            if subentry.unique_id == identity:
                return entry.entry_id, subentry.subentry_id
    return None


def station_source(
    entry: ConfigEntry,
    setting: SourceSetting,
    recording: RecordingOptions | None = None,
) -> StationSource:
    """Return a source ready to be heard, and recorded as is said; raises EasError."""
    options = station_options(entry.title, entry.options, setting.plan(), recording)
    if setting.channel is not None:
        options = replace(options, channel=setting.channel)
    if setting.kind == SOURCE_AGENTS:
        followed = FollowedStation(setting.data[CONF_BASE], options)
        return StationSource(setting=setting, station=followed)
    return StationSource(setting=setting, station=Station(setting.build(), options))
