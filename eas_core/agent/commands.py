"""What others may ask of an agent, and what it answers: docs/agent.md.

An order is `{"id": …, "command": …}` and more; the answer has the same `id`,
and `ok` with a `result` or an `error` for people.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
import logging
from typing import Any, Final

from ..errors import EasError
from ..plain_json import parse_json
from ..station.self_test import SelfTest
from ..station.station import Station
from .sending import LostError, Sender
from .spool import Kept, Spool
from .topics import VERSION

_LOGGER = logging.getLogger(__name__)

DEFAULT_PLACE: Final = "011001"


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and the messages that are to be told again."""

    answer: Mapping[str, Any]
    missed: tuple[Kept, ...] = ()


class CommandError(EasError):
    """An order that cannot be carried out; the text says what to change."""


class Commands:
    """Carries out what comes on the command's topic; each order is answered once."""

    def __init__(
        self,
        stations: Mapping[str, Station],
        spool: Spool,
        sender: Sender,
        tell: Callable[[Answered], None],
    ) -> None:
        """Take what they are about; `tell` may be called on any thread."""
        self._stations = stations
        self._spool = spool
        self._sender = sender
        self._tell = tell

    def take(self, payload: bytes) -> None:
        """Carry out an order; one that is none is answered so, and touches nothing."""
        order: Mapping[str, Any] = {}
        try:
            order = _order(payload)
            self._carry_out(order)
        except EasError as error:
            self._answer(order, error=str(error), lost=isinstance(error, LostError))

    def _carry_out(self, order: Mapping[str, Any]) -> None:
        match order["command"]:
            case "self_test":
                self._self_test(order)
            case "restart":
                station = self._station(order)
                station.stop()
                station.start()
                self._answer(order, {})
            case "replay":
                self._replay(order)
            case "recording":
                self._recording(order)
            case _:
                raise CommandError("Ask for self_test, restart, replay or recording.")

    def _self_test(self, order: Mapping[str, Any]) -> None:
        place = order.get("location", DEFAULT_PLACE)
        if not isinstance(place, str):
            raise CommandError("Name the location as a text of six digits.")

        def done(made: Future[SelfTest]) -> None:
            try:
                test = made.result()
            except EasError as error:
                self._answer(order, error=str(error))
            else:
                seconds = round(test.seconds, 3)
                result = {"decoded": test.decoded, "seconds": seconds}
                self._answer(order, result | {"header": test.header})

        self._station(order).self_test(place).add_done_callback(done)

    def _replay(self, order: Mapping[str, Any]) -> None:
        after, known = order.get("after", ""), order.get("known", [])
        if not isinstance(after, str):
            raise CommandError("Name the time after which, in ISO 8601.")
        if not isinstance(known, list):
            raise CommandError("Name what is known in a list of ids.")
        ids = {each for each in known if isinstance(each, str)}
        missed = tuple(self._spool.missed(after, ids))
        self._tell(Answered(_told(order) | {"result": {"count": len(missed)}}, missed))

    def _recording(self, order: Mapping[str, Any]) -> None:
        """Say what there is of an alert's recording; its pieces come by themselves."""
        stations = self._stations.values()
        indexes = [one.recordings for one in stations if one.recordings is not None]
        self._answer(order, self._sender.take(order, indexes))

    def _station(self, order: Mapping[str, Any]) -> Station:
        name = order.get("station")
        if name is None and len(self._stations) == 1:
            return next(iter(self._stations.values()))
        if not isinstance(name, str) or name not in self._stations:
            names = ", ".join(self._stations)
            raise CommandError(f"Name one of the agent's stations: {names}.")
        return self._stations[name]

    def _answer(
        self,
        order: Mapping[str, Any],
        result: Mapping[str, Any] | None = None,
        error: str | None = None,
        *,
        lost: bool = False,
    ) -> None:
        said: dict[str, Any] = {"result": result}
        if error is not None:
            said = {"error": error} | ({"lost": True} if lost else {})
        self._tell(Answered(_told(order, ok=error is None) | said))


def _told(order: Mapping[str, Any], *, ok: bool = True) -> dict[str, Any]:
    told = {"id": order.get("id"), "command": order.get("command"), "ok": ok}
    return {"version": VERSION} | told


def _order(payload: bytes) -> Mapping[str, Any]:
    try:
        order = parse_json(payload)
    except ValueError as error:
        raise CommandError("Ask in JSON.") from error
    if not isinstance(order, dict) or not isinstance(order.get("command"), str):
        raise CommandError("Ask with an object that has a command.")
    if (
        not isinstance(order.get("id"), str | int | None)
        or len(str(order["command"])) > 64
    ):
        raise CommandError("Give the order an id that is a text or a number.")
    return order
