"""Who is told what a station hears."""

from collections.abc import Callable, Iterable
import threading

from ..fault_log import FaultLog
from .records import StationRecord

type Listener = Callable[[StationRecord], None]


class Listeners:
    """Are told of every record, whatever one of them does."""

    def __init__(self, logger: FaultLog) -> None:
        """Have nobody to tell yet."""
        self._logger = logger
        self._lock = threading.Lock()
        self._listeners: tuple[Listener, ...] = ()

    def add(self, listener: Listener) -> Callable[[], None]:
        """Tell one more from now on; return what ends that."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def remove() -> None:
            with self._lock:
                self._listeners = tuple(
                    kept for kept in self._listeners if kept is not listener
                )

        return remove

    def tell(self, records: Iterable[StationRecord]) -> None:
        """Call all who listen with each record."""
        for record in records:
            name = type(record).__name__
            for listener in self._listeners:
                try:
                    listener(record)
                except Exception:  # a listener's fault must not end the hearing
                    self._logger.exception("A listener failed on %s", name)
