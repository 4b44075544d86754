"""What the modem hands on: one record for each message heard."""

from dataclasses import dataclass

END_OF_MESSAGE = "NNNN"
UNCERTAIN = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstHeard:
    """One burst that a message rests on.

    `ebn0_db` is its signal-to-noise ratio per bit, `baud_error` the share by
    which it came fast, `tone_offset` in Hz how far both tones were off, and
    `coherent` whether its phase held still enough to be used.
    """

    start_sample: int
    end_sample: int
    ebn0_db: float
    baud_error: float
    tone_offset: float
    coherent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """One message, merged from the bursts that were heard of it.

    `header` has `?` where a character is not certain; `best_guess` has them
    all. Both are `NNNN` for an end of message. `confidence` (0–1) is the
    probability that `best_guess` is right as a whole. Sample numbers count the
    input from 0; they bracket the bursts that were used, which `heard` tells
    one by one; the measures beside it are their means.
    """

    header: str
    best_guess: str
    confidence: float
    bursts: int
    start_sample: int
    end_sample: int
    ebn0_db: float
    baud_error: float
    tone_offset: float
    character_confidence: tuple[float, ...]
    heard: tuple[BurstHeard, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether some characters of the header are not certain."""
        return UNCERTAIN in self.header

    @property
    def end_of_message(self) -> bool:
        """Whether this is the NNNN that closes a message."""
        return self.best_guess == END_OF_MESSAGE
