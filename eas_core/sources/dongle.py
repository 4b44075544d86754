"""What can be set about an RTL2832U dongle, on this machine or another."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DongleOptions:
    """`gain_db` None is the tuner's automatic gain; `agc` is the RTL2832U's own, digital one."""

    gain_db: float | None = None
    ppm: int = 0
    agc: bool = False
    bias_tee: bool = False
