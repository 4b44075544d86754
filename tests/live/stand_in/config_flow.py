"""The flow of the one entry."""

from typing import Any

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult


class StandInFlow(ConfigFlow, domain="stand_in"):
    """Asks nothing."""

    async def async_step_import(self, data: dict[str, Any]) -> ConfigFlowResult:
        """Make the entry."""
        return self.async_create_entry(title="Stand-in", data={})
