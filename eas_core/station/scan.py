"""The seven channels measured: which are heard, from where, and which to choose."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
import threading
from typing import Final

from ..audio.block import IqBlock
from ..clock import Clock, SystemClock
from ..radio.plan import NWR_CHANNELS, RadioChannel, nwr_plan
from ..radio.quality import SignalQuality
from ..radio.receiver import Receiver
from ..same.transmitters import NearbyTransmitter, nearby_transmitters
from ..sources.source import Source, SourceError, SourceErrorReason

SCAN_SECONDS: Final = 10.0
"""Long enough for the receiver to find its frequency error and for pauses of a voice."""

SETTLE_SECONDS: Final = 2.0
HEARD_SNR_DB: Final = 3.0
GOOD_SNR_DB: Final = 10.0
"""Every burst decodes, with some to spare for bad weather."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedChannel:
    """A channel as it was received, and who may be heard on it, likeliest first."""

    channel: RadioChannel
    quality: SignalQuality
    transmitters: tuple[NearbyTransmitter, ...]

    @property
    def heard(self) -> bool:
        """Whether there is a carrier."""
        return self.quality.snr_db >= HEARD_SNR_DB

    @property
    def serves_home(self) -> bool:
        """Whether a transmitter of this frequency alerts for the home's county."""
        return any(one.serves_home for one in self.transmitters)


def scan(
    source: Source,
    latitude: float,
    longitude: float,
    *,
    seconds: float = SCAN_SECONDS,
    progress: Callable[[float], None] = lambda share: None,
    clock: Clock | None = None,
    stop: threading.Event | None = None,
) -> list[ScannedChannel]:
    """Measure the seven channels of a radio tuned by `nwr_plan()`; the best come first.

    Blocks for `seconds` and what opening takes. `progress` is called with the
    share done, 0 to 1, on this thread. Raises SourceError where the radio
    cannot be heard.
    """
    clock = clock or SystemClock()
    stop = stop or threading.Event()
    measured: dict[str, list[SignalQuality]] = {}
    for done, quality in _measure(source, seconds, clock, stop):
        progress(min(1.0, done / seconds))
        for one in quality:
            measured.setdefault(one.channel, []).append(one)
    if not measured:
        raise SourceError(
            SourceErrorReason.EMPTY,
            "Look at the receiver and try again: it gave too little to measure.",
        )
    near = nearby_transmitters(latitude, longitude)
    return rank(
        [
            ScannedChannel(
                channel=channel,
                quality=_middle(measured[channel.name]),
                transmitters=tuple(
                    one
                    for one in near
                    if round(one.transmitter.frequency_mhz * 1e6) == channel.frequency
                ),
            )
            for channel in nwr_plan(NWR_CHANNELS).channels
        ]
    )


def rank(scanned: list[ScannedChannel]) -> list[ScannedChannel]:
    """Order channels: heard and for this county, then heard, each by how well."""
    return sorted(
        scanned,
        key=lambda one: (
            not one.heard,
            not (one.serves_home and one.heard),
            -one.quality.snr_db,
        ),
    )


def propose(scanned: list[ScannedChannel]) -> list[int]:
    """Return the frequencies in Hz to hear: all with a carrier, else all seven.

    One radio hears them all at once, and two that tell the same alert
    corroborate it.
    """
    heard = sorted(one.channel.frequency for one in scanned if one.heard)
    return heard or list(NWR_CHANNELS)


def _measure(
    source: Source, seconds: float, clock: Clock, stop: threading.Event
) -> Iterator[tuple[float, tuple[SignalQuality, ...]]]:
    """Yield how many seconds were heard, and the qualities of the settled receiver."""
    receiver = Receiver(nwr_plan())
    done = 0.0
    blocks = source.blocks(clock, stop)
    try:
        for block in blocks:
            if not isinstance(block, IqBlock):
                raise SourceError(
                    SourceErrorReason.INVALID_OPTION,
                    "Choose a radio to scan with: this source gives audio.",
                )
            quality = receiver.feed(block).quality
            done += len(block.samples) / block.sample_rate
            yield done, quality if done > SETTLE_SECONDS else ()
            if done >= seconds or stop.is_set():
                return
    finally:
        if close := getattr(blocks, "close", None):
            close()


def _middle(found: list[SignalQuality]) -> SignalQuality:
    """Return the median of each figure: a burst of noise does not count."""
    return SignalQuality(
        channel=found[0].channel,
        power_dbfs=median(one.power_dbfs for one in found),
        snr_db=median(one.snr_db for one in found),
        quieting_db=median(one.quieting_db for one in found),
        deviation_hz=max(one.deviation_hz for one in found),
        offset_hz=median(one.offset_hz for one in found),
    )
