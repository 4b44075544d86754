"""A dongle that is put into a soaked Home Assistant, and hears its air: no radio, but all between USB and the event.

pyrtlsdr opens it in Home Assistant's child process, by the librtlsdr that the tests have.
"""

from pathlib import Path
from typing import Any, Final

from bench.soak_watch import children
from eas_core.radio.plan import NWR_SAMPLE_RATE
from script.hass_process import HassProcess
from script.simulated_radio import CHANNELS
from tests.standin import BUSY, Standin, StandinDongle

SERIAL: Final = "00000162"
LOST_SAMPLES: Final = NWR_SAMPLE_RATE // 2


class Dongle:
    """What is at the USB, and what may be done to it."""

    def __init__(self, folder: Path) -> None:
        """Take a folder of its own."""
        self._standin = Standin(folder)
        self._plugged: StandinDongle | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Return what leads a program to it."""
        return self._standin.variables

    async def set_up(self, hass: HassProcess, name: str, port: int) -> dict[str, Any]:
        """Plug it in on the air of a port, and set it up by the forms; return what their end tells."""
        where = f"tcp:{port}"
        self._plugged = self._standin.add(SERIAL, iq=where, loop=False, speed=0.0)
        return await hass.set_up(
            "rtl_sdr",
            "nwr",
            {"frequencies": CHANNELS},
            name=name,
            serial=SERIAL,
            receiver={},
        )

    def do(self, what: str) -> None:
        """Do `unplug`, `refuse`, `stall`, `crash`, `deliver_garbage`, `lose`, and `plug` or `work` after them."""
        assert self._plugged is not None
        values = {"lose": LOST_SAMPLES, "refuse": BUSY}
        getattr(self._plugged, what)(*(values[what],) if what in values else ())


def captures(pid: int, *, of_dongle: bool) -> list[int]:
    """Return the child processes that have a dongle's library, or the others; raises OSError where one is gone."""
    return [
        child
        for child in children(pid)
        if ("librtlsdr" in Path(f"/proc/{child}/maps").read_text()) == of_dongle
    ]
