"""From a config entry's data and options to the source and the channels that they name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
import hashlib
from typing import Any, Final

from .const import (
    BAND_NWR,
    CONF_AGC,
    CONF_BAND,
    CONF_BASE,
    CONF_BIAS_TEE,
    CONF_CALL_SIGN,
    CONF_CHANNEL,
    CONF_CHANNELS,
    CONF_DEVICE,
    CONF_FIRST_ALERT,
    CONF_FREQUENCIES,
    CONF_GAIN,
    CONF_HOST,
    CONF_INTERVAL,
    CONF_LOCATIONS,
    CONF_LOOP,
    CONF_MODE,
    CONF_PATH,
    CONF_PORT,
    CONF_PPM,
    CONF_QUIET_DBFS,
    CONF_QUIET_SECONDS,
    CONF_RECEPTION,
    CONF_SAMPLE_FORMAT,
    CONF_SAMPLE_RATE,
    CONF_SERIAL,
    CONF_SOURCE,
    CONF_URL,
    DEFAULT_CALL_SIGN,
    DEFAULT_FIRST_ALERT,
    DEFAULT_INTERVAL,
    SOURCE_AGENTS,
    SOURCE_FILE,
    SOURCE_PCM,
    SOURCE_RTL_SDR,
    SOURCE_RTL_TCP,
    SOURCE_SIMULATOR,
    SOURCE_SOUND_CARD,
    SOURCE_STREAM,
)
from .eas_core.radio.plan import RadioPlan, broadcast_plan, nwr_plan
from .eas_core.sources.catalog import isolated
from .eas_core.sources.dongle import DongleOptions
from .eas_core.sources.file import FileSource
from .eas_core.sources.pcm import PcmSource
from .eas_core.sources.rtl_sdr import RtlSdrSource
from .eas_core.sources.rtl_tcp import RtlTcpSource
from .eas_core.sources.simulator import SimulatorSource
from .eas_core.sources.sound_card import SoundCardSource
from .eas_core.sources.source import Source, SourceError, SourceErrorReason
from .eas_core.sources.stream import StreamSource
from .eas_core.sources.stream_url import StreamUrl
from .eas_core.station import RecordingOptions, StationOptions

MODELS: Final = {
    SOURCE_RTL_SDR: "RTL-SDR",
    SOURCE_RTL_TCP: "RTL-SDR by rtl_tcp",
    SOURCE_SOUND_CARD: "Sound card",
    SOURCE_STREAM: "Audio stream",
    SOURCE_PCM: "Raw samples from the network",
    SOURCE_FILE: "Audio file",
    SOURCE_SIMULATOR: "Simulator",
    SOURCE_AGENTS: "Agents over MQTT",
}


def radio_plan(
    data: Mapping[str, Any], channels: Sequence[int] = ()
) -> RadioPlan | None:
    """Return the channels that a radio hears, None for sources of audio; raises PlanError.

    `channels`, Hz, are those of weather radio that are not in the data.
    """
    reception = data.get(CONF_RECEPTION)
    if reception is None:
        return None
    frequencies = reception.get(CONF_FREQUENCIES, channels)
    if reception[CONF_BAND] == BAND_NWR:
        return nwr_plan(frequencies)
    return broadcast_plan(frequencies[0])


def build_source(
    data: Mapping[str, Any], options: Mapping[str, Any], plan: RadioPlan | None
) -> Source:
    """Return the source, a native one in a child process; raises EasError.

    HeaderError is for what the simulator cannot send.
    """
    match data[CONF_SOURCE]:
        case kind if kind in (SOURCE_RTL_SDR, SOURCE_RTL_TCP):
            if plan is None:
                raise SourceError(
                    SourceErrorReason.INVALID_OPTION, "Choose what the radio hears."
                )
            return isolated(_build_radio(data, options, plan))
        case "sound_card":
            return isolated(
                SoundCardSource(device=data[CONF_DEVICE], channel=data[CONF_CHANNEL])
            )
        case "stream":
            return isolated(StreamSource(url=data[CONF_URL]))
        case "pcm":
            return PcmSource(
                mode=data[CONF_MODE],
                host=data[CONF_HOST],
                port=data[CONF_PORT],
                sample_rate=data[CONF_SAMPLE_RATE],
                channels=data[CONF_CHANNELS],
                sample_format=data[CONF_SAMPLE_FORMAT],
            )
        case "file":
            return FileSource(data[CONF_PATH], loop=data[CONF_LOOP], live=True)
        case "simulator":
            return _build_simulator(data)
        case other:
            raise SourceError(
                SourceErrorReason.INVALID_OPTION, f"Choose another source than {other}."
            )


def _build_radio(
    data: Mapping[str, Any], options: Mapping[str, Any], plan: RadioPlan
) -> RtlSdrSource | RtlTcpSource:
    dongle = DongleOptions(
        gain_db=options.get(CONF_GAIN),
        ppm=options.get(CONF_PPM, 0),
        agc=options.get(CONF_AGC, False),
        bias_tee=options.get(CONF_BIAS_TEE, False),
    )
    if data[CONF_SOURCE] == SOURCE_RTL_SDR:
        return RtlSdrSource(serial=data[CONF_SERIAL], tuning=plan.tuning, dongle=dongle)
    return RtlTcpSource(
        host=data[CONF_HOST], port=data[CONF_PORT], tuning=plan.tuning, dongle=dongle
    )


def _build_simulator(data: Mapping[str, Any]) -> SimulatorSource:
    return SimulatorSource(
        data[CONF_LOCATIONS],
        call_sign=data.get(CONF_CALL_SIGN, DEFAULT_CALL_SIGN),
        first_alert_seconds=float(data.get(CONF_FIRST_ALERT, DEFAULT_FIRST_ALERT)),
        interval_seconds=60.0 * float(data.get(CONF_INTERVAL, DEFAULT_INTERVAL)),
    )


def station_options(
    name: str,
    options: Mapping[str, Any],
    plan: RadioPlan | None,
    recording: RecordingOptions | None = None,
) -> StationOptions:
    """Return how the station hears: the library's defaults, but for what is set."""
    usual = StationOptions(name=name, radio=plan, recording=recording)
    return replace(
        usual,
        quiet_dbfs=options.get(CONF_QUIET_DBFS, usual.quiet_dbfs),
        quiet_seconds=options.get(CONF_QUIET_SECONDS, usual.quiet_seconds),
    )


def unique_id(data: Mapping[str, Any]) -> str:
    """Return what no two entries share: the receiver, device, address, port or file.

    Raises SourceError for an address that cannot be read; no secret is in it.
    """
    match data[CONF_SOURCE]:
        case "rtl_sdr":
            return f"rtl_sdr:{data[CONF_SERIAL]}"
        case "rtl_tcp":
            return f"rtl_tcp:{data[CONF_HOST].lower()}:{data[CONF_PORT]}"
        case "sound_card":
            return f"sound_card:{data[CONF_DEVICE]}"
        case "stream":
            address = str(StreamUrl.parse(data[CONF_URL]))
            return f"stream:{hashlib.sha256(address.encode()).hexdigest()[:16]}"
        case "pcm" if data[CONF_MODE] == "tcp_connect":
            return f"pcm:tcp_connect:{data[CONF_HOST]}:{data[CONF_PORT]}"
        case "pcm":
            return f"pcm:{data[CONF_MODE]}:{data[CONF_PORT]}"
        case "file":
            return f"file:{data[CONF_PATH]}"
        case "agents":
            return f"agents:{data[CONF_BASE]}"
        case kind:
            return str(kind)
