"""A recording in pieces comes together whole, or not at all."""

from dataclasses import replace
from datetime import UTC, datetime
import hashlib
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from eas_core.agent.payload import PayloadError
from eas_core.agent.transfer import (
    MOST_BYTES,
    Assembly,
    Manifest,
    Piece,
    TransferError,
    manifest_fields,
    piece_fields,
    read_manifest,
    read_piece,
)
from eas_core.station.records import RecordingEnd

FILE = bytes(range(256)) * 5
NAME = "20261125T010000000Z-TOR-0123456789abcdef"


def manifest(file: bytes = FILE, piece_bytes: int = 300) -> Manifest:
    return Manifest(
        alert_id="0123456789abcdef",
        name=NAME,
        station="Radio",
        channel="162.550",
        started=datetime(2026, 11, 25, 1, tzinfo=UTC),
        duration_s=41.0,
        ended_by=RecordingEnd.END_OF_MESSAGE,
        lost_s=0.0,
        file="whole",
        size=len(file),
        piece_bytes=piece_bytes,
        count=-(-len(file) // piece_bytes),
        sha256=hashlib.sha256(file).hexdigest(),
    )


def pieces(of: Manifest, file: bytes = FILE) -> list[Piece]:
    cuts = [file[at : at + of.piece_bytes] for at in range(0, of.size, of.piece_bytes)]
    told = [piece_fields(of, index, data) for index, data in enumerate(cuts)]
    return [read_piece(json.loads(json.dumps(one))) for one in told]


def test_what_an_agent_says_of_a_recording_is_read() -> None:
    said = json.loads(json.dumps(manifest_fields(manifest())))
    assert read_manifest(said) == manifest()


@given(order=st.permutations(range(5)), twice=st.integers(0, 4))
def test_pieces_come_in_any_order_and_twice(order: list[int], twice: int) -> None:
    together, sent = Assembly(manifest()), pieces(manifest())
    assert together.missing == [0, 1, 2, 3, 4]
    assert all(together.take(sent[index]) for index in order)
    assert not together.take(sent[twice])
    assert together.whole() == FILE


def test_what_is_missing_is_known_by_its_numbers() -> None:
    together, sent = Assembly(manifest()), pieces(manifest())
    for index in (4, 0, 2):
        together.take(sent[index])
    assert together.missing == [1, 3]
    with pytest.raises(TransferError):
        together.whole()


@pytest.mark.parametrize(
    "changed",
    [
        {"index": 5},
        {"index": 10**9},
        {"count": 10**9},
        {"size": 1281},
        {"sha256": "0" * 64},
        {"data": b""},
        {"data": b"x" * 299},
        {"data": b"x" * 301},
        {"index": 4},
    ],
)
def test_a_piece_of_something_else_is_passed_over(changed: dict[str, Any]) -> None:
    together = Assembly(manifest())
    assert not together.take(replace(pieces(manifest())[1], **changed))
    assert together.missing == [0, 1, 2, 3, 4]


def test_a_file_that_is_not_what_was_promised_is_none() -> None:
    together = Assembly(manifest())
    for piece in pieces(manifest()):
        together.take(replace(piece, data=bytes(len(piece.data))))
    with pytest.raises(TransferError, match="other than it was sent"):
        together.whole()


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "../../etc/passwd"},
        {"name": "20261125T010000000Z-TOR-01234567/../../x"},
        {"alert_id": "../x"},
        {"alert_id": 7},
        {"size": 0},
        {"size": -1},
        {"size": True},
        {"count": 10**9},
        {"count": 4},
        {"piece_bytes": 0},
        {"piece_bytes": 10**6, "count": 1},
        {"size": 10**7, "piece_bytes": 1, "count": 10**7},
        {"sha256": "SHA"},
        {"started": "yesterday"},
        {"duration_s": -1},
        {"duration_s": "long"},
        {"ended_by": "magic"},
        {"channel": ""},
    ],
)
def test_what_is_no_recording_is_told_to_be_none(changed: dict[str, Any]) -> None:
    with pytest.raises(PayloadError):
        read_manifest(manifest_fields(manifest()) | changed)


def test_what_is_too_large_is_not_begun() -> None:
    huge = replace(manifest(), size=MOST_BYTES + 1)
    with pytest.raises(TransferError, match="are taken"):
        read_manifest(manifest_fields(huge))


@pytest.mark.parametrize("data", [None, 7, "§", "AAA", "AA AA", [1]])
def test_what_is_no_piece_is_told_to_be_none(data: object) -> None:
    told = piece_fields(manifest(), 0, b"x" * 300) | {"data": data}
    with pytest.raises(PayloadError):
        read_piece(told)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@given(key=st.sampled_from([*manifest_fields(manifest())]), value=json_values)
def test_nothing_in_an_answer_raises_anything_else(key: str, value: object) -> None:
    try:
        read_manifest(manifest_fields(manifest()) | {key: value})
    except PayloadError, TransferError:
        pass
