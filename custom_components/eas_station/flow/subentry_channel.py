"""Adding a channel of weather radio to a station."""

from typing import Any

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult
import probatio

from ..channels import (
    async_nearby,
    channel_frequencies,
    channel_label,
    channel_subentry,
)
from ..const import CONF_FREQUENCY
from ..eas_core.radio.plan import NWR_CHANNELS
from .fields import choice


class ChannelFlow(ConfigSubentryFlow):
    """Offers the channels that the station does not hear yet."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose one of them."""
        heard = channel_frequencies(self._get_entry())
        missing = [each for each in NWR_CHANNELS if each not in heard]
        if not missing:
            return self.async_abort(reason="all_channels")
        near = await async_nearby(self.hass)
        if user_input is not None:
            made = channel_subentry(int(user_input[CONF_FREQUENCY]), near)
            return self.async_create_entry(
                title=made["title"], data=made["data"], unique_id=made["unique_id"]
            )
        # Those that serve home first, then those that may be heard.
        missing.sort(
            key=lambda each: [not one.serves_home for one in near[each]] or [True, True]
        )
        labels = {str(each): channel_label(each, near[each]) for each in missing}
        field = probatio.Required(CONF_FREQUENCY, default=str(missing[0]))
        return self.async_show_form(
            step_id="user",
            data_schema=probatio.Schema({field: choice(labels, in_list=True)}),
        )
