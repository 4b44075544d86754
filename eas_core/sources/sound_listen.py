"""What all ways to hear a sound card have in common."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..audio.files import mix_down
from .loss import SampleClock
from .source import SourceError, SourceErrorReason

BLOCK_SECONDS: Final = 0.1
STALL_SECONDS: Final = 5.0
OPEN_SECONDS: Final = 10.0
"""To the first samples: sound servers wake devices, and PortAudio tries all of them."""

WAIT_SECONDS: Final = 0.1
"""How long is waited before `stop` is looked at again."""

LOSS_SECONDS: Final = 0.25
"""More than the blocks of a sound server and of what reads it drift apart and together again."""

DRIFT: Final = 1e-3
"""By how much a sound card's rate may be off: 44.1 kHz made of USB's 12 MHz is, by 4e-4."""


def sample_clock(rate: int) -> SampleClock:
    """Return what finds how much was lost, as drivers say that, and seldom how much."""
    return SampleClock(rate, loss_seconds=LOSS_SECONDS, drift=DRIFT)


def pick(frames: NDArray[np.float32], channel: int) -> NDArray[np.float32]:
    """Return one channel of float32[n, channels], counted from 1, or the mean of all for 0.

    Always a copy: drivers use their buffers again.
    """
    audio = mix_down(frames.T) if channel == 0 else frames[:, channel - 1]
    return np.array(audio, np.float32)


def stalled(name: str, seconds: float) -> SourceError:
    """Return the error of an input that is there and gives nothing."""
    return SourceError(
        SourceErrorReason.STALLED,
        f"See whether the input is suspended, or plug the sound card in anew: {name} gave nothing for {seconds:.0f} s.",
    )


def unplugged(name: str) -> SourceError:
    """Return the error of an input that was heard and is gone."""
    return SourceError(
        SourceErrorReason.UNPLUGGED, f"Plug the sound card in again: {name} is gone."
    )


def disconnected(name: str) -> SourceError:
    """Return the error of an input whose sound server ended the recording."""
    return SourceError(
        SourceErrorReason.DISCONNECTED,
        f"Look at the sound server that {name} leads to: it ended the recording.",
    )
