"""The channels of weather radio: what they are called, and the subentries that they are."""

from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry, ConfigSubentryData
from homeassistant.core import HomeAssistant, callback

from .const import BAND_NWR, CONF_BAND, CONF_FREQUENCY, CONF_RECEPTION, SUBENTRY_CHANNEL
from .eas_core.radio.plan import NWR_CHANNELS, channel_name
from .eas_core.same.transmitters import NearbyTransmitter, nearby_transmitters

MOST_NAMES: Final = 2
SERVES_HOME: Final = "★"

type Nearby = dict[int, list[NearbyTransmitter]]


async def async_nearby(hass: HomeAssistant) -> Nearby:
    """Return the transmitters near home by their frequencies in Hz, the best first."""
    near = await hass.async_add_executor_job(
        nearby_transmitters, hass.config.latitude, hass.config.longitude
    )
    return {
        frequency: [one for one in near if _frequency(one) == frequency]
        for frequency in NWR_CHANNELS
    }


def _frequency(one: NearbyTransmitter) -> int:
    return round(one.transmitter.frequency_mhz * 1e6)


def hears_weather_radio(entry: ConfigEntry) -> bool:
    """Whether an entry's own source is a radio on the band of weather radio."""
    reception = entry.data.get(CONF_RECEPTION)
    return reception is not None and reception[CONF_BAND] == BAND_NWR


def channel_frequencies(entry: ConfigEntry) -> tuple[int, ...]:
    """Return what the channels of an entry are, Hz."""
    channels = entry.get_subentries_of_type(SUBENTRY_CHANNEL)
    return tuple(sorted(one.data[CONF_FREQUENCY] for one in channels))


def channel_label(
    frequency: int, transmitters: Iterable[NearbyTransmitter], *more: str
) -> str:
    """Return such as `162.550 MHz · 24 dB · KHB59 Cleveland, OH, 23 km NE ★`.

    The star is for a transmitter that serves home.
    """
    names: Sequence[str] = [
        f"{one.transmitter.call_sign} {one.transmitter.name}, {one.transmitter.state},"
        f" {one.distance_km:.0f} km {one.wind}{f' {SERVES_HOME}' * one.serves_home}"
        for one in transmitters
    ]
    return " · ".join((f"{channel_name(frequency)} MHz", *more, *names[:MOST_NAMES]))


def channel_subentry(frequency: int, near: Nearby) -> ConfigSubentryData:
    """Return the subentry of a channel, named by its frequency and its best transmitter."""
    senders = [one.transmitter.call_sign for one in near.get(frequency, ())][:1]
    return ConfigSubentryData(
        data={CONF_FREQUENCY: frequency},
        subentry_type=SUBENTRY_CHANNEL,
        title=" ".join((f"{channel_name(frequency)} MHz", *senders)),
        unique_id=str(frequency),
    )


def new_subentry(made: ConfigSubentryData) -> ConfigSubentry:
    """Return a subentry that can be added."""
    return ConfigSubentry(
        data=MappingProxyType(made["data"]),
        subentry_type=made["subentry_type"],
        title=made["title"],
        unique_id=made["unique_id"],
    )


@callback
def async_set_channels(
    hass: HomeAssistant, entry: ConfigEntry, channels: Iterable[ConfigSubentryData]
) -> None:
    """Leave an entry these channels alone; those that it has stay what they are."""
    wanted = {one["unique_id"]: one for one in channels}
    for subentry in entry.get_subentries_of_type(SUBENTRY_CHANNEL):
        if wanted.pop(subentry.unique_id, None) is None:
            hass.config_entries.async_remove_subentry(entry, subentry.subentry_id)
    for one in wanted.values():
        hass.config_entries.async_add_subentry(entry, new_subentry(one))
