#!/usr/bin/env python3
"""What clients of the websocket API cost and get: bench/websocket.py [SECONDS].

A real hass hears the seven simulated channels while none, one and ten clients
are subscribed to levels and spectrum, SECONDS (30) each. Then ten wait for a warning.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
import json
from pathlib import Path
from statistics import median
import sys
import tempfile
import time

import aiohttp

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.hass_cost import ROOT, cpu_seconds, resident_mb
from script.hass_process import HassProcess, make_configuration
from script.ports import free_port
from script.simulated_radio import set_up_radio, simulated_radio

SETTLE = 15.0
WARNING_SECONDS = 100.0


@dataclass(slots=True)
class Client:
    """What one client has got."""

    frames: int = 0
    spectra: int = 0
    bytes: int = 0
    gaps: list[float] = field(default_factory=list)
    alert_delays: list[float] = field(default_factory=list)
    _last: float = 0.0

    async def listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Subscribe, and count until cancelled."""
        await socket.send_json(
            {"id": 1, "type": "eas_station/subscribe", "spectrum": True}
        )
        async for message in socket:
            self.bytes += len(message.data)
            event = json.loads(message.data).get("event", {})
            match event.get("type"):
                case "levels":
                    now = time.monotonic()
                    self.frames += 1
                    if self._last:
                        self.gaps.append(now - self._last)
                    self._last = now
                case "spectrum":
                    self.spectra += 1
                case "alert":
                    received = datetime.fromisoformat(event["alert"]["received"])
                    delay = datetime.now(UTC) - received
                    self.alert_delays.append(delay.total_seconds())


async def listened(
    hass: HassProcess, count: int, seconds: float, *, to_warning: bool = False
) -> tuple[list[Client], float, float]:
    """Return what clients got in so long, CPU in percent and MB resident."""
    clients = [Client() for _ in range(count)]
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        tasks = []
        for client in clients:
            websocket = await stack.enter_async_context(hass.websocket())
            tasks.append(group.create_task(client.listen(websocket.connection)))
        before = cpu_seconds(hass.pid)
        begun = time.monotonic()
        while time.monotonic() < begun + seconds:
            await asyncio.sleep(0.1)
            if to_warning and all(client.alert_delays for client in clients):
                break
        used = cpu_seconds(hass.pid) - before
        took = time.monotonic() - begun
        for task in tasks:
            task.cancel()
    return clients, 100 * used / took, resident_mb(hass.pid)


async def main() -> None:
    """Measure and print the table."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        make_configuration(folder, ROOT / "custom_components" / "eas_station", port)
        first = SETTLE + 3 * seconds + 20
        async with (
            simulated_radio(first_alert=first, interval=120) as radio,
            HassProcess(folder, port) as hass,
        ):
            await hass.log_in()
            await set_up_radio(hass, "Bench EAS", radio.port)
            await asyncio.sleep(SETTLE)
            print("clients   CPU of a core   memory   frames/s   spectra/s   bytes/s")
            for count in (0, 1, 10):
                clients, used, memory = await listened(hass, count, seconds)
                print(f"{count:7} {used:13.1f} % {memory:7.0f} MB", end="")
                if clients:
                    frames = [one.frames / seconds for one in clients]
                    spectra = [one.spectra / seconds for one in clients]
                    size = [one.bytes / seconds for one in clients]
                    print(
                        f" {min(frames):9.2f} {min(spectra):10.2f} {max(size):11.0f}"
                        f"   longest gap {max(max(one.gaps) for one in clients):.3f} s",
                        end="",
                    )
                print(flush=True)
            clients, _, _ = await listened(hass, 10, WARNING_SECONDS, to_warning=True)
            delays = [delay for one in clients for delay in one.alert_delays]
            if delays:
                print(
                    f"a warning: {min(delays):.3f} to {max(delays):.3f} s after it was"
                    f" received, median {median(delays):.3f} s, {len(delays)} clients"
                )


if __name__ == "__main__":
    asyncio.run(main())
