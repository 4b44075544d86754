"""A real hass that checks its event loop, its threads and its calls finds nothing to say of us."""

from pathlib import Path
import re

from script.hass_process import HassProcess, complaints, make_configuration
from script.ports import free_port
from script.simulated_radio import set_up_radio, simulated_radio
from script.transmitter import Transmitter

ROOT = Path(__file__).parents[2]
SECONDS = 120.0
SLOW_SECONDS = 2.0
"""Of one callback; asyncio tells those of 0.1 s, and a busy machine has them five times as long."""

_SLOW = re.compile(r" WARNING .*\[asyncio\] Executing .*eas_.* took ([\d.]+) seconds")


async def test_nothing_blocks_the_loop_nor_touches_it_from_a_thread(
    tmp_path: Path,
) -> None:
    port = free_port()
    make_configuration(tmp_path, ROOT / "custom_components" / "eas_station", port)
    async with (
        Transmitter() as transmitter,
        simulated_radio(first_alert=12) as radio,
        HassProcess(tmp_path, port, debug=True) as hass,
    ):
        await hass.log_in()
        async with hass.websocket() as websocket:
            for event_type in ("eas_alert", "eas_end_of_message"):
                await websocket.command(type="subscribe_events", event_type=event_type)
            made = [
                await transmitter.set_up(hass, "Home EAS"),
                await set_up_radio(hass, "Weather Radio", radio.port),
            ]
            entries = [one["result"]["entry_id"] for one in made]
            await transmitter.send("TOR")
            await transmitter.send("RWT")
            heard: list[tuple[str, str]] = []

            def all_heard(event: dict[str, dict[str, str]]) -> bool:
                heard.append((str(event["event_type"]), event["data"]["entry_id"]))
                return all(
                    heard.count(("eas_end_of_message", entry)) >= count
                    for entry, count in zip(entries, (2, 1), strict=True)
                )

            await websocket.wait_for(all_heard, SECONDS)
            for action in ("self_test", "restart_source", "get_alerts"):
                await websocket.command(
                    type="call_service",
                    domain="eas_station",
                    service=action,
                    service_data={"config_entry_id": entries[0]},
                    return_response=action != "restart_source",
                )
        for entry in entries:
            await hass.post(f"/api/config/config_entries/entry/{entry}/reload")
        assert await hass.stop() == 0
        log = hass.log

    assert "Detected blocking call" not in log
    assert "from a thread other than the event loop" not in log
    assert "was never awaited" not in log
    assert "never retrieved" not in log
    assert [line for line in complaints(log) if " [asyncio] " not in line] == []
    slow = [
        line
        for line in log.splitlines()
        if (took := _SLOW.search(line)) and float(took[1]) > SLOW_SECONDS
    ]
    assert slow == []
