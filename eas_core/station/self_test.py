"""Proof that a station decodes: a weekly test made here, heard by it and by nobody else.

Its audio goes to a hearing of its own and never to a loudspeaker or a
transmitter (47 CFR 11.45).
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC
import hashlib
from typing import Final

import numpy as np

from ..audio.block import AudioBlock
from ..clock import Clock
from ..errors import EasError
from ..modem.encoder import encode_message, silence
from ..same.header import Header
from .alerts import AlertList
from .hearing import Hearing
from .options import StationOptions
from .recorder import Recorder
from .records import Alert, EndOfMessage, StationRecord

SENDER: Final = "SELFTEST"
"""No station has it for a call sign."""

CHANNEL: Final = "self-test"
SAMPLE_RATE: Final = 22_050
BLOCK_SAMPLES: Final = SAMPLE_RATE // 10
LEAD_SECONDS: Final = 0.5


class SelfTestError(EasError):
    """A self-test that cannot be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """What came of a self-test: the alert and its end as they were told, None where not decoded.

    `seconds` is from the first sample to the last, as the station's clock has it.
    """

    header: str
    seconds: float
    alert: Alert | None
    end: EndOfMessage | None

    @property
    def decoded(self) -> bool:
        """Whether what came out is what went in, and ended."""
        heard = self.alert is not None and self.alert.header == self.header
        return heard and self.end is not None


class SelfTests:
    """Self-tests that are asked for on any thread and made on the station's."""

    def __init__(self, options: StationOptions, clock: Clock) -> None:
        """Hear as the station does, but record nothing."""
        self._options = replace(options, recording=None)
        self._clock = clock
        self._asked: deque[tuple[str, Future[SelfTest]]] = deque()

    def ask(self, location: str) -> Future[SelfTest]:
        """Have a test made for a place (PSSCCC); raises HeaderError for what is none."""
        done: Future[SelfTest] = Future()
        issued = self._clock.now().astimezone(UTC).strftime("%j%H%M")
        header = Header(
            originator="WXR",
            event_code="RWT",
            locations=(location,),
            purge_hhmm="0015",
            issued_code=issued,
            sender=SENDER,
        )
        self._asked.append((header.encode(), done))
        return done

    def make(self) -> Iterator[StationRecord]:
        """Make what was asked for, and yield what it tells."""
        while self._asked:
            header, done = self._asked.popleft()
            if not done.set_running_or_notify_cancel():
                continue
            try:
                made = self._make(header)
            except Exception as error:  # noqa: BLE001  # whoever asked is told, and the hearing goes on
                done.set_exception(error)
                continue
            yield from (record for record in (made.alert, made.end) if record)
            done.set_result(made)

    def refuse(self) -> None:
        """Tell all who still wait that the station has stopped."""
        while self._asked:
            _, done = self._asked.popleft()
            if done.set_running_or_notify_cancel():
                done.set_exception(SelfTestError("Start the station first."))

    def _make(self, header: str) -> SelfTest:
        begun = self._clock.monotonic()
        records = list(self._hear(header))
        seconds = self._clock.monotonic() - begun
        alert = next((each for each in records if isinstance(each, Alert)), None)
        end = next((each for each in records if isinstance(each, EndOfMessage)), None)
        if alert is not None:
            alert = replace(alert, id=self._identity(alert), test=True, self_test=True)
        if end is not None and alert is not None:
            end = replace(end, alert_id=alert.id)
        return SelfTest(header=header, seconds=seconds, alert=alert, end=end)

    def _hear(self, header: str) -> Iterator[StationRecord]:
        # What it hears must not be taken for a test that was on the air, or the reverse.
        hearing = Hearing(
            CHANNEL,
            self._options,
            AlertList(history=1),
            Recorder(self._options, self._clock),
            self._clock,
        )
        lead = silence(LEAD_SECONDS, SAMPLE_RATE)
        message = encode_message(header, SAMPLE_RATE, attention=None)
        audio = np.concatenate((lead, message, lead))
        for first in range(0, len(audio), BLOCK_SAMPLES):
            samples = audio[first : first + BLOCK_SAMPLES]
            yield from hearing.hear(
                AudioBlock(samples=samples, sample_rate=SAMPLE_RATE, first_sample=first)
            )
        yield from hearing.finish()

    def _identity(self, alert: Alert) -> str:
        """Return what no message off the air has, nor another self-test."""
        parts = (alert.id, self._options.name, self._clock.now().isoformat())
        return hashlib.sha256("|".join(("self-test", *parts)).encode()).hexdigest()[:16]
