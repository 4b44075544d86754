"""How well a channel is received."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalQuality:
    """One channel's reception over the last second.

    `power_dbfs` is the power in the channel, of full scale; `snr_db` the
    carrier over the noise in 15 kHz (weather radio), 200 kHz (FM) or 10 kHz
    (AM), from -20 to 60 and under 0 without a carrier; `quieting_db` by how much
    the carrier quiets the discriminator's noise above the voice (0 without a
    carrier; 0 for AM); `deviation_hz` the peak deviation (FM), 0 for AM and
    without a carrier; `offset_hz` how far the carrier is above the channel as
    the radio is tuned, before the correction that the receiver makes by itself,
    and without a carrier what the receiver corrects all channels by.
    """

    channel: str
    power_dbfs: float
    snr_db: float
    quieting_db: float
    deviation_hz: float
    offset_hz: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BandSpectrum:
    """Power over the band that is received: dBFS in each of 256 bins, lowest first.

    `center_frequency` and `span` in Hz.
    """

    center_frequency: int
    span: int
    power_dbfs: tuple[float, ...]
