"""What PyAV holds in circles, let go of at once."""

import gc
from typing import Any, Final

_LINKS: Final = frozenset(
    {
        *("InputContainer", "OutputContainer", "StreamContainer"),
        *("AudioStream", "AudioCodecContext", "AudioResampler"),
        *("Graph", "FilterContext", "FilterLink"),
    }
)
"""PyAV's classes that know each other: containers and streams, graphs and filters."""


def let_go(*owners: object) -> None:
    """Free what ffmpeg has behind PyAV's objects, which are used no more from here on.

    They know each other, so that Python frees them when it next looks for circles: in a
    process that makes few objects minutes later. Until then a FLAC encoder keeps 7 MB,
    and each resampler a thread for every core.
    """
    found: dict[int, object] = {}
    circles: list[Any] = []
    waiting = list(owners)
    while waiting:
        one = waiting.pop()
        is_circle = type(one) in (dict, list)
        if id(one) in found or not (is_circle or type(one).__name__ in _LINKS):
            continue
        found[id(one)] = one
        if is_circle:
            circles.append(one)
        waiting += gc.get_referents(one)
    for circle in circles:
        circle.clear()
