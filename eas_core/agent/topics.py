"""Where an agent publishes and is asked, and how its messages are made: docs/agent.md.

Version 1. A reader passes over keys that it does not know; a change that would
break one makes a new version, which `status` tells before anything else.
"""

from dataclasses import dataclass
import re
from typing import Final

from ..errors import EasError

VERSION: Final = 1
BASE: Final = "eas_station"
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one agent under a base.

    `status` and `health` are retained; `alert`, `eom` and `recording` are QoS 1;
    `level` is QoS 0. `command` is where others ask, and `answer` and `piece`
    where they are answered.
    """

    base: str
    agent: str

    def __post_init__(self) -> None:
        """Raise EasError for what cannot be part of a topic."""
        if not NAME.fullmatch(self.agent):
            raise EasError("Name the agent in small letters, digits, - and _.")
        wrong = not self.base or self.base.startswith(("/", "$"))
        if wrong or self.base.endswith("/") or re.search(r"[+#\x00]", self.base):
            raise EasError("Use a base topic such as eas_station, without + and #.")

    @property
    def status(self) -> str:
        """Whether the agent is there."""
        return self._topic("status")

    @property
    def health(self) -> str:
        """How its stations do."""
        return self._topic("health")

    @property
    def alert(self) -> str:
        """Each alert, and each that is better known now."""
        return self._topic("alert")

    @property
    def eom(self) -> str:
        """Each end of message."""
        return self._topic("eom")

    @property
    def recording(self) -> str:
        """Each recording of an alert that is finished."""
        return self._topic("recording")

    @property
    def level(self) -> str:
        """Levels, where they are wanted."""
        return self._topic("level")

    @property
    def command(self) -> str:
        """What others ask of the agent."""
        return self._topic("command")

    @property
    def answer(self) -> str:
        """What the agent says to that."""
        return self._topic("answer")

    @property
    def piece(self) -> str:
        """Where the pieces of recordings come that were asked for."""
        return self._topic("piece")

    def _topic(self, last: str) -> str:
        return f"{self.base}/{self.agent}/{last}"
