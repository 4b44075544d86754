"""A connection that heeds a stop and a deadline in all that it waits for."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
import errno
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
import os
import select
import socket
import ssl
import threading
from typing import Any, Final

from ..clock import Clock
from .source import SourceError, SourceErrorReason

POLL_SECONDS: Final = 0.25
"""How long a stop may go unseen."""

CONNECT_SECONDS: Final = 10.0
"""For a name, a connection and a handshake."""

_UNICAST: Final = IPv6Network("2000::/3")
"""All that IANA gives out of IPv6 for the Internet."""

_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
"""IPv4 addresses as networks without IPv4 name them (RFC 6052)."""

_HOME_BITS: Final = 56
"""What a provider gives a home of IPv6, for all of its networks (RFC 6177)."""

type Address = tuple[socket.AddressFamily, tuple[Any, ...]]


class Stopped(Exception):  # noqa: N818
    """The source is to stop: no error, and nobody is told."""


class Watch:
    """Ends what waits, when it is to stop and when it has waited for too long.

    Asked by those who wait, on any thread; set by the one that reads.
    """

    def __init__(self, clock: Clock, stop: threading.Event) -> None:
        """Expect nothing yet."""
        self._clock = clock
        self._stop = stop
        self._whole: tuple[float, SourceError] | None = None
        self._part: tuple[float, SourceError] | None = None

    def now(self) -> float:
        """Return the clock's seconds."""
        return self._clock.monotonic()

    def expect(self, seconds: float, otherwise: SourceError) -> None:
        """Allow so much time from now, in place of what was allowed before."""
        self._whole = (self.now() + seconds, otherwise)

    def pause(self) -> None:
        """Allow any time: nobody waits."""
        self._whole = None

    @contextmanager
    def within(self, seconds: float, otherwise: SourceError) -> Iterator[None]:
        """Allow a part of the whole so much time."""
        self._part = (self.now() + seconds, otherwise)
        try:
            yield
        finally:
            self._part = None

    def check(self) -> None:
        """Raise Stopped, or what was to be raised after the time that was allowed."""
        if self._stop.is_set():
            raise Stopped
        for limit in (self._part, self._whole):
            if limit is not None and self.now() > limit[0]:
                raise limit[1]

    def wait(self, seconds: float) -> None:
        """Let some time pass, and no more than is allowed."""
        if self._whole is not None:
            seconds = min(seconds, self._whole[0] - self.now() + POLL_SECONDS)
        self._clock.wait(self._stop, max(0.0, seconds))
        self.check()


class Connection:
    """A TCP connection, with TLS or without."""

    def __init__(
        self,
        sock: socket.socket,
        watch: Watch,
        gone: Callable[[], Exception] | None = None,
    ) -> None:
        """Take a socket that is connected; `gone` is what to raise when the other side is."""
        self._gone = gone or disconnected
        sock.settimeout(POLL_SECONDS)
        self._socket = sock
        self._watch = watch
        self.received_at = watch.now()

    @property
    def is_public(self) -> bool:
        """Whether the other side is of the Internet; so it is said of one that has gone already."""
        try:
            here, there = self._socket.getsockname()[0], self._socket.getpeername()[0]
        except OSError:
            return True
        return is_public(there) and not are_near(here, there)

    def fileno(self) -> int:
        """Return the socket's descriptor, to be polled."""
        return self._socket.fileno()

    def receive(self, size: int) -> bytes:
        """Return what has come, b"" at the end; raises Stopped and SourceError."""
        while True:
            self._watch.check()
            try:
                data = self._socket.recv(size)
            except TimeoutError:
                continue
            except OSError as error:
                raise self._gone() from error
            self.received_at = self._watch.now()
            return data

    def send(self, data: bytes) -> None:
        """Send all of it; raises Stopped and SourceError."""
        rest = memoryview(data)
        while rest:
            self._watch.check()
            try:
                rest = rest[self._socket.send(rest) :]
            except TimeoutError:
                continue
            except OSError as error:
                raise self._gone() from error

    def close(self) -> None:
        """Close it, whatever is still under way on another thread."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def disconnected() -> SourceError:
    """Return what it is when the other side goes."""
    return SourceError(
        SourceErrorReason.DISCONNECTED,
        "Wait for the next try: the other side ended the connection.",
    )


def open_connection(
    host: str,
    port: int,
    watch: Watch,
    *,
    tls: bool = False,
    only_public: bool = False,
    gone: Callable[[], Exception] | None = None,
) -> Connection:
    """Return a connection to the first address of a host that answers.

    `gone` is what the connection is to raise when the other side is. Raises
    Stopped, and SourceError with UNREACHABLE, REFUSED or TLS_ERROR; and with
    WRONG_PROTOCOL where a host is `only_public`, and not of the Internet.
    """
    late = SourceError(
        SourceErrorReason.UNREACHABLE,
        f"Check the address and whether the machine is on: {host} does not answer.",
    )
    with watch.within(CONNECT_SECONDS, late):
        addresses = resolve(host, port, watch)
        if only_public:
            addresses = _public(addresses, host)
        sock = _connect_to_any(addresses, host, port, late, watch)
        try:
            made = Connection(_secure(sock, host, watch) if tls else sock, watch, gone)
        except BaseException:
            sock.close()
            raise
    if only_public and not made.is_public:
        made.close()
        raise _not_public(host)
    return made


def is_public(address: str) -> bool:
    """Whether an address is of the Internet: not of this machine, nor of a network at home."""
    ip = _ip(address)
    if ip in _TRANSLATED:
        ip = IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.is_global and (ip.version == 4 or ip in _UNICAST)


def are_near(here: str, there: str) -> bool:
    """Whether an address of the Internet is this machine's own, or of its own network."""
    one, other = _ip(here), _ip(there)
    if isinstance(one, IPv6Address) and isinstance(other, IPv6Address):
        return (int(one) ^ int(other)) >> (128 - _HOME_BITS) == 0
    return one == other


