"""The client of a web server or Icecast: one answer, read as it comes."""

from base64 import b64encode
from collections.abc import Buffer
from contextlib import ExitStack
from dataclasses import replace
from http.client import HTTPConnection, HTTPException, HTTPResponse
from io import BufferedReader, RawIOBase
import re
import socket
from typing import Final, cast

from .source import SourceError, SourceErrorReason
from .stream_connection import Connection, Watch, disconnected, open_connection
from .stream_url import StreamUrl

ANSWER_SECONDS: Final = 10.0
"""From the request to the first bytes of what is asked for."""

HEAD_BYTES: Final = 10

MOST_REDIRECTS: Final = 5
LONGEST_TITLE: Final = 200
USER_AGENT: Final = "eas-station"
_KIND: Final = re.compile(r"[a-zA-Z0-9.+-]{1,40}/[a-zA-Z0-9.+-]{1,80}")
_REDIRECTS: Final = (301, 302, 303, 307, 308)


class HttpBody:
    """What a server answers: its bytes as they come, without Icecast's titles.

    `head` is the first few of them; fewer than HEAD_BYTES only where there are no more.
    """

    def __init__(
        self, url: StreamUrl, connection: Connection, response: HTTPResponse
    ) -> None:
        """Take an answer whose headers have been read; raises Stopped and SourceError."""
        self._pushed_back = b""
        self.url = url
        kind = (response.getheader("content-type") or "").partition(";")[0].strip()
        # What is none might be a text for whoever is told what came.
        self.content_type = kind.lower() if _KIND.fullmatch(kind) else ""
        self.name = shown(response.getheader("icy-name") or "")
        self.title: str | None = None
        self.ended = False
        self._connection = connection
        self._response = response
        interval = response.getheader("icy-metaint") or ""
        self._interval = int(interval) if re.fullmatch(r"\d{1,9}", interval) else 0
        self._to_title = self._interval
        self.head = self._pushed_back = self.read_all(HEAD_BYTES)

    @property
    def received_at(self) -> float:
        """The time of the last byte."""
        return self._connection.received_at

    def read(self, size: int) -> bytes:
        """Return up to so many bytes, b"" at the end; raises Stopped and SourceError."""
        if self._pushed_back:
            data = self._pushed_back[:size]
            self._pushed_back = self._pushed_back[size:]
            return data
        if self._interval:
            if not self._to_title:
                self._read_title()
                self._to_title = self._interval
            size = min(size, self._to_title)
        data = self._read(size)
        self._to_title -= len(data)
        self.ended = not data
        return data

    def read_all(self, limit: int) -> bytes:
        """Return so many bytes, fewer only at the end."""
        data = bytearray()
        while len(data) < limit and (part := self.read(limit - len(data))):
            data += part
        return bytes(data)

    def close(self) -> None:
        """Let the server go."""
        # Else Python may find its reader closed first, and complain to nobody.
        self._response.close()
        self._connection.close()

    def _read(self, size: int) -> bytes:
        try:
            data = self._response.read1(size)
        except (HTTPException, ValueError) as error:
            if isinstance(error, SourceError):
                raise
            raise disconnected() from error
        # Python takes a chunk of -5 bytes for one without end, and then gives all that
        # has come; PyAV copies that into a buffer of the size that it asked for.
        if len(data) > size:
            raise disconnected()
        return data

    def _read_title(self) -> None:
        """One byte counts sixteens of what follows: StreamTitle='…';StreamUrl='…'; and zeros."""
        data = self._read(1)
        left = 16 * data[0] if data else 0
        block = b""
        while left and (data := self._read(left)):
            block += data
            left -= len(data)
        if found := re.search(rb"StreamTitle='(.*?)';", block, re.DOTALL):
            self.title = _text(found[1])


def _text(data: bytes) -> str | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return shown(text)


def shown(text: str) -> str | None:
    """Return a stranger's words as they can be shown, None for none."""
    return "".join(filter(str.isprintable, text)).strip()[:LONGEST_TITLE] or None


