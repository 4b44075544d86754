"""Sound cards through PortAudio.

PortAudio knows the devices that were there when it was initialised, and their
numbers change with each plugging: so it is initialised anew for each opening
and each search. A source runs in a child process of its own (`isolated`),
where that disturbs nobody: only one may be open in a process.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
import errno
import re
import sys
import threading
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..audio.block import AudioBlock, IqBlock
from ..audio.block_queue import BlockQueue
from ..audio.files import HIGHEST_RATE, LOWEST_RATE
from ..clock import Clock
from .sound_input import (
    Card,
    SoundInput,
    alsa_cards,
    at_card,
    busy,
    check_channel,
    check_free,
    find_input,
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
from .sound_pulse import no_server
from .source import SourceError, SourceErrorReason

RATES: Final = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 8_000)
"""Hz, tried after the device's own default."""

LATENCY_SECONDS: Final = 0.4
"""What the driver may hold while this machine is busy elsewhere."""

QUEUE_SECONDS: Final = 4.0
CLOSE_SECONDS: Final = 0.6
"""A driver that takes longer to close is left to the end of the process."""

_UNAVAILABLE: Final = -9985
_INVALID_RATE: Final = -9997
"""paDeviceUnavailable and paInvalidSampleRate of portaudio.h."""

_VIRTUAL_CHANNELS: Final = 2
"""A name of ALSA that is no card gives as many as are asked for; more are copies."""

_HARDWARE: Final = re.compile(r" \(hw:(\d+),(\d+)\)$")
_CONVERSIONS: Final = re.compile(
    r"sysdefault|front|rear|center_lfe|side|surround\d+|iec958|spdif|hdmi|dmix|dsnoop"
    r"|null|lavrate|samplerate|speex|speexrate|jack|oss|upmix|vdownmix|modem|phoneline"
)
"""Names of ALSA that are another way to a card that is listed already, or to nothing."""


def library() -> Any:
    """Return sounddevice, which knows the devices that are there now.

    Raises SourceError: NO_LIBRARY, LIBRARY_UNUSABLE.
    """
    fresh = "sounddevice" not in sys.modules
    try:
        import sounddevice  # type: ignore[import-untyped]

        if not fresh:
            sounddevice._terminate()  # noqa: SLF001
            sounddevice._initialize()  # noqa: SLF001
    except ImportError as error:
        raise SourceError(
            SourceErrorReason.NO_LIBRARY, "Install the Python package sounddevice."
        ) from error
    except OSError as error:
        raise SourceError(
            SourceErrorReason.NO_LIBRARY,
            "Install PortAudio (package libportaudio2 on Debian).",
        ) from error
    except Exception as error:  # PortAudioError, which only the module has
        raise SourceError(
            SourceErrorReason.LIBRARY_UNUSABLE,
            f"Hear the sound card through PulseAudio: PortAudio does not start ({error}).",
        ) from error
    return sounddevice


def portaudio_inputs(sounddevice: Any) -> list[SoundInput]:
    """Return the inputs that `library` knows, without ALSA's names for conversions."""
    cards = alsa_cards()
    apis = [api["name"] for api in sounddevice.query_hostapis()]
    return [
        _input(index, device, apis[device["hostapi"]], cards)
        for index, device in enumerate(sounddevice.query_devices())
        if device["max_input_channels"] and not _CONVERSIONS.fullmatch(device["name"])
    ]


def _input(
    index: int, device: Mapping[str, Any], api: str, cards: Mapping[int, Card]
) -> SoundInput:
    channels = device["max_input_channels"]
    one = SoundInput(
        name=_HARDWARE.sub("", device["name"]),
        address=index,
        place=api,
        channels=channels,
        sample_rate=round(device["default_samplerate"]),
    )
    if found := _HARDWARE.search(device["name"]):
        pcm = int(found[1]), int(found[2])
        return at_card(one, cards.get(pcm[0], Card("", found[1])), pcm)
    if api == "ALSA":
        return replace(one, channels=min(channels, _VIRTUAL_CHANNELS))
    return one


def hear_portaudio(
    name: str, channel: int, clock: Clock, stop: threading.Event
) -> Iterator[AudioBlock]:
    """Yield what the input of this name hears until `stop` is set; raises SourceError."""
    recording = _Recording(name, channel, clock)
    # More than the recording's own, which says more of what is wrong.
    patience, waited = OPEN_SECONDS + 2, 0.0
    try:
        while not stop.is_set():
            if (block := recording.get(WAIT_SECONDS)) is not None:
                patience, waited = STALL_SECONDS + 2, 0.0
                yield block
            elif (waited := waited + WAIT_SECONDS) > patience:
                raise stalled(name, patience)
    finally:
        recording.close()


