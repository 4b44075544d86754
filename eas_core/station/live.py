"""Listening to a channel as it is heard: one encoder for all who listen, none where nobody does.

    Hearing ── pcm ──► LiveChannel: queue ── thread: mute, encode ──► LiveListener ── bytes ──► its client
                                                                  └─► LiveListener ── bytes ──► …

A listener that takes nothing loses the oldest of what waits for it; it holds
neither another nor the station.
"""

from collections import deque
from collections.abc import Callable
from functools import partial
import logging
import threading
from typing import Final

import numpy as np

from ..audio.encoding import Pcm, can_encode
from ..audio.mp3_stream import LIVE, LIVE_BIT_RATE, LIVE_RATE, Mp3Stream
from ..errors import EasError
from .live_mute import DELAY_SECONDS, ToneMuter

_LOGGER = logging.getLogger(__name__)

MIME_TYPE: Final = "audio/mpeg"
BYTES_A_SECOND: Final = LIVE_BIT_RATE // 8

CONTEXT_SECONDS: Final = 8.0
"""What was heard before is looked through first: the longest burst may be going on."""

AHEAD_SECONDS: Final = 1.0
"""So much is given at once, so that a player begins at once and has something in hand."""

WAITING_SECONDS: Final = 10.0
"""Of audio that waits for a listener before it loses the oldest."""

QUEUE_SECONDS: Final = 5.0
"""Of audio that waits for the encoder."""

SILENT_AFTER_SECONDS: Final = 1.0
"""A source that gives nothing for longer is silence, so that no player gives up."""

STEP_SECONDS: Final = 0.25

type Recent = Callable[[float], tuple[Pcm, int]]
"""Gives a channel's newest seconds as int16, and their rate in Hz."""


class LiveError(EasError):
    """A channel that cannot be listened to; the text says what to do."""


class LiveListener:
    """What one client has yet to take."""

    def __init__(
        self, wake: Callable[[], None], leave: Callable[[LiveListener], None]
    ) -> None:
        """Take what is called when there is something to be read, and what ends it."""
        self._wake = wake
        self._leave = leave
        self._frames: deque[bytes] = deque()
        self._held = 0
        self._lock = threading.Lock()
        self.ended = False
        self.lost_frames = 0

    def read(self) -> bytes:
        """Return all that waits, which may be nothing; whole frames."""
        with self._lock:
            data = b"".join(self._frames)
            self._frames.clear()
            self._held = 0
        return data

    def put(self, frames: list[bytes]) -> None:
        """Add frames; the oldest go where it takes none."""
        with self._lock:
            for frame in frames:
                self._frames.append(frame)
                self._held += len(frame)
                if self._held > WAITING_SECONDS * BYTES_A_SECOND:
                    self._held -= len(self._frames.popleft())
                    self.lost_frames += 1
        self._wake()

    def leave(self) -> None:
        """Be given nothing more; the last to leave ends the encoder."""
        self._leave(self)

    def end(self) -> None:
        """Say that nothing more comes."""
        self.ended = True
        self._wake()


