"""Asking for the user and password of a stream again."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME
from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import probatio

from ..const import CONF_SUBENTRY, CONF_URL
from ..eas_core.masking import mask_secrets
from ..eas_core.sources.source import SourceError
from ..eas_core.sources.stream_url import StreamUrl
from .fields import Fields
from .stream import StreamSteps

CREDENTIALS: Final[Fields] = {
    probatio.Required(CONF_USERNAME): TextSelector(
        TextSelectorConfig(autocomplete="username")
    ),
    probatio.Required(CONF_PASSWORD): TextSelector(
        TextSelectorConfig(
            type=TextSelectorType.PASSWORD, autocomplete="current-password"
        )
    ),
}


class ReauthFlow(StreamSteps[ConfigFlowResult], ConfigFlow):
    """Tries a stream with other credentials: a station's, or another source's of it."""

    _subentry_id: str | None = None

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Ask for user and password, as the stream refuses what it was given."""
        self._subentry_id = entry_data.get(CONF_SUBENTRY)
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Try the stream with other credentials, and keep them where it takes them."""
        entry, errors, hint = self._get_reauth_entry(), dict[str, str](), ""
        other = entry.subentries.get(self._subentry_id or "")
        data, name = (other or entry).data, (other or entry).title
        if user_input is not None:
            url = _with_credentials(data[CONF_URL], user_input)
            try:
                await self._async_try(url)
            except SourceError as error:
                errors, hint = {"base": error.reason.value}, mask_secrets(error.hint)
            else:
                if other is None:
                    return self.async_update_reload_and_abort(
                        entry, data_updates={CONF_URL: url}
                    )
                self.hass.config_entries.async_update_subentry(
                    entry, other, data={**other.data, CONF_URL: url}
                )
                return self.async_update_reload_and_abort(entry)
        user = StreamUrl.parse(data[CONF_URL]).user
        shown = {CONF_USERNAME: user} if user_input is None else user_input
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=self.add_suggested_values_to_schema(
                probatio.Schema(dict(CREDENTIALS)), shown
            ),
            errors=errors,
            description_placeholders={"name": name, "hint": hint},
        )


def _with_credentials(url: str, typed: Mapping[str, Any]) -> str:
    """Return an address with another user and password, which may have any characters."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    user, password = (
        quote(typed.get(key, ""), safe="") for key in (CONF_USERNAME, CONF_PASSWORD)
    )
    return parts._replace(netloc=f"{user}:{password}@{host}").geturl()
