"""Buttons: try whether the station decodes, and open its source anew."""

from collections.abc import Iterator
from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.components.button.const import ButtonDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .actions import async_restart, async_self_test
from .agent_actions import async_restart_agent
from .agent_entity import AgentEntity, async_add_agents
from .const import DOMAIN
from .coordinator import EasStationConfigEntry
from .entity import EasSourceEntity, EasStationEntity
from .source_coordinator import SourceCoordinator
from .tested import Tested

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
        async_add_agents(source, async_add_entities, _agent_buttons)


def _agent_buttons(source: SourceCoordinator, name: str) -> Iterator[AgentEntity]:
    yield AgentSelfTestButton(source, name, SELF_TEST)
    yield AgentRestartButton(source, name, RESTART)


class SelfTestButton(EasStationEntity, ButtonEntity):
    """Tries whether the station decodes."""

    _domain = "button"

    @override
    async def async_press(self) -> None:
        """Do it; raises HomeAssistantError where it fails."""
        entry = self.coordinator.config_entry
        made = await async_self_test(self.hass, entry)
        _check(made, entry.title)


def _check(made: Tested, station: str) -> None:
    if not made.decoded:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="self_test_missed",
            translation_placeholders={"station": station},
        )


class RestartButton(EasSourceEntity, ButtonEntity):
    """Opens a source anew."""

    _domain = "button"

    @override
    async def async_press(self) -> None:
        """Do it."""
        await async_restart(self.coordinator)


class AgentButton(AgentEntity, ButtonEntity):
    """Orders something of an agent; raises HomeAssistantError where it fails."""

    _domain = "button"

    @override
    def shown(self) -> object:
        """Return nothing: it shows when it was pressed."""
        return None


class AgentSelfTestButton(AgentButton):
    """Tries whether an agent decodes."""

    @override
    async def async_press(self) -> None:
        """Do it."""
        entry = self.source.config_entry
        made = await async_self_test(self.hass, entry, self.agent)
        _check(made, f"{self.source.full_name} {self.agent.name}")


class AgentRestartButton(AgentButton):
    """Has an agent open its sources anew."""

    @override
    async def async_press(self) -> None:
        """Do it."""
        await async_restart_agent(self.hass, self.agent)
