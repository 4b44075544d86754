"""Python packages of native drivers, installed when a source needs them.

They are no requirements of the manifest: there one that cannot be installed
keeps the whole integration from its start, and for some machines neither wheel
nor native library exists. So who hears a stream never needs a dongle's driver.
"""

import logging
import platform
import sys
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.requirements import (
    RequirementsNotFound,
    async_clear_install_history,
    async_process_requirements,
)

from .const import DOMAIN, SOURCE_RTL_SDR, SOURCE_SOUND_CARD

_LOGGER = logging.getLogger(__name__)

NEEDED: Final = {SOURCE_RTL_SDR: "pyrtlsdr==0.5.1"}
RTL_SDR_LIBRARY: Final = "pyrtlsdrlib==0.0.7"
"""Brings librtlsdr where its wheel exists; else the system's may do."""
SOUND_LIBRARY: Final = "sounddevice==0.5.6"
"""PortAudio's binding; without it sound cards are heard through ffmpeg."""


async def async_install_drivers(
    hass: HomeAssistant, kind: str, *, try_again: bool = False
) -> None:
    """Install what a kind of source needs; raises RequirementsNotFound.

    Home Assistant tries what has failed once no more before its next start;
    `try_again` is for a user who asks for it.
    """
    needed, wanted = NEEDED.get(kind), _wanted(kind)
    if hass.config.skip_pip or not (needed or wanted):
        return
    if try_again:
        async_clear_install_history(hass)
    if needed is not None:
        await async_process_requirements(hass, DOMAIN, [needed], is_built_in=False)
    if wanted is not None:
        try:
            await async_process_requirements(hass, DOMAIN, [wanted], is_built_in=False)
        except RequirementsNotFound:
            _LOGGER.debug("%s could not be installed; it can do without", wanted)


def _wanted(kind: str) -> str | None:
    """Return what is of use, and not needed."""
    if kind == SOURCE_SOUND_CARD:
        return SOUND_LIBRARY
    if kind == SOURCE_RTL_SDR and _has_wheel():
        return RTL_SDR_LIBRARY
    return None


def _has_wheel() -> bool:
    """Whether pyrtlsdrlib has one for this machine: glibc's, or musl's on x86_64."""
    musl = "musl" in getattr(sys.implementation, "_multiarch", "")
    return not musl or platform.machine() == "x86_64"
