"""What a station has heard is gone with it, not when Python next looks for circles."""

from functools import partial
import gc
import weakref

import numpy as np
import pytest

from eas_core.audio.ring import Ring
from eas_core.modem.decoder import SameDecoder
from eas_core.sources.simulator import SimulatorSource
from eas_core.station import Station, StationOptions
from tests.core.station.hearing import RATE, Until

pytestmark = pytest.mark.usefixtures("python_does_not_look")


def test_a_decoder_that_is_done_with_is_gone() -> None:
    decoder = SameDecoder(RATE)
    decoder.feed(np.zeros(RATE, np.float32))
    gone = weakref.ref(decoder)
    del decoder
    assert gone() is None


def has_heard_more(station: Station, samples: int) -> bool:
    return station.counters.samples > samples


def test_a_station_that_is_stopped_keeps_no_audio_and_hears_again(until: Until) -> None:
    before = {id(one) for one in gc.get_objects() if isinstance(one, Ring)}
    source = SimulatorSource(["039035"])
    station = Station(source, StationOptions(name="test"))
    for _ in range(2):
        station.start()
        until(partial(has_heard_more, station, station.counters.samples))
        station.stop()
        rings = [
            one
            for one in gc.get_objects()
            if isinstance(one, Ring) and id(one) not in before
        ]
        assert rings
        assert [len(one.read()) for one in rings] == [0] * len(rings)
