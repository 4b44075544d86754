"""A real hass, a real Mosquitto and an agent: whatever dies, each alert is one event.

`bench/agent_faults.py` has the table of all faults at all points of an alert's life.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.agent_house import House, house, when
from bench.killed import is_on_disk
from eas_core.agent.spool import Spool
from eas_core.station.records import Alert, EndOfMessage
from tests.core.agent.told import alert as told_alert, config, running
from tests.peers.mosquitto import listener

ALERT, END = "eas_alert", "eas_end_of_message"


def warning(event: str) -> Alert:
    now = datetime.now(UTC)
    header = f"ZCZC-WXR-{event}-039035+0030-{now:%j%H%M}-KCLE/NWS-"
    return told_alert(header=header, now=now)


def end_of(alert: Alert) -> EndOfMessage:
    return EndOfMessage(
        received=datetime.now(UTC),
        channels=alert.channels,
        alert_id=alert.id,
        duration_s=30.0,
    )


async def fired(home: House, alert: Alert, event: str = ALERT) -> None:
    assert await when(lambda: home.is_fired(alert.id, event)), home.told()


async def test_a_broker_and_a_hass_that_are_killed_lose_nothing_and_double_nothing(
    tmp_path: Path,
) -> None:
    first, second, third, last = (
        warning(each) for each in ("TOR", "SVR", "FFW", "EWW")
    )
    async with house() as home:
        settings = config(tmp_path, home.broker.port)
        settings = replace(settings, health_seconds=5.0)
        with running(settings) as attic, listener(home.broker) as rogue:
            # It is asked for what was missed once nothing can be missed any more.
            assert await when(lambda: bool(rogue.told("command")))
            attic.say(first)
            await fired(home, first)
            assert await when(lambda: is_on_disk(home.hass.folder, first.id))
            await home.hass.kill()
            await asyncio.to_thread(home.broker.kill)
            # Nobody is there to whom it could be told.
            attic.say(end_of(first))
            attic.say(second)
            await asyncio.to_thread(home.broker.start)
            # And then the broker alone, who forgets what nobody wants.
            attic.say(end_of(second))
            attic.say(third)
            assert await when(
                lambda: len({one["id"] for one in rogue.told("alert")}) == 3
            )
            assert await when(lambda: not Spool(tmp_path).unsent)
            await home.start_hass()
            await fired(home, third)
            for topic, payload, _ in tuple(rogue.heard):
                await asyncio.to_thread(rogue.publish, topic, payload)
            huge = b"[" * 1_500_000
            await asyncio.to_thread(rogue.publish, "eas_station/attic/alert", huge)
            attic.say(end_of(third))
            attic.say(last)
            await fired(home, last)
            entries = [await home.entry(one.id) for one in (first, second, third)]
            told = [(one["event"], one["id"], one["late"]) for one in home.told()]
    assert told == [
        (ALERT, first.id, False),
        (END, first.id, None),
        (ALERT, second.id, True),
        (END, second.id, None),
        (ALERT, third.id, True),
        (END, third.id, None),
        (ALERT, last.id, False),
    ]
    assert all(entry is not None and entry["ended"] for entry in entries)
