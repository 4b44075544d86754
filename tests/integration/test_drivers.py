"""Python packages that are installed when a source needs them."""

from collections.abc import Iterator
import platform
import sys
from types import SimpleNamespace
from unittest.mock import AsyncMock, patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.requirements import RequirementsNotFound
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.const import SOURCES
from custom_components.eas_station.drivers import async_install_drivers

DRIVERS = "custom_components.eas_station.drivers"


@pytest.fixture
def install(hass: HomeAssistant) -> Iterator[AsyncMock]:
    """Let packages be installed, as far as one looks from here."""
    hass.config.skip_pip = False
    with patch(f"{DRIVERS}.async_process_requirements") as install:
        yield install


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A machine that is glibc on x86_64 unless said otherwise."""

    def be(libc: str, processor: str) -> None:
        name = f"{processor}-linux-{libc}"
        monkeypatch.setattr(sys.implementation, "_multiarch", name, raising=False)
        monkeypatch.setattr(platform, "machine", lambda: processor)

    be("gnu", "x86_64")
    return SimpleNamespace(be=be)


def asked(install: AsyncMock) -> list[str]:
    return [package for call in install.await_args_list for package in call.args[2]]


@pytest.mark.parametrize("kind", SOURCES)
async def test_each_source_gets_its_own_drivers(
    hass: HomeAssistant, install: AsyncMock, machine: SimpleNamespace, kind: str
) -> None:
    await async_install_drivers(hass, kind)
    assert asked(install) == {
        "rtl_sdr": ["pyrtlsdr==0.5.1", "pyrtlsdrlib==0.0.7"],
        "sound_card": ["sounddevice==0.5.6"],
    }.get(kind, [])


@pytest.mark.parametrize(
    ("libc", "processor", "has_wheel"),
    [
        ("gnu", "x86_64", True),
        ("gnu", "aarch64", True),
        ("musl", "x86_64", True),
        ("musl", "aarch64", False),
    ],
)
async def test_a_library_is_asked_for_where_it_has_a_wheel(
    hass: HomeAssistant,
    install: AsyncMock,
    machine: SimpleNamespace,
    libc: str,
    processor: str,
    has_wheel: bool,
) -> None:
    machine.be(libc, processor)
    await async_install_drivers(hass, "rtl_sdr")
    assert ("pyrtlsdrlib==0.0.7" in asked(install)) is has_wheel


async def test_nothing_is_installed_where_home_assistant_may_not(
    hass: HomeAssistant, install: AsyncMock
) -> None:
    hass.config.skip_pip = True
    await async_install_drivers(hass, "rtl_sdr")
    install.assert_not_awaited()


@pytest.mark.parametrize("kind", ["rtl_sdr", "sound_card"])
async def test_what_is_of_use_and_not_needed_may_be_missing(
    hass: HomeAssistant, install: AsyncMock, machine: SimpleNamespace, kind: str
) -> None:
    async def lack_libraries(
        hass: HomeAssistant, name: str, packages: list[str], **more: bool
    ) -> None:
        if "pyrtlsdr==0.5.1" not in packages:
            raise RequirementsNotFound(name, packages)

    install.side_effect = lack_libraries
    await async_install_drivers(hass, kind)


async def test_what_failed_is_tried_again_for_who_asks(
    hass: HomeAssistant, install: AsyncMock
) -> None:
    with patch(f"{DRIVERS}.async_clear_install_history") as forget:
        await async_install_drivers(hass, "rtl_sdr")
        forget.assert_not_called()
        await async_install_drivers(hass, "rtl_sdr", try_again=True)
        forget.assert_called_once_with(hass)


async def test_a_station_without_its_driver_is_not_ready(
    hass: HomeAssistant, install: AsyncMock, rtl_sdr_entry: MockConfigEntry
) -> None:
    install.side_effect = RequirementsNotFound("eas_station", ["pyrtlsdr==0.5.1"])
    rtl_sdr_entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(rtl_sdr_entry.entry_id)
    assert rtl_sdr_entry.state is ConfigEntryState.SETUP_RETRY
    assert "could not install pyrtlsdr==0.5.1" in str(rtl_sdr_entry.reason)
    assert await hass.config_entries.async_unload(rtl_sdr_entry.entry_id)
