"""The connection to the broker: what happens there comes to the agent as events.

paho's thread only puts events into the agent's queue; it connects again by
itself, for ever, with a growing pause.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
import json
import logging
from secrets import token_hex
import socket
import ssl
import sys
from typing import Any, Final

from paho.mqtt.client import (
    Client,
    ConnectFlags,
    DisconnectFlags,
    MQTTMessage,
    MQTTv311,
)
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from .. import __version__
from ..fault_log import FaultLog
from .config import Broker
from .table import ConfigError
from .topics import VERSION, Topics

_LOGGER = logging.getLogger(__name__)

LONGEST_COMMAND: Final = 16_384
HANGS_UP: Final = (
    "the broker hangs up before it greets the agent (check port, tls and "
    "certificate_file; its log says what it wants)"
)
FIRST_PAUSE: Final = 1
LONGEST_PAUSE: Final = 30
"""Seconds between two tries to connect."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The broker is there, and takes what is published."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The broker has what was published as `message`."""

    message: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asks something of the agent."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Miscalled:
    """Somebody else says something of whether the agent is there, which it is."""


type LinkEvent = Connected | Acknowledged | Asked | Miscalled


class Link:
    """Publishes and hears at one broker; `tell` is called on a thread of its own."""

    def __init__(
        self, broker: Broker, topics: Topics, tell: Callable[[LinkEvent], None]
    ) -> None:
        """Make ready to connect; raises ConfigError for certificates that cannot be used."""
        self._broker = broker
        self._topics = topics
        self._tell = tell
        self._failing: str | None = None
        self._log = FaultLog(_LOGGER)
        self._was_connected = self._met = False
        self._greeted = False
        self._online = ""
        client = self._client = Client(
            CallbackAPIVersion.VERSION2,
            # A broker lets go of whoever has the name of one who comes: nobody is to know it.
            client_id=f"eas-agent-{topics.agent}-{token_hex(8)}",
            protocol=MQTTv311,
        )
        client.will_set(topics.status, to_json(status("offline")), qos=1, retain=True)
        if broker.user is not None:
            client.username_pw_set(broker.user, broker.password)
        if broker.tls:
            client.tls_set_context(_tls(broker))
        client.reconnect_delay_set(FIRST_PAUSE, LONGEST_PAUSE)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message

    @property
    def connected(self) -> bool:
        """Whether the broker takes what is published now."""
        return self._client.is_connected()

    def meet(self) -> None:
        """Publish from now on, over the connection that was told: what was missed goes first."""
        self._met = True

    def start(self) -> None:
        """Connect, now or as soon as the broker is there."""
        broker = self._broker
        self._client.connect_async(broker.host, broker.port, broker.keepalive)
        self._client.loop_start()

    def stop(self) -> None:
        """Say good-bye and leave."""
        if self.connected:
            told = self._client.publish(
                self._topics.status, to_json(status("offline")), qos=1, retain=True
            )
            try:
                told.wait_for_publish(2.0)
            except RuntimeError, ValueError:
                _LOGGER.debug("The broker went before the agent's good-bye")
        self._client.disconnect()
        self._client.loop_stop()
        if (left := self._client.socket()) is not None:
            # paho leaves one open that the broker had not greeted yet.
            left.close()

    def say_online(self, said: Mapping[str, Any]) -> None:
        """Say that the agent is there, and have it told where somebody else says otherwise."""
        self._online = to_json(said)
        self.publish(self._topics.status, said, qos=1, retain=True)

    def publish(
        self, topic: str, payload: Any, *, qos: int = 0, retain: bool = False
    ) -> int | None:
        """Hand a payload to the broker, as JSON; return its number, None where it did not go.

        None is an empty one, which takes back what was retained.

        With qos 1 the number comes again in `Acknowledged`, over a connection
        that breaks in between too.
        """
        if not (self._met and self.connected):
            return None
        data = None if payload is None else to_json(payload)
        message = self._client.publish(topic, data, qos, retain)
        return message.mid

    def _on_connect(
        self,
        client: Client,
        userdata: Any,
        flags: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._log_failure(f"the broker refuses the agent ({reason})")
            self._greeted = True
            return
        self._failing, self._greeted = None, True
        told = self._log.over if self._was_connected else _LOGGER.info
        told("Connected to %s:%s", self._broker.host, self._broker.port)
        self._was_connected = True
        client.subscribe([(self._topics.command, 1), (self._topics.status, 1)])
        self._tell(Connected())

    def _on_connect_fail(self, client: Client, userdata: Any) -> None:
        # paho calls this while it handles what went wrong, and does not say what.
        self._log_failure(_why(sys.exception()))

    def _on_disconnect(
        self,
        client: Client,
        userdata: Any,
        flags: DisconnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        self._met = False
        greeted, self._greeted = self._greeted, False
        if not reason.is_failure:
            return
        if greeted:
            self._log_failure("the connection to the broker broke")
        else:
            self._log_failure(HANGS_UP)

    def _log_failure(self, why: str) -> None:
        """Log what keeps the agent from the broker, once until something else does."""
        if why == self._failing:
            return
        self._failing = why
        self._log.fault(
            "Look at %s:%s: %s; it is tried again, and alerts are kept",
            self._broker.host,
            self._broker.port,
            why,
        )

    def _on_publish(
        self,
        client: Client,
        userdata: Any,
        message: int,
        reason: ReasonCode,
        properties: Properties,
    ) -> None:
        self._tell(Acknowledged(message))

    def _on_message(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        if message.retain:
            # It is of another time.
            return
        if message.topic == self._topics.status:
            if message.payload != self._online.encode():
                self._tell(Miscalled())
        elif len(message.payload) <= LONGEST_COMMAND:
            self._tell(Asked(message.payload))


def status(state: str, stations: Iterable[str] = ()) -> dict[str, Any]:
    """Return what `status` says: `online` with the stations' names, or `offline`."""
    said = {"version": VERSION, "state": state, "software": __version__}
    return said | ({"stations": [*stations]} if stations else {})


def to_json(payload: Any) -> str:
    """Return a payload as it goes over the wire."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


def _why(error: BaseException | None) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            why = error.verify_message.rstrip(".")
            return (
                f"its certificate is not to be trusted ({why}; check host and ca_file)"
            )
        case ssl.SSLError():
            return f"it does not speak TLS as the agent does ({error.reason})"
        case socket.gaierror():
            return "nothing has that name"
        case ConnectionRefusedError():
            return "no broker listens there"
        case ConnectionError():
            return HANGS_UP
        case _:
            return "the broker does not answer"


def _tls(broker: Broker) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=broker.ca_file)
        if broker.certificate_file is not None:
            context.load_cert_chain(broker.certificate_file, broker.key_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"Name certificates that can be read in [broker]: {error}."
        ) from error
    return context
