"""Ogg, page by page."""

from hypothesis import given, strategies as st

from eas_core.sources.stream_ogg import CAPTURE_PATTERN, OggBody


class Bytes:
    """Gives bytes in pieces."""

    name = title = None
    received_at = 0.0

    def __init__(self, data: bytes, size: int) -> None:
        self._data = data
        self._size = size

    def read(self, size: int) -> bytes:
        part = self._data[: min(size, self._size)]
        self._data = self._data[len(part) :]
        return part


def page(body: bytes, *, begins: bool = False) -> bytes:
    segments = [255] * (len(body) // 255) + [len(body) % 255]
    head = CAPTURE_PATTERN + bytes([0, 2 * begins]) + bytes(20) + bytes([len(segments)])
    return head + bytes(segments) + body


def streams(data: bytes, size: int, room: int = 100_000) -> list[bytes]:
    """Return what is given of each stream."""
    ogg = OggBody(Bytes(data, size))  # type: ignore[arg-type]
    found = [b""]
    while not ogg.ended:
        part = ogg.read(room)
        if part:
            found[-1] += part
        elif not ogg.ended:
            found.append(b"")
    return found


ONE = page(b"head", begins=True) + page(b"a" * 5000) + page(b"OggS in the middle")
TWO = page(b"video", begins=True) + page(b"audio", begins=True) + page(b"b" * 255)


@given(size=st.integers(1, 9000), room=st.integers(1, 9000))
def test_streams_are_parted_however_the_bytes_come(size: int, room: int) -> None:
    assert streams(ONE + TWO + ONE, size, room) == [ONE, TWO, ONE]


@given(size=st.integers(1, 9000), garbage=st.binary(max_size=300))
def test_what_is_no_page_is_passed_over(size: int, garbage: bytes) -> None:
    garbage = garbage.replace(b"O", b"o")
    assert streams(ONE + garbage + TWO, size) == [ONE, TWO]


@given(data=st.binary(max_size=300), size=st.integers(1, 100))
def test_any_bytes_come_to_an_end(data: bytes, size: int) -> None:
    streams(CAPTURE_PATTERN + data + ONE, size)
