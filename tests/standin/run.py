"""Uses the dongle sources in a process of its own, and prints JSON lines.

    python -m tests.standin.run find
    python -m tests.standin.run read '{"serial": "00000101", "bias_tee": true}'

`read` prints a line for each block and ends when its input does. What fails is
a line with `reason` and `hint`. `--without pyrtlsdr` and `--without librtlsdr`
run it as if that were not installed.
"""

import ctypes
import ctypes.util
from dataclasses import asdict
import json
import sys
import threading
import time
from typing import Any, Never
import zlib

from eas_core.audio.block import IqBlock
from eas_core.clock import SystemClock
from eas_core.radio.plan import NWR_CENTER, NWR_SAMPLE_RATE, Tuning
from eas_core.sources.dongle import DongleOptions
from eas_core.sources.rtl_sdr import RtlSdrSource, find_dongles
from eas_core.sources.source import SourceError


def tell(**values: Any) -> None:
    print(json.dumps(values), flush=True)


def lack(what: str) -> None:
    """Make it fail to import or to load, as where it is not installed."""
    if what == "pyrtlsdr":
        sys.modules["rtlsdr"] = None  # type: ignore[assignment]
        return

    def no_library(*_: object) -> Never:
        raise OSError("cannot open shared object file")

    ctypes.util.find_library = lambda name: None
    ctypes.CDLL = no_library  # type: ignore[misc,assignment]


def source(values: dict[str, Any]) -> RtlSdrSource:
    tuning = Tuning(
        center_frequency=values.pop("center_frequency", NWR_CENTER),
        sample_rate=values.pop("sample_rate", NWR_SAMPLE_RATE),
        direct_sampling=values.pop("direct_sampling", 0),
    )
    serial = values.pop("serial")
    return RtlSdrSource(serial=serial, tuning=tuning, dongle=DongleOptions(**values))


def read(values: dict[str, Any]) -> None:
    stop = threading.Event()
    pause = values.pop("pause", 0.0)
    stopped_at: list[float] = []

    def wait_for_the_end() -> None:
        sys.stdin.read()
        stopped_at.append(time.monotonic())
        stop.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    for block in source(values).blocks(SystemClock(), stop):
        assert isinstance(block, IqBlock)
        tell(
            first_sample=block.first_sample,
            samples=len(block.samples),
            sample_rate=block.sample_rate,
            center_frequency=block.center_frequency,
            dtype=str(block.samples.dtype),
            peak=float(abs(block.samples.view("f4")).max(initial=0.0)),
            check=zlib.crc32(block.samples.tobytes()),
        )
        time.sleep(pause)
        pause = 0.0
    tell(ended_after=time.monotonic() - stopped_at[0])


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[0] == "--without":
        lack(arguments[1])
        arguments = arguments[2:]
    try:
        if arguments[0] == "find":
            tell(found=[asdict(each) for each in find_dongles()])
        else:
            read(json.loads(arguments[1]))
    except SourceError as error:
        tell(reason=error.reason, hint=error.hint)


if __name__ == "__main__":
    main()
