"""What alerts and recordings of agents are called here."""

from typing import Final

MOST_RENAMED: Final = 64
MOST_NAMES: Final = 256
"""Of recordings: more alerts are not on the air at the same time."""


class Names:
    """The ids of alerts as they are here, and all agents' recordings as the first has named its own."""

    def __init__(self) -> None:
        """Know of none."""
        self._renamed: dict[str, str] = {}
        self._recordings: dict[str, str] = {}

    def rename(self, told: str, here: str) -> None:
        """Have what comes of an alert later known by its id of here."""
        if told != here:
            self._renamed[told] = here
            _keep_newest(self._renamed, MOST_RENAMED)

    def id_here(self, told: str) -> str:
        """Return the id of here of an alert by the one that its agent told."""
        return self._renamed.get(told, told)

    def recording(self, told: str | None, name: str | None) -> str | None:
        """Return what an alert's recording is called, whose agent calls it by that name."""
        if told is None:
            return None
        if name is not None:
            self._recordings.setdefault(told, name)
            _keep_newest(self._recordings, MOST_NAMES)
        return self._recordings.get(told)


def _keep_newest(kept: dict[str, str], most: int) -> None:
    if len(kept) > most:
        del kept[next(iter(kept))]
