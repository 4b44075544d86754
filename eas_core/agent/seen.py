"""What is known of one agent: whether it is there, how it does, what is wrong with what it says."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from .clock import AgentClock
from .reading import AgentHealth

MOST_DELIVERIES: Final = 1000
"""Of all agents, that may come again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFault:
    """Why a message was not read; `newer` says that a later version wrote it."""

    topic: str
    newer: bool
    text: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSeen:
    """What is known of one agent; `since` is when it came or went.

    `malformed` counts its messages that were none.
    """

    name: str
    online: bool
    since: datetime
    software: str = ""
    health: AgentHealth | None = None
    clock: AgentClock = field(default_factory=AgentClock)
    malformed: int = 0


class Deliveries:
    """Remembers the newest that was delivered: a broker may deliver it again."""

    def __init__(self) -> None:
        """Know of none."""
        self._known: dict[Hashable, None] = {}

    def are_known(self, what: Hashable) -> bool:
        """Whether this was delivered before; from now on it was."""
        if what in self._known:
            return True
        self._known[what] = None
        if len(self._known) > MOST_DELIVERIES:
            del self._known[next(iter(self._known))]
        return False
