"""The decoder alone, and the ears of a station, after audio that means ill."""

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
import threading
from typing import ClassVar, Final, override

import numpy as np

from bench.channel import random_header
from bench.fuzzing.audio import Audio, Piece, disguised, piece
from bench.fuzzing.target import Target, WrongAnswerError
from eas_core.audio.block import AudioBlock, Block, IqBlock
from eas_core.modem.decoded import Decoded
from eas_core.modem.decoder import SameDecoder, SamplesError
from eas_core.modem.encoder import encode_message, silence
from eas_core.radio.plan import nwr_plan
from eas_core.station.ears import Ears
from eas_core.station.options import StationOptions
from eas_core.station.records import Alert, EndOfMessage, StationRecord

RATES: Final = (*(8_000,) * 9, *(11_025,) * 4, 16_000, 22_050, 48_000, 96_000)
BLOCKS: Final = 100
SETTLE_SECONDS: Final = 2.5
"""Of silence, after which nothing of what came before can be a part of a message."""


@dataclass(slots=True)
class Episode:
    """Blocks that mean ill, and a message that comes after them."""

    rate: int
    pieces: list[Piece]
    header: str
    cuts: list[int]

    def message(self) -> list[Audio]:
        """Return the message in blocks of any size."""
        quiet = silence(SETTLE_SECONDS, self.rate)
        sent = encode_message(
            self.header, self.rate, attention=None, gap_seconds=0.5, amplitude=0.3
        )
        whole = np.concatenate((quiet, sent))
        return np.split(whole, sorted(cut % len(whole) for cut in self.cuts))


def episode(rng: Random) -> Episode:
    """Return an episode of BLOCKS pieces."""
    numbers = np.random.default_rng(rng.getrandbits(64))
    rate = rng.choice(RATES)
    return Episode(
        rate=rate,
        pieces=[piece(rng, numbers, rate) for _ in range(BLOCKS)],
        header=random_header(numbers, 1).encode(),
        cuts=[rng.getrandbits(30) for _ in range(rng.choice((0, 1, 5, 40)))],
    )


def may_be(header: str, texts: list[str]) -> bool:
    """Whether a header is one of the texts as far as it is certain."""
    return any(
        all(sure in ("?", said) for sure, said in zip(header, text, strict=False))
        for text in texts
    )


class DecoderTarget(Target[Episode]):
    """Any blocks are heard or refused; none is a message that nobody sent, and the one that is sent comes out."""

    name: ClassVar = "decoder"
    cases: ClassVar = 12_000
    inputs: ClassVar = BLOCKS
    documented: ClassVar = frozenset({"SamplesError"})

    @override
    def case(self, rng: Random) -> Episode:
        made = episode(rng)
        for one in made.pieces:
            one.samples = disguised(rng, one.samples)
        return made

    @override
    async def run(self, case: Episode) -> str:
        decoder = SameDecoder(case.rate)
        texts = [text for one in case.pieces for text in one.texts]
        answer = "accepted"
        before: list[Decoded] = []
        for one in case.pieces:
            try:
                before += decoder.feed(one.samples)
            except SamplesError:
                answer = "SamplesError"
        after = [found for part in case.message() for found in decoder.feed(part)]
        after += decoder.flush()
        false = [
            found.header
            for found in (*before, *after)
            if not found.end_of_message
            and not may_be(found.header, [*texts, case.header])
        ]
        if false:
            raise WrongAnswerError(f"nobody sent {false}")
        if [found.header for found in after].count(case.header) != 1:
            raise WrongAnswerError(
                f"{case.header} is not heard in {[one.header for one in after]}"
            )
        if not any(found.end_of_message for found in after):
            raise WrongAnswerError("its end is not heard")
        return answer


class StillClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        """Begin in June."""
        self.at = datetime(2026, 6, 8, 18, 30, tzinfo=UTC)
        self.seconds = 0.0

    def now(self) -> datetime:
        """Return the moment."""
        return self.at

    def monotonic(self) -> float:
        """Return the seconds."""
        return self.seconds

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait for nothing."""
        return event.is_set()


@dataclass(slots=True)
class Stream:
    """Blocks in any order and format; an audio station hears a message after them."""

    blocks: list[Block]
    texts: list[str]
    after: Episode | None


STRANGE_RATES: Final = (1, 7_999, 96_001, 10**6, 10**9, 2**62)
PLAN: Final = nwr_plan()


class StationTarget(Target[Stream]):
    """Any blocks of any format in any order: nothing escapes the ears, which hear what comes after."""

    name: ClassVar = "station"
    cases: ClassVar = 5_000
    inputs: ClassVar = BLOCKS

    @override
    def case(self, rng: Random) -> Stream:
        if not rng.randrange(3):
            return Stream([_radio_block(rng) for _ in range(BLOCKS)], [], None)
        after = episode(rng)
        after.rate = rng.choice((8_000, 16_000, 22_050))
        numbers = np.random.default_rng(rng.getrandbits(64))
        blocks: list[Block] = []
        texts: list[str] = []
        position = 0
        for _ in range(BLOCKS):
            one = piece(rng, numbers, after.rate)
            rate = rng.choice(STRANGE_RATES) if not rng.randrange(8) else after.rate
            if not rng.randrange(4):
                position += rng.choice((1, 100, after.rate, 10**6, 2**61, -position))
            samples = np.asarray(one.samples, np.float32)
            blocks.append(
                AudioBlock(samples=samples, sample_rate=rate, first_sample=position)
            )
            texts += one.texts
            position += len(samples)
        return Stream(blocks, texts, after)

    @override
    async def run(self, case: Stream) -> str:
        plan = None if case.after else PLAN
        ears = Ears(StationOptions(name="Fuzz", radio=plan), StillClock())
        for block in case.blocks:
            ears.hear(block)
        if case.after is None:
            ears.finish()
            return "accepted"
        told: list[StationRecord] = []
        position = 2**62
        for part in case.after.message():
            block = AudioBlock(
                samples=part, sample_rate=case.after.rate, first_sample=position
            )
            told += ears.hear(block)
            position += len(part)
        told += ears.finish()
        alerts = [record for record in told if isinstance(record, Alert)]
        if not any(alert.header == case.after.header for alert in alerts):
            raise WrongAnswerError(f"{case.after.header} is not told, but {alerts}")
        if not all(
            may_be(alert.header, [*case.texts, case.after.header]) for alert in alerts
        ):
            raise WrongAnswerError(f"nobody sent one of {alerts}")
        if not any(isinstance(record, EndOfMessage) for record in told):
            raise WrongAnswerError("its end is not told")
        return "accepted"


def _radio_block(rng: Random) -> IqBlock:
    numbers = np.random.default_rng(rng.getrandbits(64))
    tuning = PLAN.tuning
    length = rng.choice((0, 1, 7, 5_000, 12_000))
    samples = numbers.standard_normal(2 * length, np.float32).view(np.complex64)
    match rng.randrange(6):
        case 0:
            samples = samples * np.float32(rng.choice((1e-30, 1e30, 3e38)))
        case 1:
            samples[:: rng.choice((1, 2, 100))] = complex(
                rng.choice(("nan", "inf", "-infj"))
            )
        case 2:
            samples[:] = rng.choice((0, 1, -1j))
        case _:
            pass
    rate, center = tuning.sample_rate, tuning.center_frequency
    if not rng.randrange(8):
        rate = rng.choice(STRANGE_RATES)
    if not rng.randrange(8):
        center = rng.choice((0, -1, center + 1, center + 10**6, 2**62))
    return IqBlock(
        samples=samples,
        sample_rate=rate,
        first_sample=rng.choice((0, 0, 12_000, 10**9, 2**62)),
        center_frequency=center,
    )
