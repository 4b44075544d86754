"""A stream that refuses its user or password asks for others."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import MagicMock, patch

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.eas_core.sources.source import (
    SourceError,
    SourceErrorReason,
)
from custom_components.eas_station.eas_core.station import SourceState, SourceStatus
from custom_components.eas_station.sources import unique_id
from tests.integration.alerts import set_up, tell
from tests.integration.forms import send, suggested

NOW = datetime(2026, 6, 8, 20, 45, tzinfo=UTC)
HEARING = SourceStatus(state=SourceState.HEARING, since=NOW)
REFUSED = SourceStatus(
    state=SourceState.DOWN,
    since=NOW,
    reason=SourceErrorReason.UNAUTHORIZED,
    hint="Check user and password.",
)
AWAY = SourceStatus(
    state=SourceState.DOWN,
    since=NOW,
    reason=SourceErrorReason.UNREACHABLE,
    hint="Check the host.",
)


@pytest.fixture
def entry() -> MockConfigEntry:
    """A stream with a user and a password."""
    data = {
        "source": "stream",
        "locations": ["039035"],
        "url": "http://me:old@127.0.0.1:9/live?a=b",
    }
    return MockConfigEntry(
        domain=DOMAIN,
        title="Home EAS",
        data=data,
        unique_id=unique_id(data),
        entry_id="stream_entry",
    )


@pytest.fixture
def call() -> Iterator[MagicMock]:
    """Hear the stream."""
    with patch("custom_components.eas_station.flow.stream.call_in_child") as call:
        yield call


def flows(hass: HomeAssistant) -> list[Any]:
    return hass.config_entries.flow.async_progress_by_handler(DOMAIN)


async def asked(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigFlowResult:
    """Return the form of an entry whose stream has refused."""
    entry.add_to_hass(hass)
    entry.async_start_reauth(hass)
    await hass.async_block_till_done()
    (flow,) = flows(hass)
    return await hass.config_entries.flow.async_configure(flow["flow_id"])


@pytest.mark.usefixtures("loopback")
async def test_it_asks_once_each_time_that_the_stream_begins_to_refuse(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, entry)
    await tell(hass, coordinator, AWAY)
    assert flows(hass) == []
    await tell(hass, coordinator, REFUSED)
    (flow,) = flows(hass)
    assert flow["step_id"] == "reauth_confirm"
    assert flow["context"]["source"] == "reauth"
    # Who closes the form is left in peace while it is tried again and again.
    hass.config_entries.flow.async_abort(flow["flow_id"])
    await tell(hass, coordinator, AWAY, REFUSED)
    assert flows(hass) == []
    await tell(hass, coordinator, HEARING)
    await tell(hass, coordinator, REFUSED)
    assert len(flows(hass)) == 1
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_other_sources_never_ask(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    await tell(hass, coordinator, REFUSED)
    assert flows(hass) == []


@pytest.mark.usefixtures("no_setup")
async def test_what_the_stream_takes_is_kept(
    hass: HomeAssistant, entry: MockConfigEntry, call: MagicMock
) -> None:
    form = await asked(hass, entry)
    assert form["type"] is FlowResultType.FORM
    assert form["description_placeholders"] == {"name": "Home EAS", "hint": ""}
    assert suggested(form) == {"username": "me", "password": None}
    typed = {"username": "you@home", "password": "p:a/s?s"}
    result = await send(hass, form["flow_id"], typed)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reauth_successful"
    url = "http://you%40home:p%3Aa%2Fs%3Fs@127.0.0.1:9/live?a=b"
    assert call.call_args.args[1] == url
    assert entry.data == {"source": "stream", "locations": ["039035"], "url": url}
    assert entry.unique_id == unique_id(entry.data)
    await hass.async_block_till_done()


@pytest.mark.usefixtures("no_setup")
@pytest.mark.parametrize("reason", ["unauthorized", "unreachable"])
async def test_what_the_stream_refuses_is_told(
    hass: HomeAssistant, entry: MockConfigEntry, call: MagicMock, reason: str
) -> None:
    form = await asked(hass, entry)
    hint = "Try http://me:secret@radio.example again."
    call.side_effect = SourceError(SourceErrorReason(reason), hint)
    typed = {"username": "you", "password": "wrong"}
    form = await send(hass, form["flow_id"], typed)
    assert form["type"] is FlowResultType.FORM
    assert form["errors"] == {"base": reason}
    placeholders = form["description_placeholders"]
    assert placeholders is not None
    assert "secret" not in placeholders["hint"]
    assert suggested(form)["username"] == "you"
    assert entry.data["url"] == "http://me:old@127.0.0.1:9/live?a=b"
    call.side_effect = None
    result = await send(hass, form["flow_id"], typed)
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
