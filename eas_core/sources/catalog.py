"""Which kinds of sources call native drivers, and how those are run."""

from typing import Any, Final

from .isolated import IsolatedSource
from .rtl_sdr import RtlSdrSource
from .sound_card import SoundCardSource
from .source import Source
from .stream import StreamSource

NATIVE: Final[dict[str, type[Any]]] = {
    RtlSdrSource.kind: RtlSdrSource,
    SoundCardSource.kind: SoundCardSource,
    StreamSource.kind: StreamSource,
}
"""Those that call native drivers, and so run in a child process."""


def isolated(source: Source) -> Source:
    """Return the source as it is to be run: in a child process where it is native."""
    return IsolatedSource(source) if source.kind in NATIVE else source
