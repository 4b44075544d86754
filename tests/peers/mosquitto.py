"""A real Mosquitto, and somebody who hears all that goes over it. Package mosquitto of Debian."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
import json
from pathlib import Path
import subprocess
import tempfile
import threading
from typing import Any
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from script.ports import free_port

from .network import end, listening, until

USER, PASSWORD = "eas", "hush"


class Mosquitto:
    """A broker of its own on a free port; `kill` and `start` are what may happen to it."""

    def __init__(self, folder: Path, more: str) -> None:
        self.port, self.folder = free_port(), folder
        self._configuration = folder / "mosquitto.conf"
        # Each change is on the disk at once, so that sessions outlive a kill.
        kept = f"persistence true\npersistence_location {folder}/\nautosave_on_changes true\nautosave_interval 1\n"
        self._configuration.write_text(
            f"listener {self.port} 127.0.0.1\n{kept}{more}\n"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["/usr/sbin/mosquitto", "-c", str(self._configuration)]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        until(lambda: listening(self.port))

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def kill(self) -> None:
        if self._process is not None:
            end(self._process)
            self._process = None


@contextmanager
def mosquitto(
    settings: Callable[[Path], str] = lambda folder: "allow_anonymous true",
) -> Iterator[Mosquitto]:
    """Give a broker that runs, with what the settings say of its folder."""
    with tempfile.TemporaryDirectory(prefix="mosquitto") as name:
        # It runs as a user of its own where it is started as root.
        folder = Path(name)
        folder.chmod(0o777)
        broker = Mosquitto(folder, settings(folder))
        broker.start()
        try:
            yield broker
        finally:
            broker.kill()


def write_passwords(folder: Path) -> str:
    """Return the settings of a broker that asks for a user, whose file is written here."""
    passwords = folder / "passwords"
    passwords.touch()
    command = ["/usr/bin/mosquitto_passwd", "-b", str(passwords), USER, PASSWORD]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    passwords.chmod(0o644)
    return f"allow_anonymous false\npassword_file {passwords}"


def write_certificates(folder: Path) -> str:
    """Return the settings of a broker that speaks TLS; `ca.pem` is who vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            pem,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    (folder / "key.pem").chmod(0o644)
    certificates = f"certfile {folder}/ca.pem\nkeyfile {folder}/key.pem"
    return f"allow_anonymous true\n{certificates}"


def write_certificates_for_both(folder: Path) -> str:
    """Return the settings of one that wants to see a certificate, too: `ca.pem` is one."""
    more = f"cafile {folder}/ca.pem\nrequire_certificate true"
    return f"{write_certificates(folder)}\n{more}"


@dataclass
class Listener:
    """Hears all topics, over the broker's death too, and publishes what a test wants."""

    port: int
    user: str | None = None
    password: str | None = None
    heard: list[tuple[str, bytes, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ready = threading.Event()
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id=uuid4().hex, clean_session=False
        )
        self._client.username_pw_set(self.user, self.password)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.on_message = self._take
        self._client.connect("127.0.0.1", self.port)
        self._client.loop_start()
        assert self._ready.wait(30)

    def _take(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        self.heard.append((message.topic, message.payload, bool(message.retain)))

    def told(self, last: str) -> list[dict[str, Any]]:
        """Return what came on the topics that end so, oldest first."""
        return [
            json.loads(payload)
            for topic, payload, _ in tuple(self.heard)
            if topic.endswith(f"/{last}")
        ]

    def publish(self, topic: str, payload: object, *, retain: bool = False) -> None:
        data = payload if isinstance(payload, bytes) else json.dumps(payload)
        self._client.publish(topic, data, qos=1, retain=retain).wait_for_publish(10)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def listener(
    broker: Mosquitto, user: str | None = None, password: str | None = None
) -> Iterator[Listener]:
    """Hear everything."""
    hears = Listener(broker.port, user, password)
    try:
        yield hears
    finally:
        hears.close()