class _LiveChannel:
    """Encodes one channel on a thread of its own, from its first listener to its last."""

    def __init__(self, recent: Recent) -> None:
        self._recent = recent
        self._queue: deque[tuple[Pcm, int]] = deque()
        self._held = 0.0
        self._changed = threading.Condition()
        self._listeners: tuple[LiveListener, ...] = ()
        self._ahead: deque[bytes] = deque()
        self._stopped = False
        self._muter: ToneMuter | None = None
        self._encoder: Mp3Stream | None = None
        self._rate = 0

    def start(self, name: str) -> None:
        # A player that hangs must not keep the program from its end.
        threading.Thread(
            target=self._run, name=f"eas-station-live {name}", daemon=True
        ).start()

    def hear(self, pcm: Pcm, rate: int) -> None:
        """Take what was heard; never waits."""
        with self._changed:
            self._queue.append((pcm, rate))
            self._held += len(pcm) / rate
            while self._held > QUEUE_SECONDS and len(self._queue) > 1:
                old, old_rate = self._queue.popleft()
                self._held -= len(old) / old_rate
            self._changed.notify()

    def add(self, listener: LiveListener) -> bool:
        """Give to a listener from now on; False where that is over."""
        with self._changed:
            if self._stopped:
                return False
            self._listeners = (*self._listeners, listener)
            # Before any newer frame: those are put with the same lock held.
            if self._ahead:
                listener.put(list(self._ahead))
        return True

    def remove(self, listener: LiveListener) -> bool:
        """Let a listener go; return whether it was the last."""
        with self._changed:
            self._listeners = tuple(one for one in self._listeners if one != listener)
            return not self._listeners

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            listeners, self._listeners = self._listeners, ()
            self._changed.notify()
        for listener in listeners:
            listener.end()

    def _run(self) -> None:
        try:
            self._begin()
            quiet = 0.0
            while not self._stopped:
                item = self._get()
                if item is not None:
                    quiet = 0.0
                    self._take(*item)
                    continue
                quiet += STEP_SECONDS
                if quiet >= SILENT_AFTER_SECONDS:
                    self._be_silent()
        except (
            Exception
        ):  # what breaks one channel's listening is not to break its hearing
            _LOGGER.exception("Live audio has ended")
        finally:
            self.stop()

    def _get(self) -> tuple[Pcm, int] | None:
        with self._changed:
            if not self._queue and not self._stopped:
                self._changed.wait(STEP_SECONDS)
            if not self._queue:
                return None
            pcm, rate = self._queue.popleft()
            self._held -= len(pcm) / rate
            return pcm, rate

    def _begin(self) -> None:
        """Hear the last seconds, and give the newest of them at once."""
        pcm, rate = self._recent(CONTEXT_SECONDS)
        if not rate:
            return
        self._muter, self._encoder = ToneMuter(rate), Mp3Stream(rate)
        self._rate = rate
        known = self._muter.feed(pcm)
        self._give(known[-round(AHEAD_SECONDS * rate) :])

    def _take(self, pcm: Pcm, rate: int) -> None:
        if self._encoder is None or rate != self._rate:
            self._muter, self._encoder = None, Mp3Stream(rate)
            self._rate = rate
        if self._muter is None:
            # What comes late begins with silence: a player goes on.
            self._muter = ToneMuter(rate)
            self._muter.feed(_silence(DELAY_SECONDS, rate))
        self._give(self._muter.feed(pcm))

    def _be_silent(self) -> None:
        """Go on with silence, after what was still held back."""
        rate = self._rate or LIVE_RATE
        step = _silence(STEP_SECONDS, rate)
        if self._muter is not None:
            step = self._muter.feed(_silence(DELAY_SECONDS, rate))
            self._muter = None
        self._encoder = self._encoder or Mp3Stream(rate)
        self._rate = rate
        self._give(step)

    def _give(self, pcm: Pcm) -> None:
        if self._encoder is None:
            return
        frames = self._encoder.encode(pcm)
        if not frames:
            return
        with self._changed:
            self._ahead.extend(frames)
            size = sum(map(len, self._ahead))
            while size > AHEAD_SECONDS * BYTES_A_SECOND:
                size -= len(self._ahead.popleft())
            for listener in self._listeners:
                listener.put(frames)


def _silence(seconds: float, rate: int) -> Pcm:
    return np.zeros(round(seconds * rate), np.int16)


class LiveAudio:
    """All channels of a station that can be listened to; may be used from any thread."""

    def __init__(self) -> None:
        """Begin without channels."""
        self._recent: dict[str, Recent] = {}
        self._running: dict[str, _LiveChannel] = {}
        self._lock = threading.Lock()

    def add(self, channel: str, recent: Recent) -> None:
        """Let a channel be listened to, whose newest audio can be asked for."""
        self._recent[channel] = recent

    @property
    def names(self) -> tuple[str, ...]:
        """The channels that can be listened to."""
        return tuple(self._recent)

    def hear(self, channel: str, pcm: Pcm, rate: int) -> None:
        """Take what a channel has heard, int16[any]; costs nothing where nobody listens."""
        running = self._running.get(channel)
        if running is not None:
            running.hear(pcm, rate)

    def listen(self, channel: str, wake: Callable[[], None]) -> LiveListener:
        """Return a listener that is given MP3 from now on, some seconds late.

        `wake` is called on another thread when there is something to be read,
        and must be quick. Raises LiveError where there is no such channel, or
        MP3 cannot be made here.
        """
        if channel not in self._recent:
            raise LiveError(f"Choose one of the channels {', '.join(self._recent)}.")
        if not can_encode(LIVE):
            raise LiveError("Install PyAV from its wheel: this one encodes no MP3.")
        listener = LiveListener(wake, partial(self._leave, channel))
        with self._lock:
            running = self._running.get(channel)
            if running is None or not running.add(listener):
                running = _LiveChannel(self._recent[channel])
                running.add(listener)
                self._running[channel] = running
                running.start(channel)
        return listener

    def close(self) -> None:
        """End all listening."""
        with self._lock:
            channels = list(self._running.values())
            self._running.clear()
        for channel in channels:
            channel.stop()

    def _leave(self, channel: str, listener: LiveListener) -> None:
        with self._lock:
            running = self._running.get(channel)
            if running is not None and running.remove(listener):
                del self._running[channel]
                running.stop()
