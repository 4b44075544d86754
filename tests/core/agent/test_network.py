"""A network that is cut at any point of an alert's life: what the broker has in the end."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eas_core.agent.spool import Spool
from eas_core.station.records import Alert, EndOfMessage
from tests.core.agent.told import ToldStation, alert, config, running
from tests.peers.mosquitto import Listener, Mosquitto, listener, mosquitto
from tests.peers.network import until
from tests.peers.proxy import Proxy, proxy

POINTS = (
    "before it",
    "told, not acknowledged",
    "before its end",
    "end told, not acknowledged",
    "after all",
)


@pytest.fixture
def broker() -> Iterator[Mosquitto]:
    with mosquitto() as runs:
        yield runs


@pytest.fixture
def network(broker: Mosquitto) -> Iterator[Proxy]:
    with proxy(broker.port) as between:
        yield between


def told(hears: Listener, last: str, key: str) -> Counter[str]:
    return Counter(one[key] for one in hears.told(last))


def live_through(
    network: Proxy, hears: Listener, station: ToldStation, one: Alert, point: str
) -> None:
    """Say an alert and its end, and cut the network at a point."""
    if point == "before it":
        network.cut()
    if point == "told, not acknowledged":
        network.watch_for(b"attic/alert")
        network.hang_back()
    station.say(one)
    if point == "told, not acknowledged":
        assert network.saw.wait(30)
        network.cut()
    elif point != "before it":
        until(lambda: one.id in told(hears, "alert", "id"))
    if point == "before its end":
        network.cut()
    if point == "end told, not acknowledged":
        network.watch_for(b"attic/eom")
        network.hang_back()
    end = EndOfMessage(
        received=datetime.now(UTC),
        channels=one.channels,
        alert_id=one.id,
        duration_s=40.0,
    )
    station.say(end)
    if point == "end told, not acknowledged":
        assert network.saw.wait(30)
        network.cut()
    if point == "after all":
        until(lambda: one.id in told(hears, "eom", "alert_id"))
        network.cut()


def test_wherever_the_network_is_cut_all_is_told_and_once_but_for_what_was_not_acknowledged(
    tmp_path: Path, broker: Mosquitto, network: Proxy
) -> None:
    said = [alert(county=f"0390{35 + 2 * at}") for at in range(len(POINTS))]
    with (
        listener(broker) as hears,
        running(config(tmp_path, network.port)) as station,
    ):
        until(lambda: bool(hears.told("status")))
        for one, point in zip(said, POINTS, strict=True):
            live_through(network, hears, station, one, point)
            network.mend()
            until(lambda: one.id in told(hears, "eom", "alert_id"))  # noqa: B023
            until(lambda: not Spool(tmp_path).unsent)
        alerts = told(hears, "alert", "id")
        ends = told(hears, "eom", "alert_id")
    assert [*alerts] == [one.id for one in said]
    assert [*ends] == [one.id for one in said]
    assert {one for one, count in alerts.items() if count > 1} <= {said[1].id}
    assert {one for one, count in ends.items() if count > 1} <= {said[3].id}
