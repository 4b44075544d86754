"""Triggers: an alert is received or ends, a station falls silent or hears again (docs/triggers.md)."""

from typing import Final, cast, override

from homeassistant.const import CONF_OPTIONS
from homeassistant.core import CALLBACK_TYPE, HomeAssistant
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType
import probatio

from .alert_endings import EndsOfMessage, Expiries
from .alert_hearings import Hearings
from .station_trigger import StationHearsTrigger, StationSilentTrigger
from .transcript_trigger import TranscriptReceivedTrigger
from .wanted import ALERT_OPTIONS, WantedAlerts

CONF_WHEN: Final = "when"
WHEN_END_OF_MESSAGE: Final = "end_of_message"
WHEN_EXPIRY: Final = "expiry"

_RECEIVED_SCHEMA: Final = probatio.Schema(
    {probatio.Required(CONF_OPTIONS, default=dict): ALERT_OPTIONS}
)
_ENDED_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required(CONF_OPTIONS, default=dict): ALERT_OPTIONS
        | {
            probatio.Optional(CONF_WHEN, default=WHEN_END_OF_MESSAGE): probatio.In(
                [WHEN_END_OF_MESSAGE, WHEN_EXPIRY]
            ),
        }
    }
)


class AlertReceivedTrigger(Trigger):
    """A station has received an alert; the second station that hears it does not count."""

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Validate the options."""
        return cast(ConfigType, _RECEIVED_SCHEMA(config))

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take the options."""
        super().__init__(hass, config)
        self._wanted = WantedAlerts.from_options(config.options or {})

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Take each alert that is heard, and what others hear of it."""
        hearings = Hearings(self._hass, self._wanted, run_action, did_not_trigger)
        hearings.async_attach()
        return hearings.async_detach


class AlertEndedTrigger(Trigger):
    """An alert's message is over, or its time of expiry is there."""

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Validate the options."""
        return cast(ConfigType, _ENDED_SCHEMA(config))

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take the options."""
        super().__init__(hass, config)
        options = config.options or {}
        self._wanted = WantedAlerts.from_options(options)
        self._when: str = options[CONF_WHEN]

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Follow each alert to its end, those too that are active already."""
        kind = Expiries if self._when == WHEN_EXPIRY else EndsOfMessage
        following = kind(self._hass, self._wanted, run_action, did_not_trigger)
        following.async_attach()
        return following.async_detach


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    "alert_received": AlertReceivedTrigger,
    "alert_ended": AlertEndedTrigger,
    "transcript_received": TranscriptReceivedTrigger,
    "station_silent": StationSilentTrigger,
    "station_hears": StationHearsTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers of EAS Station."""
    return TRIGGERS
