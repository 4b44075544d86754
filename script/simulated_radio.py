"""Seven simulated channels of weather radio, served as rtl_tcp serves a dongle."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
import re
import sys
from typing import Any, Final, NamedTuple

from script.hass_process import HassError, HassProcess

_SERVES: Final = re.compile(r"^Serving as rtl_tcp at .*:(\d+);")
ROOT: Final = Path(__file__).parent.parent
CHANNELS: Final = [
    str(frequency) for frequency in range(162_400_000, 162_550_001, 25_000)
]


class Serving(NamedTuple):
    """The port on the loopback, and the process."""

    port: int
    pid: int


@asynccontextmanager
async def simulated_radio(
    *, port: int = 0, first_alert: float = 15, interval: float = 1800
) -> AsyncIterator[Serving]:
    """Serve them in a process of their own; yield where.

    The first warning, for the home in Cleveland, comes `first_alert` seconds
    after the first client, and the next ones every `interval`.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "eas_core", "simulate"),
        *("--rtl-tcp", f"127.0.0.1:{port}", "--location", "039035"),
        *("--first", str(first_alert), "--interval", str(interval)),
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stderr is not None
    try:
        async for line in process.stderr:
            if found := _SERVES.search(line.decode()):
                yield Serving(int(found[1]), process.pid)
                return
        raise HassError("The simulated radio did not start.")
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def set_up_radio(hass: HassProcess, name: str, port: int) -> dict[str, Any]:
    """Set up a station that hears all seven; return what the flow's end tells."""
    return await hass.set_up(
        "rtl_tcp",
        "nwr",
        {"frequencies": CHANNELS},
        name=name,
        host="127.0.0.1",
        port=port,
        receiver={},
    )
