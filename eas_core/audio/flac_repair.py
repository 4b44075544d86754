"""A FLAC file whose writer was killed, made whole without writing it anew.

STREAMINFO follows `fLaC` and a block header of four bytes (RFC 9639, 8.2): at
byte 18 the rate (20 bits), channels (3), sample size (5) and the number of
samples (36), at byte 26 the MD5 of the audio, all zero where it is not known.
"""

from pathlib import Path
from typing import Final

COUNT_AT: Final = 18
COUNT_BITS: Final = 36
MD5_AT: Final = 26
MD5_BYTES: Final = 16


def repair_flac(path: Path) -> int:
    """Cut off what cannot be decoded, put the length right, and return it in samples.

    0, and nothing changed, where nothing can be decoded. Raises OSError.
    """
    samples, end = _decodable(path)
    if not samples:
        return 0
    with path.open("r+b") as file:
        file.truncate(end)
        file.seek(COUNT_AT)
        packed = int.from_bytes(file.read(8), "big")
        packed = packed >> COUNT_BITS << COUNT_BITS | samples
        file.seek(COUNT_AT)
        file.write(packed.to_bytes(8, "big") + bytes(MD5_BYTES))
    return samples


def _decodable(path: Path) -> tuple[int, int]:
    """Return how many samples can be decoded from the start, and where they end."""
    import av

    samples = end = 0
    try:
        with av.open(f"file:{path}", format="flac") as container:
            stream = container.streams.audio[0]
            for packet in container.demux(stream):
                if packet.pos is None:
                    continue
                found = sum(frame.samples for frame in packet.decode())
                if found:
                    samples, end = samples + found, packet.pos + packet.size
    except av.FFmpegError, ValueError, IndexError:
        pass
    return samples, end
