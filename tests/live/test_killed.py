"""A real hass that is killed while a warning is on the air, and started again."""

from pathlib import Path

from bench.killed import Killed, trial


async def test_a_kill_in_mid_message_loses_nothing_and_tells_nothing_twice(
    tmp_path: Path,
) -> None:
    # `bench/killed.py` has the table of other moments.
    assert await trial(tmp_path, seconds=1.0) == Killed(
        on_disk=True,
        active_at_start=True,
        last_alert_at_start="Tornado Warning",
        told_again=False,
        entries=1,
        ended=True,
        messages=2,
    )
