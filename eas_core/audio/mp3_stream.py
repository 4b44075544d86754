"""Audio into an endless row of MP3 frames, each of which can be the first that is played."""

from typing import Any, Final

import numpy as np

from .circles import let_go
from .encoding import MP3, AudioFormat, EncodingError, Pcm, can_encode

LIVE_RATE: Final = 16_000
LIVE_BIT_RATE: Final = 48_000
LIVE: Final = AudioFormat(
    name="mp3",
    suffix=MP3.suffix,
    encoder=MP3.encoder,
    container=MP3.container,
    sample_rate=LIVE_RATE,
    bit_rate=LIVE_BIT_RATE,
)

WITHOUT_RESERVOIR: Final = {"reservoir": "0"}
"""No frame borrows from those before it."""


class Mp3Stream:
    """Encodes mono audio of any rate; not safe to be used from two threads."""

    def __init__(self, sample_rate: int) -> None:
        """Take the rate of what will be encoded, in Hz; raises EncodingError."""
        import av
        from av.audio.codeccontext import AudioCodecContext

        self._holds: tuple[object, ...] = ()
        if not can_encode(LIVE):
            raise EncodingError(
                "Install PyAV from its wheel: this one's ffmpeg cannot encode MP3."
            )
        self._rate = sample_rate
        codec: Any = av.CodecContext.create(LIVE.encoder, "w")
        assert isinstance(codec, AudioCodecContext)
        codec.sample_rate = LIVE_RATE
        codec.bit_rate = LIVE_BIT_RATE
        codec.layout = "mono"
        codec.format = "s16p"
        codec.options = WITHOUT_RESERVOIR
        codec.open()
        self._codec = codec
        self._resampler = av.AudioResampler(
            "s16p", "mono", codec.sample_rate, frame_size=codec.frame_size
        )
        self._holds = (self._codec, self._resampler)

    def __del__(self) -> None:
        """Free what ffmpeg has."""
        let_go(*self._holds)

    def encode(self, pcm: Pcm) -> list[bytes]:
        """Take int16[any]; return the frames that it fills."""
        import av

        if not len(pcm):
            return []
        whole = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(pcm)[None, :], "s16", "mono"
        )
        whole.sample_rate = self._rate
        return [
            bytes(packet)
            for frame in self._resampler.resample(whole)
            for packet in self._codec.encode(frame)
        ]
