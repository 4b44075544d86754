"""What is asked of a station, whether it hears here or others hear for it."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

from ..modem.decoded import Decoded
from .live import LiveAudio
from .options import StationOptions
from .recordings import RecordingIndex
from .records import Counters, Health, RecordingFinished, SourceStatus, StationRecord
from .self_test import SelfTest


class AnyStation(Protocol):
    """See Station, whose methods these are."""

    @property
    def options(self) -> StationOptions:
        """What is set."""

    @property
    def running(self) -> bool:
        """Whether it was started, and neither stopped nor at its source's end."""

    @property
    def status(self) -> SourceStatus:
        """How the source does."""

    @property
    def health(self) -> Health:
        """How the station does; may be asked on any thread."""

    @property
    def counters(self) -> Counters:
        """What was counted since the station was made."""

    @property
    def recordings(self) -> RecordingIndex | None:
        """The list of what is recorded, None where nothing is."""

    @property
    def live(self) -> LiveAudio:
        """What can be listened to."""

    @property
    def recent_messages(self) -> tuple[Decoded, ...]:
        """The newest messages as the decoder gave them."""

    def listen(self, listener: Callable[[StationRecord], None]) -> Callable[[], None]:
        """Call the listener with every record from now on; return what ends that."""

    def start(self) -> None:
        """Begin to hear."""

    def stop(self) -> None:
        """End hearing."""

    def self_test(self, location: str) -> Future[SelfTest]:
        """Decode a test that is made inside; raises HeaderError and SelfTestError."""

    def save_recording(
        self, channel: str | None = None, seconds: float | None = None
    ) -> Future[RecordingFinished]:
        """Write the newest audio of a channel; raises RecordingError."""
