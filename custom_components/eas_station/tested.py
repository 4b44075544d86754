"""What came of a self-test, of a station here or at an agent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .eas_core.station import SelfTest


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """Whether a test was decoded, after how many seconds; `alert_id` where it was here."""

    decoded: bool
    seconds: float
    header: str
    alert_id: str | None = None


def tested_here(made: SelfTest) -> Tested:
    """Return what came of a station's own test."""
    return Tested(
        decoded=made.decoded,
        seconds=made.seconds,
        header=made.header,
        alert_id=None if made.alert is None else made.alert.id,
    )


def tested_there(answer: Mapping[str, Any]) -> Tested:
    """Return what an agent's answer says; what it does not say was not decoded."""
    seconds, header = answer.get("seconds"), answer.get("header")
    return Tested(
        decoded=answer.get("decoded") is True,
        seconds=float(seconds) if isinstance(seconds, int | float) else 0.0,
        header=header if isinstance(header, str) else "",
    )
