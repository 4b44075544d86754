"""Switches of a receiver: automatic gain, digital gain, and the feed of an amplifier."""

from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_AGC, CONF_BIAS_TEE, CONF_GAIN
from .coordinator import EasStationConfigEntry
from .receiver_entity import EasReceiverEntity, receivers

PARALLEL_UPDATES = 0

MANUAL_GAIN_DB: Final = 30.0
"""For a gain that was automatic up to now: the middle of what suits."""


@dataclass(frozen=True, kw_only=True)
class ReceiverSwitchDescription(SwitchEntityDescription):
    """A switch, and the option that it is."""

    option: str


AUTOMATIC_GAIN: Final = SwitchEntityDescription(
    key="automatic_gain",
    translation_key="automatic_gain",
    entity_category=EntityCategory.CONFIG,
)
SWITCHES: Final = (
    ReceiverSwitchDescription(
        key="agc",
        translation_key="agc",
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        option=CONF_AGC,
    ),
    # Pressed by mistake it may hurt what is at the antenna's connector.
    ReceiverSwitchDescription(
        key="bias_tee",
        translation_key="bias_tee",
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        option=CONF_BIAS_TEE,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: EasStationConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switches of each receiver."""
    for source in receivers(entry):
        async_add_entities(
            [
                AutomaticGainSwitch(source, AUTOMATIC_GAIN),
                *(ReceiverSwitch(source, description) for description in SWITCHES),
            ],
            config_subentry_id=source.setting.subentry_id,
        )


class ReceiverSwitch(EasReceiverEntity, SwitchEntity):
    """Something of a receiver that is on or off."""

    _domain = "switch"
    entity_description: ReceiverSwitchDescription

    @property
    @override
    def is_on(self) -> bool:
        """Whether it is on."""
        receiver = self.coordinator.setting.receiver
        return bool(receiver.get(self.entity_description.option, False))

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch it on."""
        self._set(self.entity_description.option, True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch it off."""
        self._set(self.entity_description.option, False)


class AutomaticGainSwitch(EasReceiverEntity, SwitchEntity):
    """Whether the tuner finds its gain by itself; off, it has the gain of the number."""

    _domain = "switch"
    _manual_db = MANUAL_GAIN_DB

    @property
    @override
    def is_on(self) -> bool:
        """Whether it does."""
        return self._gain is None

    @property
    def _gain(self) -> float | None:
        gain: float | None = self.coordinator.setting.receiver.get(CONF_GAIN)
        return gain

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Let the tuner find it."""
        if self._gain is not None:
            self._manual_db = self._gain
        self._set(CONF_GAIN, None)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Give the tuner the gain that it had before, or one that suits most."""
        if self._gain is None:
            self._set(CONF_GAIN, self._manual_db)
