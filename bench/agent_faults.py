#!/usr/bin/env python3
"""What is lost and what is doubled when something breaks: bench/agent_faults.py [TRIES] [SEED] [WORD …].

Two real agents hear a transmitter and tell a real Mosquitto, which one real hass
follows. At each point of an alert's life something breaks, and is mended after a
while drawn from the seed. Counted are the events that hass fired over all its
lives, as a probe in it wrote them down, and the entries of its history: each
alert must be one event, each end one, and each agent that heard it be named.
TRIES (3) of each; WORDs choose the rows that hold one. About 20 s a try.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
import sys
import time
from typing import Final

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from bench.agent_house import House, Message, house, message, when
from bench.agent_rogues import DICE, ROGUES, Rogue

TOLD_SECONDS: Final = 120.0
SETTLE_SECONDS: Final = 1.0

type Do = Callable[[], Awaitable[object]]
type Trial = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """What breaks something, what mends it, and how long that takes, in seconds."""

    breaks: Do
    mends: Do
    least: float = 0.3
    most: float = 3.0


def faults_of(home: House) -> dict[str, Fault]:
    """Return what can happen in a house."""
    attic, broker, hass = home.agents["attic"], home.broker, home.hass

    async def all_off() -> None:
        await asyncio.gather(asyncio.to_thread(broker.kill), hass.kill())

    async def all_on() -> None:
        await asyncio.to_thread(broker.start)
        await home.start_hass()

    return {
        "broker killed": Fault(blocking(broker.kill), blocking(broker.start)),
        "hass stopped": Fault(hass.stop, home.start_hass),
        "hass killed": Fault(hass.kill, home.start_hass),
        "broker and hass killed": Fault(all_off, all_on),
        "agent killed": Fault(blocking(attic.kill), blocking(attic.start)),
        "agent's network cut": Fault(
            blocking(attic.network.cut), blocking(attic.network.mend)
        ),
        # Longer than its keepalive: it must find out by itself.
        "agent's network hangs": Fault(
            blocking(attic.network.hang), blocking(attic.network.mend), 8.0, 14.0
        ),
        "hass's network cut": Fault(
            blocking(home.network.cut), blocking(home.network.mend)
        ),
    }


def blocking(do: Callable[[], object]) -> Do:
    """Return what waits on a thread of its own."""
    return lambda: asyncio.to_thread(do)


async def before_header(home: House, sent: Message) -> None:
    """Let the fault come before the message does."""


async def between_bursts(home: House, sent: Message) -> None:
    """Wait for the first of three."""
    home.air.say(sent.audio)
    await when(lambda: home.air.said_seconds >= sent.after_first_burst)


async def unacknowledged(home: House, sent: Message) -> None:
    """Wait until the agent has sent the alert, and let no answer come."""
    network = home.agents["attic"].network
    network.watch_for(b"attic/alert")
    network.hang_back()
    home.air.say(sent.audio)
    await when(network.saw.is_set)


async def before_end(home: House, sent: Message) -> None:
    """Wait for the event, and not for what hass does next."""
    home.air.say(sent.audio)
    await when(lambda: home.is_fired(sent.id))
    await asyncio.sleep(DICE.uniform(0.1, 0.5))


async def in_the_end(home: House, sent: Message) -> None:
    """Wait for the first burst of its end."""
    home.air.say(sent.audio)
    await when(lambda: home.air.said_seconds >= sent.in_the_end)


async def after_all(home: House, sent: Message) -> None:
    """Wait until all is told."""
    home.air.say(sent.audio)
    await when(lambda: home.is_settled(sent))


POINTS: Final = {
    "before the header": before_header,
    "between its bursts": between_bursts,
    "sent, not acknowledged": unacknowledged,
    "fired, before its end": before_end,
    "in its end": in_the_end,
    "after all": after_all,
}


@dataclass(slots=True)
class Row:
    """What came of some alerts."""

    sent: list[Message] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    unsettled: int = 0
    heard: int = 0

    def text(self, home: House, fault: str, point: str) -> str:
        """Return it as a row of Markdown, counted by what hass had fired at last."""
        counts = home.counted()
        alerts = [counts["eas_alert", one.id] for one in self.sent]
        ends = [counts["eas_end_of_message", one.id] for one in self.sent]
        ids = {one.id for one in self.sent}
        late = {one["id"] for one in home.told() if one["late"] and one["id"] in ids}
        times = np.array(self.seconds or [np.nan])
        cells = (
            fault,
            point,
            len(self.sent),
            self.heard,
            alerts.count(0) + self.unsettled,
            sum(max(0, each - 1) for each in alerts),
            ends.count(0),
            sum(max(0, each - 1) for each in ends),
            len(late),
            f"{np.median(times):.1f}",
            f"{times.max():.1f}",
        )
        return "| " + " | ".join(str(each) for each in cells) + " |"


HEAD: Final = """\
| what breaks | when | alerts | told by agents | lost | doubled | ends lost | ends doubled | late | told again after, s (median) | (most) |
| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |"""


async def attempt(
    home: House, row: Row, fault: Fault, point: str, sent: Message
) -> None:
    """Send an alert, break something at a point, mend it, and wait until all is told."""
    await POINTS[point](home, sent)
    await fault.breaks()
    if point == "before the header":
        home.air.say(sent.audio)
    await asyncio.sleep(DICE.uniform(fault.least, fault.most))
    begun = time.monotonic()
    await fault.mends()
    home.agents["attic"].network.mend()
    await when(lambda: home.air.quiet)
    # What is not on the air yet cannot be told.
    await settle(home, row, sent, max(begun, home.air.quiet_since))


async def suffer(home: House, row: Row, rogue: Rogue, sent: Message) -> None:
    """Send an alert while somebody, or something, is not as it should be."""
    await rogue(home, sent)
    await settle(home, row, sent, home.air.quiet_since)


async def settle(home: House, row: Row, sent: Message, begun: float) -> None:
    """Wait until all is told, and note how long that took from a moment."""
    row.sent.append(sent)
    if not await when(lambda: home.is_settled(sent), TOLD_SECONDS):
        row.unsettled += home.is_fired(sent.id)
    row.seconds.append(time.monotonic() - begun)
    row.heard += len(home.heard_by(sent.id))
    # What is told twice may come a little later.
    await asyncio.sleep(SETTLE_SECONDS)


async def main() -> None:
    """Print the table as it grows, and at the end whether anything came later."""
    tries = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    DICE.seed(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    words = sys.argv[3:]
    rows: list[Row] = []
    print(HEAD)
    async with house("attic", "barn") as home:
        trials: dict[tuple[str, str], Trial] = {
            (name, point): partial(attempt, fault=fault, point=point)
            for name, fault in faults_of(home).items()
            for point in POINTS
        }
        trials |= {
            (name, "all the time"): partial(suffer, rogue=rogue)
            for name, rogue in ROGUES.items()
        }
        for (name, point), trial in trials.items():
            if words and not any(word in f"{name}, {point}" for word in words):
                continue
            rows.append(Row())
            for number in range(tries):
                sent = message(len(rows) * tries + number)
                await trial(home, rows[-1], sent=sent)
            print(rows[-1].text(home, name, point), flush=True)
        ids = {one.id for row in rows for one in row.sent}
        counts = home.counted()
        foreign = sum(count for (_, one), count in counts.items() if one not in ids)
        twice = sum(count > 1 for count in counts.values())
        print(f"\n{len(ids)} alerts; events of none of them: {foreign}; twice: {twice}")


if __name__ == "__main__":
    asyncio.run(main())
