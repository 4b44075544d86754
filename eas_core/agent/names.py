"""What alerts and recordings of agents are called here."""

from dataclasses import replace
import hashlib
from typing import Final

from ..station.merging import agree
from ..station.records import Alert

MOST_ALERTS: Final = 256
"""That are called otherwise than an agent calls them, or may be yet."""

MOST_NAMES: Final = 256
"""Of recordings: more alerts are not on the air at the same time."""


class Names:
    """The ids of alerts as they are here, and all agents' recordings as the first has named its own.

    What an alert is called follows from its header: no agent can say something
    of another message by its id.
    """

    def __init__(self) -> None:
        """Know of none."""
        self._alerts: dict[tuple[str, str], Alert] = {}
        self._recordings: dict[str, str] = {}

    def take(self, agent: str, told: str, alert: Alert) -> str:
        """Return the id of an alert, with the one of its header, that its agent tells by another or the same.

        A message that is better known than at first keeps its id, where it is still
        the same one.
        """
        known = self._alerts.get((agent, told))
        if alert.self_test:
            text = f"self-test|{agent}|{told}"
            identity = hashlib.sha256(text.encode()).hexdigest()[:16]
        elif known is not None and agree(known, alert):
            identity = known.id
        else:
            identity = alert.id
        if told != identity or alert.partial:
            self._alerts[agent, told] = replace(alert, id=identity)
            _keep_newest(self._alerts, MOST_ALERTS)
        return identity

    def id_here(self, agent: str, told: str) -> str:
        """Return the id of here of an alert by the one that its agent told."""
        known = self._alerts.get((agent, told))
        return told if known is None else known.id

    def recording(self, alert_id: str | None, name: str | None) -> str | None:
        """Return what an alert's recording is called, whose agent calls it by that name."""
        if alert_id is None:
            return None
        if name is not None:
            self._recordings.setdefault(alert_id, name)
            _keep_newest(self._recordings, MOST_NAMES)
        return self._recordings.get(alert_id)


def _keep_newest[Key, Value](kept: dict[Key, Value], most: int) -> None:
    if len(kept) > most:
        del kept[next(iter(kept))]
