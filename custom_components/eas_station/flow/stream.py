"""Setting up a stream by its address."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlsplit

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME
from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import probatio

from ..const import CONF_LOCATIONS, CONF_URL, SOURCE_STREAM
from ..eas_core.sources.isolated import call_in_child
from ..eas_core.sources.source import SourceError
from ..eas_core.sources.stream import probe
from ..eas_core.sources.stream_url import StreamUrl
from ..masking import mask_secrets
from .fields import Fields
from .form import Draft, StationFlow, check_locations

PROBE_SECONDS: Final = 60.0
FIELDS: Final[Fields] = {
    probatio.Required(CONF_URL): TextSelector(
        TextSelectorConfig(type=TextSelectorType.URL)
    ),
}

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


class StreamFlow(StationFlow):
    """Asks for an address, and hears its beginning."""

    async def async_step_stream(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Set up a stream."""
        fields = await self._common_fields() | FIELDS
        if user_input is None:
            return self._form(SOURCE_STREAM, fields, None)
        if errors := check_locations(user_input[CONF_LOCATIONS]):
            return self._form(SOURCE_STREAM, fields, user_input, errors)
        draft = Draft.of(SOURCE_STREAM, user_input)
        draft.data[CONF_URL] = url = draft.data[CONF_URL].strip()
        try:
            await self._abort_if_taken(draft)
            await self._async_try(url)
        except SourceError as error:
            return self._refuse(SOURCE_STREAM, fields, user_input, error, CONF_URL)
        return await self._finish(draft)

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Ask for user and password, as the stream refuses what it was given."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Try the stream with other credentials, and keep them where it takes them."""
        entry, errors, hint = self._get_reauth_entry(), dict[str, str](), ""
        if user_input is not None:
            url = _with_credentials(entry.data[CONF_URL], user_input)
            try:
                await self._async_try(url)
            except SourceError as error:
                errors, hint = {"base": error.reason.value}, mask_secrets(error.hint)
            else:
                return self.async_update_reload_and_abort(
                    entry, data_updates={CONF_URL: url}
                )
        user = StreamUrl.parse(entry.data[CONF_URL]).user
        shown = {CONF_USERNAME: user} if user_input is None else user_input
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=self.add_suggested_values_to_schema(
                probatio.Schema(dict(CREDENTIALS)), shown
            ),
            errors=errors,
            description_placeholders={"name": entry.title, "hint": hint},
        )

    async def _async_try(self, url: str) -> None:
        """Hear the beginning of a stream; raises SourceError."""
        await self.hass.async_add_executor_job(
            partial(
                call_in_child,
                probe,
                url,
                what="the try of the stream",
                seconds=PROBE_SECONDS,
            )
        )


def _with_credentials(url: str, typed: Mapping[str, Any]) -> str:
    """Return an address with another user and password, which may have any characters."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    user, password = (
        quote(typed.get(key, ""), safe="") for key in (CONF_USERNAME, CONF_PASSWORD)
    )
    return parts._replace(netloc=f"{user}:{password}@{host}").geturl()
