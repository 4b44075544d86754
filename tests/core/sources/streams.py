"""What the tests of streams and of raw samples share."""

from collections.abc import Callable, Iterable
from pathlib import Path
import threading
import time

import numpy as np
import pytest

from eas_core.audio.block import AudioBlock
from eas_core.audio.files import write_wav
from eas_core.clock import SystemClock
from eas_core.modem.decoder import SameDecoder
from eas_core.modem.encoder import encode_message, silence
from eas_core.sources.source import Source, SourceError

TORNADO = "ZCZC-WXR-TOR-039173-039051+0030-1591829-KCLE/NWS-"
DEADLINE_SECONDS = 60.0


def message(sample_rate: int) -> np.ndarray:
    """Return a message of about eight seconds, float32[n]. It is never played (47 CFR 11.45)."""
    audio = encode_message(TORNADO, sample_rate, attention=None, gap_seconds=0.6)
    quiet = silence(0.6, sample_rate)
    return np.concatenate((quiet, audio, quiet))


def message_file(folder: Path, sample_rate: int = 22_050) -> Path:
    """Write a message as a WAV file."""
    path = folder / f"message-{sample_rate}.wav"
    write_wav(path, message(sample_rate), sample_rate)
    return path


class Listener:
    """Hears a source in the test's own thread, and decodes what it hears."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.stop = threading.Event()
        self.blocks: list[AudioBlock] = []
        self.headers: list[str] = []
        self._decoder: tuple[int, SameDecoder] | None = None

    def hear(
        self,
        *,
        messages: int = 0,
        seconds: float = 0.0,
        then: Callable[[], None] | None = None,
    ) -> Listener:
        """Hear until so many messages or so much audio have come; `then` happens after the first block."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        self._flush()
        wanted = len(self.headers) + messages
        heard = 0.0
        for block in self.source.blocks(SystemClock(), self.stop):
            assert isinstance(block, AudioBlock)
            heard += self._take(block)
            if then is not None:
                then()
                then = None
            if (messages and len(self.headers) >= wanted) or 0 < seconds <= heard:
                return self
            assert time.monotonic() < deadline, f"heard {self.headers} only"
        raise AssertionError("the source came to an end")

    def hear_to_its_end(self, then: Callable[[], None] | None = None) -> SourceError:
        """Hear until the source fails, and return how; `then` happens after the first block."""
        with pytest.raises(SourceError) as caught:
            self.hear(seconds=1e9, then=then)
        self._flush()
        assert "\n" not in caught.value.hint
        assert caught.value.hint.endswith(".")
        return caught.value

    @property
    def rates(self) -> list[int]:
        """The rates, in the order in which they came."""
        rates = [block.sample_rate for block in self.blocks]
        return [rate for n, rate in enumerate(rates) if n == 0 or rate != rates[n - 1]]

    def _take(self, block: AudioBlock) -> float:
        self.blocks.append(block)
        if self._decoder is None or self._decoder[0] != block.sample_rate:
            self._flush()
            self._decoder = (block.sample_rate, SameDecoder(block.sample_rate))
        self._keep(self._decoder[1].feed(block.samples))
        return len(block.samples) / block.sample_rate

    def _flush(self) -> None:
        if self._decoder is not None:
            self._keep(self._decoder[1].flush())
            self._decoder = None

    def _keep(self, found: Iterable[object]) -> None:
        headers = [str(getattr(each, "header", "")) for each in found]
        self.headers += [header for header in headers if header != "NNNN"]


def seconds_until_stopped(listener: Listener) -> float:
    """Hear on a thread until audio or two seconds have come, stop, and return how long that took."""
    thread = threading.Thread(target=_hear_anything, args=(listener,))
    thread.start()
    deadline = time.monotonic() + 2
    while not listener.blocks and time.monotonic() < deadline:
        time.sleep(0.02)
    began = time.monotonic()
    listener.stop.set()
    thread.join(DEADLINE_SECONDS)
    assert not thread.is_alive()
    return time.monotonic() - began


def _hear_anything(listener: Listener) -> None:
    for block in listener.source.blocks(SystemClock(), listener.stop):
        assert isinstance(block, AudioBlock)
        listener.blocks.append(block)
