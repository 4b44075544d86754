"""Numbers that are set about a receiver: its gain, and the error of its crystal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.number import (
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import SIGNAL_STRENGTH_DECIBELS, EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_GAIN, CONF_PPM, GAIN_RANGE, PPM_RANGE
from .coordinator import EasStationConfigEntry
from .receiver_entity import EasReceiverEntity, receivers

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class ReceiverNumberDescription(NumberEntityDescription):
    """A number, the option that it is, and what that is where it is not set."""

    option: str
    usual: float | None
    stored: Callable[[float], float] = float


NUMBERS: Final = (
    ReceiverNumberDescription(
        key="gain",
        translation_key="gain",
        entity_category=EntityCategory.CONFIG,
        native_unit_of_measurement=SIGNAL_STRENGTH_DECIBELS,
        native_min_value=GAIN_RANGE[0],
        native_max_value=GAIN_RANGE[1],
        native_step=0.1,
        mode=NumberMode.BOX,
        option=CONF_GAIN,
        usual=None,
    ),
    ReceiverNumberDescription(
        key="ppm",
        translation_key="ppm",
        entity_category=EntityCategory.CONFIG,
        native_unit_of_measurement="ppm",
        native_min_value=PPM_RANGE[0],
        native_max_value=PPM_RANGE[1],
        native_step=1,
        mode=NumberMode.BOX,
        option=CONF_PPM,
        usual=0,
        stored=round,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: EasStationConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the numbers of each receiver."""
    for source in receivers(entry):
        async_add_entities(
            [ReceiverNumber(source, description) for description in NUMBERS],
            config_subentry_id=source.setting.subentry_id,
        )


class ReceiverNumber(EasReceiverEntity, NumberEntity):
    """A number that is set about a receiver; not known where the receiver finds it itself."""

    _domain = "number"
    entity_description: ReceiverNumberDescription

    @property
    @override
    def native_value(self) -> float | None:
        """Return what is set."""
        description = self.entity_description
        receiver = self.coordinator.setting.receiver
        value: float | None = receiver.get(description.option, description.usual)
        return value

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set it."""
        self._set(self.entity_description.option, self.entity_description.stored(value))
