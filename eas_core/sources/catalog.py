"""All kinds of sources by their names, and how each is run."""

from typing import Any, Final

from .isolated import IsolatedSource
from .pcm import PcmSource
from .rtl_sdr import RtlSdrSource
from .rtl_tcp import RtlTcpSource
from .sound_card import SoundCardSource
from .source import Source
from .stream import StreamSource

NATIVE: Final[dict[str, type[Any]]] = {
    RtlSdrSource.kind: RtlSdrSource,
    SoundCardSource.kind: SoundCardSource,
    StreamSource.kind: StreamSource,
}
"""Those that call native drivers, and so run in a child process."""

IN_PROCESS: Final[dict[str, type[Any]]] = {
    RtlTcpSource.kind: RtlTcpSource,
    PcmSource.kind: PcmSource,
}


def isolated(source: Source) -> Source:
    """Return the source as it is to be run: in a child process where it is native."""
    return IsolatedSource(source) if source.kind in NATIVE else source
