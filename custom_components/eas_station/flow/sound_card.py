"""Setting up a sound card."""

from typing import Any

from homeassistant.data_entry_flow import FlowResult
import probatio

from ..const import CONF_CHANNEL, CONF_DEVICE, SOURCE_SOUND_CARD
from ..drivers import async_install_drivers
from ..eas_core.sources.isolated import find_in_child
from ..eas_core.sources.sound_card import SoundDevice, find_sound_devices
from ..eas_core.sources.source import SourceError
from .fields import choice, number
from .form import Draft, SourceSteps, check_locations

MOST_CHANNELS = 64


class SoundCardSteps[Result: FlowResult[Any, Any]](SourceSteps[Result]):
    """Looks for inputs, and asks which is to be heard."""

    def __init__(self) -> None:
        """Know no sound card yet."""
        super().__init__()
        self._devices: list[SoundDevice] = []

    async def async_step_sound_card(
        self, user_input: dict[str, Any] | None = None
    ) -> Result:
        """Set up a sound card; a form without fields looks again when it is sent."""
        if user_input:
            draft = Draft.of(SOURCE_SOUND_CARD, user_input)
            draft.data[CONF_CHANNEL] = int(draft.data[CONF_CHANNEL])
            if errors := self._check_input(draft.data):
                return await self._show_devices(user_input, errors)
            return await self._finish(draft)
        try:
            await async_install_drivers(self.hass, SOURCE_SOUND_CARD, try_again=True)
            self._devices = await self.hass.async_add_executor_job(
                find_in_child, find_sound_devices
            )
        except SourceError as error:
            return self._no_sound_cards(error.reason.value, error.hint)
        if not self._devices and self._changed is None:
            return self._no_sound_cards("no_sound_cards")
        return await self._show_devices()

    def _no_sound_cards(self, error: str, hint: str = "") -> Result:
        return self._form(SOURCE_SOUND_CARD, {}, {}, {"base": error}, hint)

    def _check_input(self, data: dict[str, Any]) -> dict[str, str]:
        if errors := check_locations(data):
            return errors
        if ":" not in data[CONF_DEVICE]:
            return {CONF_DEVICE: "invalid_device"}
        known = {one.device: one.channels for one in self._devices}
        if data[CONF_CHANNEL] > known.get(data[CONF_DEVICE], MOST_CHANNELS):
            return {CONF_CHANNEL: "no_such_channel"}
        return {}

    async def _show_devices(
        self,
        typed: dict[str, Any] | None = None,
        errors: dict[str, str] | None = None,
    ) -> Result:
        devices = {one.device: one.name for one in self._devices}
        if self._changed is not None:
            # It may be elsewhere for the moment.
            device = self._changed.data[CONF_DEVICE]
            devices.setdefault(device, device)
        fields = {
            **await self._common_fields(SOURCE_SOUND_CARD),
            probatio.Required(CONF_DEVICE, default=next(iter(devices))): choice(
                devices, custom_value=True
            ),
            probatio.Required(CONF_CHANNEL, default=0): number(0, MOST_CHANNELS),
        }
        return self._form(SOURCE_SOUND_CARD, fields, typed, errors)
