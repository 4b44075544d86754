"""The decoder as others see it: audio in, messages out."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import EasError
from .combiner import Combiner
from .decoded import Decoded
from .framing import BurstFramer

FULL_SCALE: Final = 1e4
"""What is louder than this is no audio, and would drown all else for minutes."""

NEAR_PAST: Final = timedelta(minutes=20)
NEAR_FUTURE: Final = timedelta(minutes=5)


class SamplesError(EasError):
    """What was given for audio is no row of real numbers."""


class SameDecoder:
    """Finds SAME messages in a stream of audio.

    `feed` takes blocks of any size with the same result, and gives each
    message once: at its second burst where two make it certain, else at the
    third or when none can follow. Not safe to be fed from two threads at once.
    """

    def __init__(
        self, sample_rate: int, now: Callable[[], datetime] | None = None
    ) -> None:
        """Take the rate in Hz, and a clock where the audio is of this moment.

        The clock makes times near it likelier and no other impossible. Raises
        SampleRateError for a rate outside 8–96 kHz.
        """
        self._framer = BurstFramer(sample_rate)
        # No method of this one: a decoder that is done with gives its memory back at once.
        self._combiner = Combiner(sample_rate, partial(_near, now))

    @property
    def malformed(self) -> int:
        """Bursts that began as SAME does and held no message."""
        return self._combiner.malformed

    def feed(self, samples: ArrayLike) -> list[Decoded]:
        """Take mono audio, float32[any]; return the messages that it settles.

        Other real numbers will do, at any scale up to FULL_SCALE; what is none counts as
        silence. Raises SamplesError for what is no row of them, and is as it was then.
        """
        audio = _one_row(samples)
        if not np.isfinite(audio).all():
            audio = np.nan_to_num(audio, nan=0.0, posinf=0.0, neginf=0.0)
        audio = np.clip(audio, -FULL_SCALE, FULL_SCALE)
        found: list[Decoded] = []
        for burst in self._framer.feed(audio):
            found += self._combiner.add(burst)
        since = self._framer.busy_since
        heard_to = self._framer.position if since is None else since
        return found + self._combiner.close(heard_to)

    def flush(self) -> list[Decoded]:
        """Return what the end of the audio settles."""
        tail = np.zeros(self._framer.tail_samples, np.float32)
        return self.feed(tail) + self._combiner.flush()


def _near(clock: Callable[[], datetime] | None) -> list[str]:
    """Return the times of issue near a clock's, JJJHHMM, none without one."""
    if clock is None:
        return []
    first = clock().astimezone(UTC) - NEAR_PAST
    count = int((NEAR_PAST + NEAR_FUTURE).total_seconds() // 60)
    return [
        (first + timedelta(minutes=minute)).strftime("%j%H%M")
        for minute in range(count)
    ]


def _one_row(samples: ArrayLike) -> NDArray[np.float32]:
    try:
        audio = np.asarray(samples)
    except ValueError as error:
        raise _not_mono() from error
    if audio.dtype.kind not in "biuf" or audio.size != max(audio.shape, default=1):
        raise _not_mono()
    with np.errstate(over="ignore"):
        return audio.astype(np.float32, copy=False).reshape(-1)


def _not_mono() -> SamplesError:
    return SamplesError("Mix the channels down to one row of real numbers, float32[n].")