def _ip(address: str) -> IPv4Address | IPv6Address:
    ip = ip_address(address.partition("%")[0])
    return (isinstance(ip, IPv6Address) and ip.ipv4_mapped) or ip


def _public(addresses: list[Address], host: str) -> list[Address]:
    # The addresses are judged, not the name, which may mean others the next time.
    found = [one for one in addresses if is_public(one[1][0])]
    if not found:
        raise _not_public(host)
    return found


def _not_public(host: str) -> SourceError:
    return SourceError(
        SourceErrorReason.WRONG_PROTOCOL,
        "Choose another stream: a server of the Internet sends on to"
        f" {host}, which is in your own network.",
    )


def _connect_to_any(
    addresses: list[Address], host: str, port: int, late: SourceError, watch: Watch
) -> socket.socket:
    failure: OSError | None = None
    for address in addresses:
        try:
            return _connect(address, watch)
        except OSError as error:
            failure = error
    if isinstance(failure, ConnectionRefusedError):
        raise SourceError(
            SourceErrorReason.REFUSED,
            f"Check the port: nothing listens at port {port} of {host}.",
        ) from failure
    raise late from failure


def resolve(host: str, port: int, watch: Watch) -> list[Address]:
    """Return a host's addresses; raises Stopped and SourceError(UNREACHABLE)."""
    with suppress(OSError, ValueError):
        return _look_up(host, port, socket.AI_NUMERICHOST)
    found: Future[list[Address]] = Future()

    def look_up() -> None:
        try:
            found.set_result(_look_up(host, port))
        except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
            found.set_exception(error)

    # A look-up cannot be ended from outside; its thread ends when it gives up.
    threading.Thread(target=look_up, name="eas_resolve", daemon=True).start()
    while True:
        try:
            return found.result(POLL_SECONDS)
        except TimeoutError:
            watch.check()
        except (OSError, ValueError) as error:
            raise SourceError(
                SourceErrorReason.UNREACHABLE,
                f"Check the host's name and the network: {host} is not known.",
            ) from error


def _look_up(host: str, port: int, flags: int = 0) -> list[Address]:
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return [(info[0], info[4]) for info in infos]


def _connect(address: Address, watch: Watch) -> socket.socket:
    family, target = address
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        _reach(sock, target, watch)
    except BaseException:
        sock.close()
        raise
    return sock


def _reach(sock: socket.socket, target: tuple[Any, ...], watch: Watch) -> None:
    sock.setblocking(False)
    code = sock.connect_ex(target)
    if code == errno.EINPROGRESS:
        writable = select.poll()
        writable.register(sock, select.POLLOUT)
        while not writable.poll(POLL_SECONDS * 1000):
            watch.check()
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))


def _secure(sock: socket.socket, host: str, watch: Watch) -> ssl.SSLSocket:
    sock.settimeout(POLL_SECONDS)
    try:
        secured = _tls_context().wrap_socket(
            sock, server_hostname=host, do_handshake_on_connect=False
        )
        while True:
            watch.check()
            try:
                secured.do_handshake()
            except TimeoutError:
                continue
            return secured
    except ssl.SSLCertVerificationError as error:
        raise SourceError(
            SourceErrorReason.TLS_ERROR,
            f"Check the address, or ask whoever runs {host} to mend its certificate: "
            f"{error.verify_message.rstrip('.')}.",
        ) from error
    except OSError as error:
        raise SourceError(
            SourceErrorReason.TLS_ERROR,
            f"Try the address without TLS, or another port: {host} does not answer in TLS.",
        ) from error


def _tls_context() -> ssl.SSLContext:
    """Return one that trusts whom the system trusts, or certifi where it names nobody."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile or paths.capath):
        with suppress(ImportError):
            import certifi

            context.load_verify_locations(certifi.where())
    return context
