"""The trigger for what the voice of an alert said (docs/triggers.md)."""

from typing import Any, Final, cast, override

from homeassistant.const import CONF_OPTIONS
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers.trigger import (
    NotTriggeredInfo,
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType
import probatio

from .alert_listener import Newest, report
from .const import EVENT_TRANSCRIPT
from .wanted import ALERT_OPTIONS, AlertData, WantedAlerts, async_active_alerts, told

_SCHEMA: Final = probatio.Schema(
    {probatio.Required(CONF_OPTIONS, default=dict): ALERT_OPTIONS}
)


class TranscriptReceivedTrigger(Trigger):
    """The voice of an alert that is wanted, and active still, has become text."""

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Validate the options."""
        return cast(ConfigType, _SCHEMA(config))

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
        """Listen to `eas_transcript`."""

        told_by = Newest[str]()

        @callback
        def received(event: Event[dict[str, Any]]) -> None:
            alert = self._alert_of(event.data)
            info = self._held_back(event.data, alert, told_by)
            if info is not None:
                report(did_not_trigger, info, event.context)
                return
            assert alert is not None
            told_by.keep(alert["id"], alert["entry_id"])
            run_action(
                {"alert": dict(alert), "transcript": dict(event.data)},
                f"transcript received: {alert['event']}",
                event.context,
            )

        return self._hass.bus.async_listen(EVENT_TRANSCRIPT, received)

    def _held_back(
        self,
        transcript: dict[str, Any],
        alert: AlertData | None,
        told_by: Newest[str],
    ) -> NotTriggeredInfo | None:
        if alert is None:
            return NotTriggeredInfo("unknown_alert", {"id": transcript.get("alert_id")})
        info = self._wanted.held_back(alert)
        if info is not None or told_by.get(alert["id"]) in (None, alert["entry_id"]):
            return info
        return NotTriggeredInfo("already_triggered", told(alert))

    def _alert_of(self, transcript: dict[str, Any]) -> AlertData | None:
        wanted = (transcript.get("alert_id"), transcript.get("entry_id"))
        alerts = async_active_alerts(self._hass)
        return next(
            (each for each in alerts if (each["id"], each["entry_id"]) == wanted), None
        )
