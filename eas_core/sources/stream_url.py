"""The address of a stream, and what may follow from it."""

from dataclasses import dataclass, field, replace
import re
from typing import Final
from urllib.parse import quote, unquote, urljoin, urlsplit

from .source import SourceError, SourceErrorReason

_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "rtsp": 554}
_KEPT: Final = "%/:=&?~+!$,;'@()*[]"
"""What a path may hold without being quoted (RFC 3986, and what is quoted already)."""

_LONGEST_HOST: Final = 253
"""Of a name (RFC 1035). What is no host is not repeated in sentences that others show."""


@dataclass(frozen=True, slots=True)
class StreamUrl:
    """An address taken apart; `target` is what a server is asked for.

    What it refers to is `only_public` where a server of the Internet has said so:
    it must not make this machine ask its own services, or those of its network.
    """

    scheme: str
    host: str
    port: int
    target: str
    user: str | None = None
    password: str = field(default="", repr=False)
    only_public: bool = False

    @classmethod
    def parse(cls, text: str) -> StreamUrl:
        """Return the parts of an address; raises SourceError(INVALID_OPTION)."""
        try:
            parts = urlsplit(text.strip().encode().decode())
            host = (parts.hostname or "").encode("idna").decode("ascii")
            port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
        except ValueError as error:
            raise _bad_url("it cannot be read") from error
        if parts.scheme not in _DEFAULT_PORTS:
            raise _bad_url("only http, https and rtsp are possible")
        if not 0 < len(host) <= _LONGEST_HOST or re.search(r"[^\w.:%-]", host):
            raise _bad_url("it names no host")
        query = f"?{parts.query}" if parts.query else ""
        return cls(
            parts.scheme,
            host,
            port,
            quote((parts.path or "/") + query, safe=_KEPT),
            None if parts.username is None else unquote(parts.username),
            unquote(parts.password or ""),
        )

    @property
    def is_web(self) -> bool:
        """Whether HTTP is spoken there."""
        return self.scheme in ("http", "https")

    @property
    def is_secure(self) -> bool:
        """Whether TLS is spoken there."""
        return self.scheme == "https"

    @property
    def place(self) -> str:
        """Return `host`, or `host:port` where that is not the scheme's."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == _DEFAULT_PORTS[self.scheme]
        return host if usual else f"{host}:{self.port}"

    def __str__(self) -> str:
        """Return the address without user and password."""
        return f"{self.scheme}://{self.place}{self.target}"

    def follow(self, reference: str) -> StreamUrl:
        """Return what a server refers to; raises SourceError(WRONG_PROTOCOL) for what is not on the web.

        User and password are kept for the same place only.
        """
        try:
            url = StreamUrl.parse(urljoin(str(self), reference))
            if not url.is_web:
                raise _bad_url("")
        except ValueError as error:
            raise SourceError(
                SourceErrorReason.WRONG_PROTOCOL,
                f"Choose another stream: {self.host} sends on to what is no web address.",
            ) from error
        if url.user is None and (url.scheme, url.place) == (self.scheme, self.place):
            url = replace(url, user=self.user, password=self.password)
        return replace(url, only_public=self.only_public)


def _bad_url(why: str) -> SourceError:
    return SourceError(
        SourceErrorReason.INVALID_OPTION, f"Correct the stream's address: {why}."
    )
