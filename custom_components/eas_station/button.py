"""Buttons: try whether the station decodes, and open its source anew."""

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
from .entity import EasSourceEntity, EasStationEntity

PARALLEL_UPDATES = 0


SELF_TEST: Final = ButtonEntityDescription(
    key="self_test",
    translation_key="self_test",
    entity_category=EntityCategory.DIAGNOSTIC,
)
RESTART: Final = ButtonEntityDescription(
    key="restart_source",
    translation_key="restart_source",
    device_class=ButtonDeviceClass.RESTART,
    entity_category=EntityCategory.CONFIG,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: EasStationConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the station's button, and one for each source."""
    coordinator = entry.runtime_data
    async_add_entities([SelfTestButton(coordinator, SELF_TEST)])
    for source in coordinator.sources:
        async_add_entities(
            [RestartButton(source, RESTART)],
            config_subentry_id=source.setting.subentry_id,
        )


class SelfTestButton(EasStationEntity, ButtonEntity):
    """Tries whether the station decodes."""

    _domain = "button"

    @override
    async def async_press(self) -> None:
        """Do it; raises HomeAssistantError where it fails."""
        entry = self.coordinator.config_entry
        made = await async_self_test(self.hass, entry)
        if not made.decoded:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="self_test_missed",
                translation_placeholders={"station": entry.title},
            )


class RestartButton(EasSourceEntity, ButtonEntity):
    """Opens a source anew."""

    _domain = "button"

    @override
    async def async_press(self) -> None:
        """Do it."""
        await async_restart(self.coordinator)
