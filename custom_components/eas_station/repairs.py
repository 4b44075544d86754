"""What a click under Repairs does; an issue goes by itself when what it tells of is over."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, override

from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
import probatio

from .actions import async_restart, async_self_test
from .const import CONF_TRANSCRIPT_ENGINE, DOMAIN
from .coordinator import EasStationConfigEntry
from .devices import sources_of
from .flow.texts import engine_field
from .transcripts import FIX_ENGINE
from .trouble import FIX_RESTART
from .watchdogs import FIX_SELF_TEST


async def _async_self_test(
    hass: HomeAssistant, entry: EasStationConfigEntry, source: str | None
) -> str:
    try:
        passed = (await async_self_test(hass, entry)).decoded
    except HomeAssistantError:
        passed = False
    return "self_test_passed" if passed else "self_test_failed"


async def _async_restart(
    hass: HomeAssistant, entry: EasStationConfigEntry, source: str | None
) -> str:
    try:
        await async_restart(*sources_of(entry, {source}))
    except HomeAssistantError:
        return "not_restarted"
    return "restarted"


type Fix = Callable[[HomeAssistant, EasStationConfigEntry, str | None], Awaitable[str]]

FIXES: Final[dict[str, Fix]] = {
    FIX_SELF_TEST: _async_self_test,
    FIX_RESTART: _async_restart,
}
"""Each returns what the user is told of how it ended; the last is which source has the trouble."""


class FixFlow(ConfirmRepairFlow):
    """Asks, does it, and tells what came of it; that alone mends nothing yet."""

    def __init__(self, entry_id: str, fix: str, source: str | None) -> None:
        """Take whose issue it is, what is done, and with which source."""
        self._entry_id = entry_id
        self._fix = FIXES[fix]
        self._source = source

    @override
    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Do it when the user has confirmed."""
        if user_input is None:
            return await super().async_step_confirm()
        entries: list[EasStationConfigEntry] = (
            self.hass.config_entries.async_loaded_entries(DOMAIN)
        )
        entry = next((one for one in entries if one.entry_id == self._entry_id), None)
        if entry is None:
            return self.async_abort(reason="not_loaded")
        return self.async_abort(reason=await self._fix(self.hass, entry, self._source))


class EngineFlow(RepairsFlow):
    """Asks for another speech-to-text engine in the place of one that is gone, or none."""

    def __init__(self, entry_id: str) -> None:
        """Take whose engine it is."""
        self._entry_id = entry_id

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin with the only step."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Show the engines that there are; set the one that is chosen."""
        if user_input is None:
            issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
            return self.async_show_form(
                step_id="confirm",
                data_schema=probatio.Schema(engine_field(self.hass)),
                description_placeholders=issue.translation_placeholders
                if issue
                else None,
            )
        entry = self.hass.config_entries.async_get_known_entry(self._entry_id)
        kept = {
            key: value
            for key, value in entry.options.items()
            if key != CONF_TRANSCRIPT_ENGINE
        }
        self.hass.config_entries.async_update_entry(entry, options=kept | user_input)
        return self.async_create_entry(data={})


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, Any] | None
) -> RepairsFlow:
    """Return what is done about an issue, which says it in its data."""
    assert data is not None
    if data["fix"] == FIX_ENGINE:
        return EngineFlow(data["entry_id"])
    return FixFlow(data["entry_id"], data["fix"], data.get("source"))
