"""Files that nobody has made who meant well."""

import struct


def box(kind: bytes, *held: bytes) -> bytes:
    """Return a box of ISO/IEC 14496-12."""
    inside = b"".join(held)
    return struct.pack(">I", 8 + len(inside)) + kind + inside


def full(kind: bytes, *numbers: int) -> bytes:
    """Return a box with a version and flags, of numbers of 32 bit."""
    return box(kind, struct.pack(f">{1 + len(numbers)}I", 0, *numbers))


def mp4_of_samples(count: int) -> bytes:
    """Return a kilobyte that says it has so many samples of a byte: ffmpeg makes a table of them."""
    codec = (
        bytes(6) + b"\0\1" + bytes(8) + struct.pack(">HHHHI", 2, 16, 0, 0, 44100 << 16)
    )
    description = box(b"stsd", struct.pack(">II", 0, 1), box(b"mp4a", codec))
    table = box(
        b"stbl",
        description,
        full(b"stts", 2, count - 1, 1024, 1, 1000),
        full(b"stsc", 1, 1, count, 1),
        full(b"stsz", 1, count),
        full(b"stco", 1, 44),
    )
    handler = box(b"hdlr", bytes(8) + b"soun" + bytes(13))
    media = box(
        b"mdia",
        full(b"mdhd", 0, 0, 44100, count, 0),
        handler,
        box(b"minf", full(b"smhd", 0), table),
    )
    track = box(b"trak", full(b"tkhd", 0, 0, 1, 0, count, *[0] * 15), media)
    head = full(b"mvhd", 0, 0, 44100, count, *[0] * 20)
    return box(b"ftyp", b"isom\0\0\0\0isom") + box(b"moov", head, track)
