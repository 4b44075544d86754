"""The connection to the broker: what happens there comes to the agent as events.

paho's thread only puts events into the agent's queue; it connects again by
itself, for ever, with a growing pause.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
import json
import logging
import ssl
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
from .config import Broker
from .table import ConfigError
from .topics import VERSION, Topics

_LOGGER = logging.getLogger(__name__)

LONGEST_COMMAND: Final = 16_384
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


type LinkEvent = Connected | Acknowledged | Asked


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
        client = self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"eas-agent-{topics.agent}",
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

    def publish(
        self, topic: str, payload: Any, *, qos: int = 0, retain: bool = False
    ) -> int | None:
        """Hand a payload to the broker, as JSON; return its number, None where it did not go.

        With qos 1 the number comes again in `Acknowledged`, over a connection
        that breaks in between too.
        """
        if not self.connected:
            return None
        message = self._client.publish(topic, to_json(payload), qos, retain)
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
            return
        self._failing = None
        _LOGGER.info("Connected to %s:%s", self._broker.host, self._broker.port)
        client.subscribe(self._topics.command, qos=1)
        self._tell(Connected())

    def _on_connect_fail(self, client: Client, userdata: Any) -> None:
        self._log_failure("the broker does not answer")

    def _on_disconnect(
        self,
        client: Client,
        userdata: Any,
        flags: DisconnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._log_failure("the connection to the broker broke")

    def _log_failure(self, why: str) -> None:
        """Log what keeps the agent from the broker, once until something else does."""
        if why == self._failing:
            return
        self._failing = why
        _LOGGER.warning(
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
        # One that was retained is of another time.
        if not message.retain and len(message.payload) <= LONGEST_COMMAND:
            self._tell(Asked(message.payload))


def status(state: str, stations: Iterable[str] = ()) -> dict[str, Any]:
    """Return what `status` says: `online` with the stations' names, or `offline`."""
    said = {"version": VERSION, "state": state, "software": __version__}
    return said | ({"stations": [*stations]} if stations else {})


def to_json(payload: Any) -> str:
    """Return a payload as it goes over the wire."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


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
