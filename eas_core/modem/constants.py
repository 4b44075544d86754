"""The numbers of SAME's modulation, exact: 47 CFR 11.31(a)."""

from fractions import Fraction
from typing import Final

from ..errors import EasError

BAUD: Final = Fraction(3125, 6)
"""520 5/6 bits a second."""

MARK: Final = 4 * BAUD
"""A one: 2083 1/3 Hz, four cycles a bit."""

SPACE: Final = 3 * BAUD
"""A zero: 1562 1/2 Hz, three cycles a bit."""

BITS_PER_BYTE: Final = 8
PREAMBLE: Final = b"\xab" * 16
HEADER_SYNC: Final = b"ZCZC"
EOM_SYNC: Final = b"NNNN"

BURSTS_PER_MESSAGE: Final = 3
GAP_SECONDS: Final = 1.0
"""The pause after each burst, 47 CFR 11.31(a)(1)."""

MAX_HEADER_BYTES: Final = 35 + 7 * 31 + 8
"""31 locations, and a sender of twice the length that the rule gives it."""

MIN_SAMPLE_RATE: Final = 8_000
MAX_SAMPLE_RATE: Final = 96_000

NWR_ATTENTION: Final = (1050.0,)
"""NOAA Weather Radio's warning alarm tone in Hz, NWSI 10-1712."""

BROADCAST_ATTENTION: Final = (853.0, 960.0)
"""The two-tone attention signal in Hz, 47 CFR 11.31(a)(2)."""


class SampleRateError(EasError):
    """The sample rate is outside what the modem takes."""

    def __init__(self, sample_rate: int) -> None:
        """Keep the rate that was refused."""
        super().__init__(
            f"Use a sample rate between {MIN_SAMPLE_RATE} and {MAX_SAMPLE_RATE} Hz"
            f" instead of {sample_rate} Hz."
        )
        self.sample_rate = sample_rate


def check_sample_rate(sample_rate: int) -> int:
    """Return the rate in Hz, or raise SampleRateError."""
    if not MIN_SAMPLE_RATE <= sample_rate <= MAX_SAMPLE_RATE:
        raise SampleRateError(sample_rate)
    return sample_rate
