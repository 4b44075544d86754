"""The verdict on a Home Assistant: one event and one entry of the history for each message.

What was sent while nothing was wrong is decided exactly: the bare decoder reads the air
as the server sent it. Where a fault, a restart or an overloaded machine lay over a header
it may be told or not, and never twice.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
import json
from pathlib import Path
from typing import Any, Final

from bench.soak_home import HEARS, Home, history_files
from bench.soak_home_faults import OF_THE_RADIO, OF_THE_STREAM
from bench.soak_script import Sent
from bench.soak_truth import Decodable
from bench.soak_verdict import fits, is_sure

BEFORE: Final = 3.0
AFTER: Final = 6.0
"""Seconds around what went wrong: what waits on the way, and a receiver that settles."""

BLIND: Final = 3.0
"""Seconds between two looks: more is a Home Assistant that was away, or did nothing."""

BURST: Final = 9.0
"""What a stream's server sends again, and by as much a stream may be late."""

KILLED_SECONDS: Final = 1.0
"""From the event to the disk, on a machine with much to do."""


@dataclass(slots=True, kw_only=True)
class HomeVerdict:
    """How many, and which were not as they should be."""

    sent: int = 0
    exact: int = 0
    """Decodable, and nothing was wrong while they were sent."""
    once: int = 0
    touched: int = 0
    touched_told: int = 0
    weak: int = 0
    told_though_weak: int = 0
    misread: int = 0
    unsure_twice: int = 0
    lost_with_file: int = 0
    lost_by_kill: int = 0
    again_by_kill: int = 0
    agent_said: int = 0
    agent_kept: int = 0
    agent_events: int = 0
    missing: list[str] = field(default_factory=list)
    no_entry: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    entry_twice: list[str] = field(default_factory=list)
    never_sent: list[str] = field(default_factory=list)
    agent_missing: list[str] = field(default_factory=list)
    agent_twice: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether all is as it should be."""
        return not any(isinstance(one, list) and one for one in asdict(self).values())


def entries_of(disk: Path, entry: str) -> list[dict[str, Any]]:
    """Return what an entry's history holds on the disk."""
    return [
        one
        for path in history_files(disk, entry)
        for one in json.loads(path.read_bytes())["data"]["entries"]
    ]


