"""What is done to a soaked Home Assistant, how often, and when."""

import signal
from typing import Final

import numpy as np

from bench.soak_script import Script
from bench.soak_station import STORMY
from bench.soak_web import CHANNEL

RESTARTS: Final = {
    "hass stopped and started": 8,
    "hass killed (SIGKILL) in mid-alert": 10,
    "history file truncated": 5,
    "history file of zeros": 5,
}
WEIGHTS: Final = RESTARTS | {
    "entry reloaded": 26,
    "disk full": 6,
    "disk slow": 6,
    "clock stepped +1 h": 6,
    "clock stepped -1 h": 6,
    "websocket clients that never read": 8,
    "broker killed": 10,
    "agent killed (SIGKILL)": 12,
    "stream cut in mid-burst": 12,
    "stream late, then all at once": 10,
    "stream stalled": 6,
    "stream server gone": 8,
    "stream of garbage": 6,
    "stream's mount gone (404)": 6,
    "stream's capture killed (SIGKILL)": 10,
    "stream's capture stopped (SIGSTOP)": 4,
}
OF_A_SERVER: Final = {
    "connection cut in mid-burst": 24,
    "rtl_tcp server gone": 20,
    "rtl_tcp server stalled": 6,
    "garbage IQ": 18,
    "no rtl_tcp answers": 8,
    "samples lost": 18,
}
OF_A_DONGLE: Final = {
    "dongle unplugged": 34,
    "dongle's driver crashes (SIGSEGV)": 12,
    "dongle's driver crashes, and it is busy": 8,
    "dongle's driver hangs": 6,
    "dongle's capture killed (SIGKILL)": 14,
    "dongle's capture stopped (SIGSTOP)": 4,
    "dongle gives garbage": 12,
    "dongle loses samples": 10,
}
"""What there is besides, by what the radio is."""

type Doing = dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
"""What is done to a radio or a server to break it, and to mend it."""

OF_THE_WEB: Final[Doing] = {
    "stream cut in mid-burst": (("cut",), ()),
    "stream late, then all at once": (("hold",), ("resume",)),
    "stream stalled": (("hold",), ("resume",)),
    "stream server gone": (("gone",), ("resume",)),
    "stream of garbage": (("garbage",), ("resume",)),
    "stream's mount gone (404)": (("unmount",), ("resume",)),
}
OF_THE_CAPTURE: Final = {
    "stream's capture killed (SIGKILL)": signal.SIGKILL,
    "stream's capture stopped (SIGSTOP)": signal.SIGSTOP,
    "dongle's capture killed (SIGKILL)": signal.SIGKILL,
    "dongle's capture stopped (SIGSTOP)": signal.SIGSTOP,
}
OF_THE_DONGLE: Final[Doing] = {
    "dongle unplugged": (("unplug",), ("plug",)),
    "dongle's driver crashes (SIGSEGV)": (("crash",), ("work",)),
    "dongle's driver crashes, and it is busy": (("refuse", "crash"), ("plug",)),
    "dongle's driver hangs": (("stall",), ("work",)),
    "dongle gives garbage": (("deliver_garbage",), ("work",)),
    "dongle loses samples": (("lose",), ()),
}
OF_THE_SERVER: Final[Doing] = {
    "connection cut in mid-burst": (("cut",), ()),
    "rtl_tcp server gone": (("gone",), ("back",)),
    "rtl_tcp server stalled": (("stall",), ("resume",)),
    "garbage IQ": (("garbage",), ("resume",)),
    "no rtl_tcp answers": (("garbage", "cut"), ("resume",)),
    "samples lost": (("stall",), ("resume",)),
}
OF_THE_RADIO: Final = OF_A_SERVER.keys() | OF_A_DONGLE.keys()
OF_THE_STREAM: Final = OF_THE_WEB.keys() | (OF_THE_CAPTURE.keys() - OF_THE_RADIO)
STALLED_SECONDS: Final = {
    "rtl_tcp server stalled": 6.0,
    "stream stalled": 9.0,
    "stream's capture stopped (SIGSTOP)": 6.0,
    "dongle's driver hangs": 6.0,
    "dongle's capture stopped (SIGSTOP)": 6.0,
}
"""More than a source is patient for, besides what is drawn."""


def draw(
    script: Script, count: int, rng: np.random.Generator, *, dongle: bool
) -> list[tuple[float, str]]:
    """Return when which fault comes; what restarts hass is over at three fifths of the time."""
    weighed = WEIGHTS | (OF_A_DONGLE if dongle else OF_A_SERVER)
    kinds = list(weighed)
    weights = np.array([weighed[one] for one in kinds], float)
    drawn = [
        kinds[one] for one in rng.choice(len(kinds), count, p=weights / sum(weights))
    ]
    stormy = rng.random(len(script.moments)) < STORMY
    hit_ones = [one for one in script.sent if stormy[one.moment]] or list(script.sent)
    found = []
    for kind in drawn:
        last = 0.6 if kind in RESTARTS else 1.0
        heard = [
            one
            for one in hit_ones
            if kind not in OF_THE_STREAM or CHANNEL in one.channels
        ] or hit_ones
        sent = [one for one in heard if one.start < last * script.seconds] or heard
        hit = sent[int(rng.integers(len(sent)))]
        low, high = hit.start, hit.header_end
        if rng.random() < 0.3:
            low, high = script.moments[hit.moment].start, hit.end
        found.append((float(rng.uniform(low, high)), kind))
    return sorted(found)