def get(url: StreamUrl, watch: Watch) -> HttpBody:
    """Ask for an address and go where the server sends on to; raises Stopped and SourceError."""
    for _ in range(MOST_REDIRECTS + 1):
        body_or_next = _ask(url, watch)
        if isinstance(body_or_next, HttpBody):
            return body_or_next
        url = body_or_next
    raise SourceError(
        SourceErrorReason.WRONG_PROTOCOL,
        f"Choose another address: {url.host} sends on from one to the next for ever.",
    )


def _ask(url: StreamUrl, watch: Watch) -> HttpBody | StreamUrl:
    connection = open_connection(
        url.host,
        url.port,
        watch,
        tls=url.is_secure,
        only_public=url.only_public,
    )
    url = replace(url, only_public=url.only_public or connection.is_public)
    mute = SourceError(
        SourceErrorReason.STALLED,
        f"Wait, or check the port: {url.host} takes the connection and does not answer.",
    )
    with ExitStack() as opened:
        opened.callback(connection.close)
        with watch.within(ANSWER_SECONDS, mute):
            response = _request(url, connection)
            opened.callback(response.close)
            location = response.getheader("location")
            if response.status in _REDIRECTS and location:
                return url.follow(location)
            _refuse(url, response.status)
            body = HttpBody(url, connection, response)
        opened.pop_all()
        return body


def _request(url: StreamUrl, connection: Connection) -> HTTPResponse:
    client = HTTPConnection(url.host, url.port)
    client.sock = cast(socket.socket, _Wire(connection))
    try:
        client.putrequest("GET", url.target, skip_host=True, skip_accept_encoding=True)
        client.putheader("Host", url.place)
        client.putheader("User-Agent", USER_AGENT)
        client.putheader("Accept", "*/*")
        client.putheader("Icy-MetaData", "1")
        client.putheader("Connection", "close")
        if url.user is not None:
            secret = b64encode(f"{url.user}:{url.password}".encode()).decode()
            client.putheader("Authorization", f"Basic {secret}")
        client.endheaders()
        return client.getresponse()
    except HTTPException as error:
        raise SourceError(
            SourceErrorReason.WRONG_PROTOCOL,
            f"Check the port: what answers at {url.place} speaks no HTTP.",
        ) from error


def _refuse(url: StreamUrl, status: int) -> None:
    """Raise SourceError for an answer that is none."""
    if status in (401, 403, 407):
        raise SourceError(
            SourceErrorReason.UNAUTHORIZED,
            f"Check user and password, and that you may listen: {url.host} refuses with {status}.",
        )
    if status in (404, 410):
        raise SourceError(
            SourceErrorReason.NOT_FOUND,
            f"Check the address's path, or wait until the stream is on the air: {url.host} has none there.",
        )
    if status not in (200, 206):
        raise SourceError(
            SourceErrorReason.BROKEN,
            f"Wait, or ask whoever runs {url.host}: it answers with error {status}.",
        )


class _Wire:
    """What http.client needs of a socket, so that its waits heed the watch."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def makefile(self, mode: str) -> BufferedReader:
        return BufferedReader(_Incoming(self._connection))

    def sendall(self, data: bytes) -> None:
        self._connection.send(data)

    def close(self) -> None:
        """Leave the connection to whoever reads the body."""


class _Incoming(RawIOBase):
    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection
        self._begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer)
        if self._begun:
            data = self._connection.receive(len(view))
        else:
            self._begun = True
            data = self._first(len(view))
        view[: len(data)] = data
        return len(data)

    def _first(self, room: int) -> bytes:
        """Return the first bytes; SHOUTcast 1 says ICY where HTTP/1.0 is meant."""
        meant = b"HTTP/1.0"
        data = self._connection.receive(room - len(meant))
        while 0 < len(data) < 4 and (more := self._connection.receive(4 - len(data))):
            data += more
        return meant + data[3:] if data.startswith(b"ICY ") else data