def troubles(
    home: Home, missed: Iterable[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Return from when to when (seconds of air) a message of the radio may have been hurt."""
    found = _faults(home, but=OF_THE_STREAM)
    found += list(missed)
    lost: tuple[int, int] | None = None
    for start, end, stations in _spans(home):
        radio = stations.get(home.entry)
        bad = end - start > BLIND
        if radio is not None:
            counted = (radio["lost"], radio["dropped"])
            bad |= radio["state"] not in HEARS or lost not in (None, counted)
            lost = counted
        if bad:
            found.append((start, end))
    return [(start - BEFORE, end + AFTER) for start, end in found]


def troubles_of_the_stream(home: Home) -> list[tuple[float, float]]:
    """Return from when to when (seconds of air) a message of the stream may have been hurt.

    Samples that are lost excuse nothing: what comes over TCP comes whole.
    """
    found = _faults(home, but=OF_THE_RADIO)
    for start, end, stations in _spans(home):
        stream = stations.get(home.streamed)
        if end - start > BLIND or stream is None or stream["state"] not in HEARS:
            found.append((start, end))
    return [(start - BEFORE - BURST, end + AFTER) for start, end in found]


def _faults(home: Home, *, but: Container[str]) -> list[tuple[float, float]]:
    return [
        (fault.air, fault.until or fault.air)
        for fault in home.faults
        if fault.kind_of_fault not in but and not fault.spares_air
    ]


def _spans(home: Home) -> Iterator[tuple[float, float, dict[str, dict[str, Any]]]]:
    """Yield from when to when (seconds of air) the probe looked, and at which stations by their entries."""
    before = home.air.began
    for line in home.probe.look():
        if line["kind"] == "look":
            stations = {one["entry_id"]: one for one in line["stations"]}
            yield before - home.air.began, line["at"] - home.air.began, stations
            before = line["at"]


def lag(home: Home) -> dict[str, Any]:
    """Return by how much the event loop was late each second, in ms: p50, p99 and most."""
    late = sorted(
        1000.0 * one["lag"] for one in home.probe.look() if one["kind"] == "look"
    )
    shares = {"p50_ms": 0.5, "p99_ms": 0.99, "most_ms": 1.0}
    places = {name: int(share * (len(late) - 1)) for name, share in shares.items()}
    return {"looks": len(late)} | {
        name: round(late[place], 1) for name, place in places.items()
    }


def is_touched(sent: Sent, times: Iterable[tuple[float, float]]) -> bool:
    """Whether something lay over a message's header."""
    return any(start < sent.header_end and sent.start < end for start, end in times)


def judge_home(
    home: Home,
    entry: str,
    wanted: Sequence[Sent],
    truth: list[Decodable],
    times: list[tuple[float, float]],
) -> HomeVerdict:
    """Weigh an entry's events and its history against what it was sent."""
    verdict = HomeVerdict()
    events = [one for one in home.probe.look() if one["kind"] == "alert"]
    heard = [one for one in events if one["entry_id"] == entry]
    entries = entries_of(home.disk, entry)
    hits = [one for one in truth if one.best_guess != "NNNN"]
    claimed: set[int] = set()
    for sent in wanted:
        mine = [one for one in heard if fits(one["header"], sent.header)]
        claimed |= {id(one) for one in mine}
        _weigh(verdict, home, sent, mine, entries, hits, times)
    for one in heard:
        if id(one) in claimed:
            continue
        if any(hit.header == one["header"] for hit in hits):
            verdict.misread += 1
        else:
            verdict.never_sent.append(
                f"{one['at'] - home.air.began:.1f} {one['header']}"
            )
    return verdict


def _weigh(
    verdict: HomeVerdict,
    home: Home,
    sent: Sent,
    mine: list[dict[str, Any]],
    entries: list[dict[str, Any]],
    hits: list[Decodable],
    times: list[tuple[float, float]],
) -> None:
    verdict.sent += 1
    decodable = any(
        sent.covers(hit.channel, hit.air) and fits(hit.header, sent.header)
        for hit in hits
    )
    touched = is_touched(sent, times)
    kept = [one for one in entries if fits(one["header"], sent.header)]
    sure = [one for one in mine if is_sure(one["header"])]
    if any(_was_killed(home, one) for one in mine[:-1]):
        # Before it was on the disk: what is sent again is told again.
        verdict.again_by_kill += 1
    elif len(mine) > 1 and len(sure) > 1 and len({one["id"] for one in mine}) == 1:
        verdict.twice.append(sent.header)
    elif len(mine) > 1:
        verdict.unsure_twice += 1
    if len(kept) != len({one["id"] for one in kept}):
        verdict.entry_twice.append(sent.header)
    if decodable and not touched:
        verdict.exact += 1
        verdict.once += len(mine) == 1
        if not mine:
            verdict.missing.append(f"{sent.start:.1f} {sent.header}")
    elif touched:
        verdict.touched += 1
        verdict.touched_told += bool(mine)
    else:
        verdict.weak += 1
        verdict.told_though_weak += bool(mine)
    if mine and not kept:
        _why_not_kept(verdict, home, mine, sent)


def _why_not_kept(
    verdict: HomeVerdict, home: Home, mine: list[dict[str, Any]], sent: Sent
) -> None:
    if any(one["id"] in home.damaged for one in mine):
        verdict.lost_with_file += 1
    elif any(_was_killed(home, one) for one in mine):
        verdict.lost_by_kill += 1
    else:
        verdict.no_entry.append(f"{sent.start:.1f} {sent.header}")


def _was_killed(home: Home, event: dict[str, Any]) -> bool:
    """Whether Home Assistant was, before an event's entry can be expected on the disk."""
    return any(0 <= kill - event["at"] < KILLED_SECONDS for kill in home.kills)


def judge_agent(home: Home, verdict: HomeVerdict) -> None:
    """Weigh what the agent said."""
    events = [one for one in home.probe.look() if one["kind"] == "alert"]
    kept = Counter(one["header"] for one in entries_of(home.disk, home.agents))
    told = Counter(one["header"] for one in events if one["entry_id"] == home.agents)
    for header in home.agent.said:
        verdict.agent_said += 1
        verdict.agent_kept += kept[header] == 1
        verdict.agent_events += told[header] == 1
        if not kept[header]:
            verdict.agent_missing.append(header)
        if kept[header] > 1 or told[header] > 1:
            verdict.agent_twice.append(header)
