"""RTSP by ffmpeg, over TCP, through a relay on this machine that heeds the watch."""

from contextlib import ExitStack, suppress
import select
import socket
import threading
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from .source import SourceError, SourceErrorReason
from .stream_connection import POLL_SECONDS, Connection, Stopped, Watch, open_connection
from .stream_url import StreamUrl

if TYPE_CHECKING:
    from av.container import InputContainer

CHUNK_BYTES: Final = 8192
PATIENCE_SECONDS: Final = 30.0
"""ffmpeg's own, which ends nothing as long as the watch does its work."""

_OPTIONS: Final = {
    "rtsp_transport": "tcp",
    "allowed_media_types": "audio",
    "protocol_whitelist": "rtsp,rtp,tcp",
}

_ELSEWHERE: Final = b"location:"
"""The header of a redirection; no sound is likely to have these nine bytes in its packets."""


class _LetGo(Exception):  # noqa: N818
    """ffmpeg wants no more."""


class RtspFeed:
    """What an RTSP server sends."""

    name: str | None = None
    title: str | None = None
    paced = False
    heard = False

    def __init__(self, url: StreamUrl, watch: Watch) -> None:
        """Connect; raises Stopped and SourceError."""
        self.failure: SourceError | Stopped | None = None
        self.received = 0
        self.ended = False
        self._speaks_rtsp = False
        self._said = b""
        self._url = url
        self._watch = watch
        self._remote = open_connection(url.host, url.port, watch)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(POLL_SECONDS)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="eas_rtsp_relay")
        self._thread.start()

    @property
    def dry(self) -> bool:
        """Whether nothing more comes."""
        return not self._thread.is_alive()

    @property
    def received_at(self) -> float:
        """The time of the last byte."""
        return self._remote.received_at

    def open(self) -> InputContainer:
        """Ask for the stream; raises SourceError, and what PyAV raises."""
        import av

        # There is one connection, so a container that breaks ends it all.
        self.ended = True
        try:
            return av.open(
                self._local_address(),
                mode="r",
                options=_OPTIONS,
                timeout=PATIENCE_SECONDS,
            )
        except av.FFmpegError as error:
            if self.failure is not None:
                raise
            raise self._refused(error) from error

    def close(self) -> None:
        """Let the server go."""
        self._closing.set()
        self._thread.join()

    def _local_address(self) -> str:
        url = self._url
        user = ""
        if url.user is not None:
            user = f"{quote(url.user, safe='')}:{quote(url.password, safe='')}@"
        port = self._listener.getsockname()[1]
        return f"rtsp://{user}127.0.0.1:{port}{url.target}"

    def _refused(self, error: Exception) -> SourceError:
        import av

        host = self._url.host
        if isinstance(
            error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError
        ):
            return SourceError(
                SourceErrorReason.UNAUTHORIZED,
                f"Check user and password: {host} refuses.",
            )
        if isinstance(error, av.error.HTTPNotFoundError):
            return SourceError(
                SourceErrorReason.NOT_FOUND,
                f"Check the address's path: {host} has no stream there.",
            )
        if isinstance(error, av.error.HTTPError):
            return SourceError(
                SourceErrorReason.BROKEN,
                f"Wait, or ask whoever runs {host}: it answers with an error.",
            )
        if self._speaks_rtsp:
            return SourceError(
                SourceErrorReason.NOT_AUDIO,
                f"Choose another stream: {host} sends no audio there.",
            )
        return SourceError(
            SourceErrorReason.WRONG_PROTOCOL,
            f"Check the port: what answers at {self._url.place} speaks no RTSP.",
        )

    def _run(self) -> None:
        # Why it ends is known before ffmpeg sees that it does.
        with ExitStack() as open_ends:
            open_ends.callback(self._remote.close)
            open_ends.enter_context(self._listener)
            try:
                local = open_ends.enter_context(self._accept())
                self._relay(local, Connection(local, self._watch, _LetGo))
            except (SourceError, Stopped) as error:
                self.failure = error
            except _LetGo:
                pass

    def _accept(self) -> socket.socket:
        while True:
            self._check()
            with suppress(TimeoutError):
                return self._listener.accept()[0]

    def _check(self) -> None:
        if self._closing.is_set():
            raise Stopped
        self._watch.check()

    def _relay(self, local: socket.socket, back: Connection) -> None:
        ready = select.poll()
        ready.register(local, select.POLLIN)
        ready.register(self._remote, select.POLLIN)
        while True:
            self._check()
            for descriptor, _ in ready.poll(POLL_SECONDS * 1000):
                here = descriptor == local.fileno()
                data = (back if here else self._remote).receive(CHUNK_BYTES)
                if not data:
                    return
                if here:
                    self._remote.send(data)
                else:
                    if not self.received:
                        self._speaks_rtsp = data.startswith(b"RTSP/")
                    self.received += len(data)
                    self._refuse_to_go_elsewhere(data)
                    back.send(data)

    def _refuse_to_go_elsewhere(self, data: bytes) -> None:
        """Raise SourceError before ffmpeg is told of another address: it would go there past the relay.

        It goes wherever a server says, as often as one says so, to this
        machine's own ports too. It passes over carriage returns and takes either
        case, so that is how its header is looked for.
        """
        said = self._said + data.replace(b"\r", b"").lower()
        if _ELSEWHERE in said:
            raise SourceError(
                SourceErrorReason.WRONG_PROTOCOL,
                f"Choose another address: {self._url.host} sends on to another one, "
                "which is not followed over RTSP.",
            )
        self._said = said[1 - len(_ELSEWHERE) :]
