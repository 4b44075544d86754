"""Sound cards through the ffmpeg program, which records from PulseAudio and from ALSA."""

from collections.abc import Iterator, Sequence
import struct
import threading
from typing import Final, Literal

import numpy as np

from ..audio.block import AudioBlock
from ..audio.files import suitable_rate
from ..clock import Clock
from .sound_input import (
    SoundInput,
    alsa_inputs,
    busy,
    check_channel,
    find_input,
    is_alsa_name,
    no_permission,
)
from .sound_listen import (
    BLOCK_SECONDS,
    OPEN_SECONDS,
    STALL_SECONDS,
    WAIT_SECONDS,
    disconnected,
    pick,
    sample_clock,
    stalled,
    unplugged,
)
from .sound_program import Ffmpeg
from .sound_pulse import no_server, pulse_inputs
from .source import SourceError, SourceErrorReason

LOOK_SECONDS: Final = 2.0
"""How often is looked whether the source is there: PulseAudio lets those who
hear one that is taken away go on with another, which nobody has chosen."""

_BEFORE: Final = (
    *("-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning"),
    *("-probesize", "32", "-analyzeduration", "0"),
)
_AFTER: Final = (
    *("-map", "0:a:0", "-map_metadata", "-1", "-c:a", "pcm_s16be"),
    *("-flush_packets", "1", "-f", "au", "pipe:1"),
)
_LONGEST_HEADER: Final = 1024

type System = Literal["pulse", "alsa"]

DEFAULT: Final = "default"
"""PulseAudio's own choice, which Home Assistant OS lets its user set."""

_AU_HEADER: Final = struct.Struct(">4s5I")
"""Magic, where the samples begin, their size, encoding, rate and channels: of Sun's and NeXT's audio files."""


def hear_ffmpeg(
    system: System, name: str, channel: int, clock: Clock, stop: threading.Event
) -> Iterator[AudioBlock]:
    """Yield what the input of this name hears until `stop` is set; raises SourceError.

    A card itself is asked for what it has; only one that is neither stereo nor
    mono, or not of 16 bit, is converted by ALSA.
    """
    one = _find(system, name, stop)
    ways = _ways(system, one)
    for number, way in enumerate(ways, 1):
        hearing = _Hearing(system, one, _arguments(system, one, *way), clock, stop)
        try:
            yield from hearing.blocks(channel)
        except SourceError as error:
            if error.reason is not SourceErrorReason.BROKEN or number == len(ways):
                raise
        else:
            return


def _find(system: System, name: str, stop: threading.Event) -> SoundInput:
    """Return the input as it is now: a source of PulseAudio, a card, or a name of ALSA's configuration."""
    if system == "pulse":
        if name == DEFAULT:
            return SoundInput(name=name, address=name)
        return find_input(pulse_inputs(stop), name)
    try:
        return find_input(alsa_inputs(), name)
    except SourceError as error:
        if error.reason is not SourceErrorReason.NOT_FOUND or not is_alsa_name(name):
            raise
        return SoundInput(name=name, address=name)


def _ways(system: System, one: SoundInput) -> list[tuple[str, int]]:
    """Return what to try, as ALSA opens a card only with the channels that it has."""
    address = str(one.address)
    if system == "pulse":
        return [(address, one.channels)]
    ways = [(address, 2), (address, 1)]
    return [*ways, (f"plug{address}", 2)] if one.pcm else ways


def _arguments(
    system: System, one: SoundInput, address: str, channels: int
) -> list[str]:
    rate = suitable_rate(one.sample_rate)
    samples = round(rate * BLOCK_SECONDS)
    serving = (
        ["-name", "EAS Station", "-fragment_size", str(samples * 2 * channels)]
        if system == "pulse"
        else []
    )
    return [
        *_BEFORE,
        *("-f", system),
        *serving,
        *("-sample_rate", str(rate), "-channels", str(channels)),
        *("-i", address),
        # The times that drivers give are uneven, and nothing may be mended by them.
        *("-af", f"asetpts=N/SR/TB,asetnsamples={samples}:p=0"),
        *_AFTER,
    ]


