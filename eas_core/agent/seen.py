"""What is known of one agent: whether it is there, how it does, what is wrong with what it says."""

from dataclasses import dataclass, field
from datetime import datetime

from .clock import AgentClock
from .reading import AgentHealth


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
