"""All kinds of sources by their names, and how each is run."""

from typing import Any, Final

from .pcm import PcmSource
from .rtl_sdr import RtlSdrSource
from .rtl_tcp import RtlTcpSource
from .sound_card import SoundCardSource
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
