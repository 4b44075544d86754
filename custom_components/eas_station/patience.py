"""How often a speech-to-text engine that fails is asked: whatever it fails at is in its own log."""

from collections import defaultdict
import math
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

AT_ONCE: Final = 4
AGAIN_SECONDS: Final = 900.0
"""So many failures at once, and then one each quarter of an hour: eight an hour at most."""

_PATIENCE: HassKey[defaultdict[str, Patience]] = HassKey(f"{DOMAIN}_patience")


class Patience:
    """What one engine has left of the failures that it may have."""

    def __init__(self) -> None:
        """Begin with all."""
        self._spent_until = -math.inf

    def failed(self, now: float) -> None:
        """Spend one, at a monotonic time."""
        self._spent_until = max(self._spent_until, now) + AGAIN_SECONDS

    def wait(self, now: float) -> float:
        """Return in how many seconds there is one, 0 for now."""
        return max(0.0, self._spent_until - now - (AT_ONCE - 1) * AGAIN_SECONDS)


@callback
def patience_with(hass: HomeAssistant, engine_id: str) -> Patience:
    """Return that with an engine, which all stations share."""
    return hass.data.setdefault(_PATIENCE, defaultdict(Patience))[engine_id]
