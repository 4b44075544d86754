"""The verdict of a soak: every message that could be decoded is one event, and no other is.

Two sendings of one header are one message. A message is *decodable* where the bare
decoder made one of its sendings out on one of its channels (`soak_truth`). One that is
not was *cut* where a fault lay over its header, else it was too *weak*.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bench.soak_script import Script, Sent
from bench.soak_truth import Decodable
from bench.soak_watch import Fault

UNCERTAIN: Final = "?"
EVENT: Final = slice(9, 12)
ISSUED: Final = slice(-17, -10)
NEAR_SECONDS: Final = 1.5
"""What a fault costs before and after it: samples on the way, and filters that settle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event: what it said, on which channels (numbers), at which second of air."""

    header: str
    channels: tuple[int, ...]
    air: float
    id: str
    recording: str | None


@dataclass(slots=True, kw_only=True)
class Verdict:
    """How many, and which were not as they should be."""

    sent: int = 0
    sendings: int = 0
    decodable: int = 0
    once: int = 0
    cut: int = 0
    weak: int = 0
    partial: int = 0
    misread: int = 0
    """Told as the bare decoder reads it too, and not what was sent."""
    unsure_twice: int = 0
    """Told again since the event or the time was not certain: better twice than never."""
    stepped_twice: int = 0
    """Told again by a clock that stepped beyond its life between the two."""
    missing: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    never_sent: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)
    """Told, and not made out by the bare decoder."""

    @property
    def holds(self) -> bool:
        """Whether all is as it should be."""
        return not (self.missing or self.twice or self.never_sent or self.beyond)


def fits(read: str, sent: str) -> bool:
    """Whether a header, of which some characters may be `?`, is what was sent."""
    return len(read) == len(sent) and all(
        one in (UNCERTAIN, two) for one, two in zip(read, sent, strict=True)
    )


def judge(
    script: Script,
    truth: Sequence[Decodable],
    told: Sequence[Told],
    faults: Iterable[Fault],
) -> Verdict:
    """Weigh what was told against what was sent, and count what each fault cost."""
    verdict = Verdict(sendings=len(script.sent))
    hits = [one for one in truth if one.best_guess != "NNNN"]
    found = {header: _hits(script, header, hits) for header in _headers(script)}
    misread = [one for one in hits if not _is_of(script, one)]
    events: dict[str, list[Told]] = {header: [] for header in found}
    for event in told:
        header = _header_of(script, event)
        if header is not None:
            events[header].append(event)
        elif any(one.header == event.header for one in misread):
            verdict.misread += 1
        else:
            verdict.never_sent.append(f"{event.air:.1f} {event.header}")
    listed = list(faults)
    for header, times in events.items():
        verdict.sent += 1
        if found[header]:
            _weigh(verdict, header, times, listed)
            continue
        if times:
            verdict.beyond.append(f"{times[0].air:.1f} {header}")
        sendings = [one for one in script.sent if one.header == header]
        if not _blame(sendings, listed):
            verdict.weak += 1
        else:
            verdict.cut += 1
    return verdict


def _weigh(
    verdict: Verdict, header: str, times: list[Told], faults: list[Fault]
) -> None:
    verdict.decodable += 1
    verdict.partial += bool(times) and UNCERTAIN in times[0].header
    if len(times) == 1:
        verdict.once += 1
    elif not times:
        verdict.missing.append(header)
    elif sum(is_sure(one.header) for one in times) < 2:
        verdict.unsure_twice += 1
        verdict.once += 1
    elif any("clock" in one.kind_of_fault and _between(times, one) for one in faults):
        verdict.stepped_twice += 1
        verdict.once += 1
    else:
        told = ", ".join(f"{one.air:.1f} {one.header}" for one in times)
        verdict.twice.append(told)


def _between(times: list[Told], fault: Fault) -> bool:
    """Whether a fault began or ended from the first to the last telling."""
    first, last = times[0].air, times[-1].air
    return any(
        first - NEAR_SECONDS <= one <= last + NEAR_SECONDS
        for one in (fault.air, fault.until)
    )


def is_sure(header: str) -> bool:
    """Whether event and time of issue are certain, without which two may be two messages."""
    return UNCERTAIN not in header[EVENT] + header[ISSUED]


def _headers(script: Script) -> list[str]:
    return list(dict.fromkeys(one.header for one in script.sent))


def _hits(script: Script, header: str, hits: list[Decodable]) -> list[Decodable]:
    sendings = [one for one in script.sent if one.header == header]
    return [
        hit
        for hit in hits
        if fits(hit.header, header)
        and any(sent.covers(hit.channel, hit.air) for sent in sendings)
    ]


def _is_of(script: Script, hit: Decodable) -> bool:
    return any(
        sent.covers(hit.channel, hit.air) and fits(hit.header, sent.header)
        for sent in script.sent
    )


def _header_of(script: Script, event: Told) -> str | None:
    for sent in script.sent:
        if fits(event.header, sent.header) and any(
            sent.covers(channel, event.air) for channel in event.channels
        ):
            return sent.header
    return None


def _blame(sendings: list[Sent], faults: list[Fault]) -> bool:
    """Count a message with the first fault that lies over it; return whether there is one."""
    for fault in faults:
        if fault.spares_air:
            continue
        for sent in sendings:
            first, last = fault.air - NEAR_SECONDS, fault.until + NEAR_SECONDS
            if sent.start < last and first < sent.header_end:
                fault.lost += 1
                return True
    return False


def summary(verdict: Verdict) -> dict[str, Any]:
    """Return the verdict as plain values."""
    return {name: getattr(verdict, name) for name in Verdict.__dataclass_fields__}
