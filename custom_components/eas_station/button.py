"""Buttons: try whether the station decodes, and open its source anew."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.components.button.const import ButtonDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .actions import async_restart, async_self_test
from .const import DOMAIN
from .coordinator import EasStationConfigEntry
from .entity import EasStationEntity

PARALLEL_UPDATES = 0


async def _self_test(hass: HomeAssistant, entry: EasStationConfigEntry) -> None:
    made = await async_self_test(hass, entry)
    if not made.decoded:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="self_test_missed",
            translation_placeholders={"station": entry.title},
        )


async def _restart(hass: HomeAssistant, entry: EasStationConfigEntry) -> None:
    await async_restart(entry)


@dataclass(frozen=True, kw_only=True)
class StationButtonDescription(ButtonEntityDescription):
    """A button, and what it does."""

    press: Callable[[HomeAssistant, EasStationConfigEntry], Awaitable[None]]


BUTTONS: Final = (
    StationButtonDescription(
        key="self_test",
        translation_key="self_test",
        entity_category=EntityCategory.DIAGNOSTIC,
        press=_self_test,
    ),
    StationButtonDescription(
        key="restart_source",
        translation_key="restart_source",
        device_class=ButtonDeviceClass.RESTART,
        entity_category=EntityCategory.CONFIG,
        press=_restart,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: EasStationConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the station's buttons."""
    async_add_entities(StationButton(entry.runtime_data, each) for each in BUTTONS)


class StationButton(EasStationEntity, ButtonEntity):
    """Does something with the station."""

    _domain = "button"
    entity_description: StationButtonDescription

    @override
    async def async_press(self) -> None:
        """Do it; raises HomeAssistantError where it fails."""
        await self.entity_description.press(self.hass, self.coordinator.config_entry)
