"""A decoder that hangs in a station's own thread."""

import threading
from unittest.mock import patch

from custom_components.eas_station.eas_core.audio.block import Block
from custom_components.eas_station.eas_core.station import StationRecord
from custom_components.eas_station.eas_core.station.ears import Ears


class Hang:
    """Holds up whoever decodes while it `hangs` and its `patch` is in place, until `goes_on` is set."""

    def __init__(self) -> None:
        self.hangs, self.holds = True, 0
        self.goes_on = threading.Event()
        hear = Ears.hear

        def hang(ears: Ears, block: Block) -> list[StationRecord]:
            if self.hangs:
                self.holds += 1
                self.goes_on.wait(60)
            return hear(ears, block)

        self.patch = patch.object(Ears, "hear", hang)
