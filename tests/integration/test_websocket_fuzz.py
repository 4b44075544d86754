"""Whatever is sent, a command answers with its result or an error that is documented."""

from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.eas_station.coordinator import EasStationCoordinator

COMMANDS = {
    "subscribe": ("entry_id", "rate", "levels", "spectrum"),
    "history": (
        *("entry_id", "limit", "before"),
        *("start", "end", "events", "places", "tests"),
    ),
    "counties": ("codes",),
    "recording": ("entry_id", "recording", "name", "part"),
    "live": ("entry_id", "channel"),
}
DOCUMENTED = {"invalid_format", "not_found", "not_loaded", "unauthorized"}

NAME = "20260608T183012345Z-TOR-0123456789abcdef"
CODES = st.lists(st.from_regex(r"[0-9]{6}", fullmatch=True), max_size=5)
TIMES = st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat())
NAMES = st.sampled_from(
    [
        NAME,
        NAME.replace("0608", "9999"),
        "../../secrets",
        f"media-source://eas_station/simulator_entry/{NAME}",
        "media-source://eas_station/simulator_entry/../../x",
        "media-source://eas_station/elsewhere/x",
        "",
        "\x00",
    ]
)
NEARLY_RIGHT: dict[str, st.SearchStrategy[Any]] = {
    "entry_id": st.sampled_from(["simulator_entry", "simulator_entry", "elsewhere"]),
    "rate": st.integers(0, 11),
    "levels": st.booleans(),
    "spectrum": st.booleans(),
    "limit": st.integers(0, 201),
    "before": st.none() | st.integers(-1, 2**53),
    "start": TIMES | st.sampled_from(["2026-01-01", "9999-12-31T23:59:59-14:00"]),
    "end": TIMES | st.sampled_from(["0001-01-01T00:00", "0001-01-01T00:00:00+14:00"]),
    "events": st.lists(st.sampled_from(["TOR", "RWT", "tor"]), max_size=3),
    "places": CODES,
    "tests": st.booleans(),
    "codes": CODES,
    "recording": NAMES,
    "name": NAMES,
    "part": st.sampled_from(["header", "voice", "whole", "loudest"]),
    "channel": st.sampled_from(["main", "", "162.550", "/"]),
}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def commands(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(sorted(COMMANDS)))
    keys = draw(st.lists(st.sampled_from(COMMANDS[kind]), unique=True))
    command = {key: draw(NEARLY_RIGHT[key]) for key in keys}
    if draw(st.integers(0, 3)) == 0:
        command[draw(st.sampled_from((*COMMANDS[kind], "colour")))] = draw(JSON)
    return command | {"type": f"eas_station/{kind}"}


@pytest.fixture
async def client(
    coordinator: EasStationCoordinator, hass_ws_client: WebSocketGenerator
) -> Any:
    """A client of a station that says nothing."""
    return await hass_ws_client()


@settings(
    max_examples=250,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(command=commands())
async def test_every_answer_is_documented(client: Any, command: dict[str, Any]) -> None:
    await client.send_json_auto_id(command)
    while (answer := await client.receive_json())["type"] != "result":
        pass
    if not answer["success"]:
        assert answer["error"]["code"] in DOCUMENTED, answer
        assert answer["error"]["message"]