class _Hearing:
    """One ffmpeg from its start to its end, and why it ended."""

    def __init__(
        self,
        system: System,
        one: SoundInput,
        arguments: Sequence[str],
        clock: Clock,
        stop: threading.Event,
    ) -> None:
        self._system = system
        self._one = one
        self._clock = clock
        self._stop = stop
        self._ffmpeg = Ffmpeg(arguments)
        self._data = b""
        self._heard = False

    def blocks(self, channel: int) -> Iterator[AudioBlock]:
        """Yield its audio until stopped; raises SourceError where it ends or stalls."""
        try:
            header = self._header()
            if header is None:
                return
            rate, channels = header
            check_channel(channel, channels)
            pace, position = sample_clock(rate), 0
            for data in self._pieces(2 * channels):
                frames = np.frombuffer(data, ">i2").astype(np.float32)
                frames = frames.reshape(-1, channels) / np.float32(32768)
                position += pace.missing(len(frames), self._clock.monotonic()) or int(
                    self._ffmpeg.take_overrun()
                )
                yield AudioBlock(
                    samples=pick(frames, channel),
                    sample_rate=rate,
                    first_sample=position,
                )
                position += len(frames)
        finally:
            self._ffmpeg.close()

    def _header(self) -> tuple[int, int] | None:
        """Return the rate in Hz and the channels that were opened; None when stopped."""
        begin = _AU_HEADER.size
        while len(self._data) < begin:
            if not self._take(OPEN_SECONDS):
                return None
            if len(self._data) >= _AU_HEADER.size:
                magic, begin, _, _, rate, channels = _AU_HEADER.unpack_from(self._data)
                if magic != b".snd" or begin > _LONGEST_HEADER or not rate * channels:
                    raise self._broken("what it sends is no audio")
        self._data = self._data[begin:]
        self._heard = True
        return rate, channels

    def _pieces(self, frame_bytes: int) -> Iterator[bytes]:
        looked_at = self._clock.monotonic()
        while not self._stop.is_set():
            whole = len(self._data) // frame_bytes * frame_bytes
            if whole:
                yield self._data[:whole]
                self._data = self._data[whole:]
            self._take(STALL_SECONDS)
            if self._clock.monotonic() - looked_at > LOOK_SECONDS:
                looked_at = self._clock.monotonic()
                self._raise_if_unplugged()

    def _take(self, patience: float) -> bool:
        """Wait for more data; return False when stopped.

        Only what was waited counts: what came while this machine was busy
        elsewhere is in the pipe.
        """
        waited = 0.0
        while waited < patience:
            if self._stop.is_set():
                return False
            asked = self._clock.monotonic()
            data = self._ffmpeg.read(WAIT_SECONDS)
            if data:
                self._data += data
                return True
            if data is not None:
                raise self._why_ended()
            waited += min(self._clock.monotonic() - asked, WAIT_SECONDS)
        raise self._missing() or stalled(self._one.name, patience)

    def _raise_if_unplugged(self) -> None:
        """Raise SourceError(UNPLUGGED) where PulseAudio has moved us on to another source."""
        if self._system == "pulse":
            missing = self._missing()
            if missing and missing.reason is SourceErrorReason.UNPLUGGED:
                raise missing

    def _why_ended(self) -> SourceError:
        name, words = self._one.name, self._ffmpeg.last_words
        if "busy" in words:
            return busy(name)
        if "Permission denied" in words:
            return no_permission(name)
        if "Unknown input format" in words:
            return SourceError(
                SourceErrorReason.NO_LIBRARY,
                f"Install an ffmpeg that records from {self._system}: this one cannot.",
            )
        if missing := self._missing():
            return missing
        if self._heard:
            return disconnected(name)
        return self._broken(words.strip().rpartition("\n")[2])

    def _broken(self, why: str) -> SourceError:
        return SourceError(
            SourceErrorReason.BROKEN,
            f"Try the sound card in another program, or plug it in anew: ffmpeg cannot hear {self._one.name} ({why}).",
        )

    def _missing(self) -> SourceError | None:
        """Return what has become of an input that is not there now."""
        try:
            self._look()
        except SourceError as error:
            if not self._heard or error.reason is SourceErrorReason.STALLED:
                return error
            if error.reason is SourceErrorReason.NOT_FOUND:
                return unplugged(self._one.name)
            return disconnected(self._one.name)
        return None

    def _look(self) -> None:
        """Raise SourceError where the input or its server is not there."""
        one, words = self._one, self._ffmpeg.last_words
        if self._system == "pulse":
            sources = pulse_inputs(self._stop)
            if one.name != DEFAULT:
                find_input(sources, one.name)
        elif "Connection refused" in words:
            raise no_server()
        elif one.pcm is not None or "No such" in words:
            find_input(alsa_inputs(), one.name)