class _Recording:
    """PortAudio's life on a thread of its own, as any of its calls may hang in a driver."""

    def __init__(self, name: str, channel: int, clock: Clock) -> None:
        self._name = name
        self._channel = channel
        self._clock = clock
        self._queue = BlockQueue[SourceError](QUEUE_SECONDS)
        self._closing = threading.Event()
        self._finished = threading.Event()
        self._position = 0
        self._thread = threading.Thread(
            target=self._run, name="eas-portaudio", daemon=True
        )
        self._thread.start()

    def get(self, seconds: float) -> AudioBlock | None:
        """Return the next block; None where none comes within the seconds. Raises SourceError."""
        try:
            item = self._queue.get(seconds)
        except TimeoutError:
            return None
        if isinstance(item, SourceError):
            raise item
        assert not isinstance(item, IqBlock)
        return item

    def close(self) -> None:
        """Close the device, or leave it to its driver where that hangs."""
        self._closing.set()
        self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        try:
            self._record(library())
        except SourceError as error:
            self._queue.post(error)
        except Exception as error:  # noqa: BLE001  # PortAudioError, which only the module has
            self._queue.post(_explain(error, self._name))

    def _record(self, sounddevice: Any) -> None:
        one = _find(sounddevice, self._name)
        check_channel(self._channel, one.channels)
        rate = _find_rate(sounddevice, one)
        stream = sounddevice.InputStream(
            device=one.address,
            channels=one.channels,
            samplerate=rate,
            dtype="float32",
            blocksize=round(rate * BLOCK_SECONDS),
            latency=LATENCY_SECONDS,
            callback=self._hear,
            finished_callback=self._finished.set,
        )
        try:
            self._rate = round(stream.samplerate)
            self._pace = sample_clock(self._rate)
            stream.start()
            is_stalled = self._wait_for_end()
            stream.abort()
        finally:
            stream.close()
        if not self._closing.is_set():
            raise self._why_ended(is_stalled=is_stalled)

    def _wait_for_end(self) -> bool:
        """Wait until the stream ends or is no longer wanted; return True where it stalled."""
        seen, waited = 0, 0.0
        while not self._closing.wait(WAIT_SECONDS) and not self._finished.is_set():
            waited = 0.0 if self._position > seen else waited + WAIT_SECONDS
            seen = self._position
            if waited > (STALL_SECONDS if seen else OPEN_SECONDS):
                return True
        return False

    def _hear(
        self, frames: NDArray[np.float32], count: int, _: Any, status: Any
    ) -> None:
        """Take float32[count, channels] on PortAudio's thread."""
        self._position += self._pace.missing(count, self._clock.monotonic()) or int(
            status.input_overflow
        )
        block = AudioBlock(
            samples=pick(frames, self._channel),
            sample_rate=self._rate,
            first_sample=self._position,
        )
        self._position += count
        self._queue.put(block, wait=False)

    def _why_ended(self, *, is_stalled: bool) -> SourceError:
        try:
            find_input(portaudio_inputs(library()), self._name)
        except SourceError:
            return unplugged(self._name)
        if is_stalled:
            return stalled(self._name, STALL_SECONDS)
        return disconnected(self._name)


def _find(sounddevice: Any, name: str) -> SoundInput:
    try:
        return find_input(portaudio_inputs(sounddevice), name)
    except SourceError as error:
        # PortAudio leaves out what it cannot open.
        if error.reason is SourceErrorReason.NOT_FOUND:
            check_free(name)
        raise


def _find_rate(sounddevice: Any, one: SoundInput) -> int:
    """Return the first rate in Hz that the device has; raises SourceError and PortAudioError."""
    for rate in dict.fromkeys((one.sample_rate, *RATES)):
        if not LOWEST_RATE <= rate <= HIGHEST_RATE:
            continue
        try:
            sounddevice.check_input_settings(
                device=one.address,
                channels=one.channels,
                dtype="float32",
                samplerate=rate,
            )
        except sounddevice.PortAudioError as error:
            if error.args[1:2] != (_INVALID_RATE,):
                raise
        else:
            return rate
    raise SourceError(
        SourceErrorReason.INVALID_OPTION,
        f"Choose another input: {one.name} has no rate from 8 to 96 kHz.",
    )


def _explain(error: Exception, name: str) -> SourceError:
    """Return what PortAudioError(text, code, (API, code of the system, its text)) means."""
    code, host = (*error.args[1:3], None, None)[:2]
    of_system = -host[1] if isinstance(host, tuple) else 0
    if code == _UNAVAILABLE or of_system == errno.EBUSY:
        return busy(name)
    if of_system == errno.EACCES:
        return no_permission(name)
    if of_system == errno.ECONNREFUSED:
        return no_server()
    return SourceError(
        SourceErrorReason.BROKEN,
        f"Try the sound card in another program, or plug it in anew: PortAudio cannot hear {name} ({error}).",
    )
