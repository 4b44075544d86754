"""Between the source and the decoder."""

from datetime import UTC, datetime
import threading

import numpy as np

from eas_core.audio.block import AudioBlock, IqBlock
from eas_core.audio.block_queue import BlockQueue
from eas_core.station.records import SourceState, SourceStatus

RATE = 8000
STATUS = SourceStatus(state=SourceState.DOWN, since=datetime(2026, 6, 8, tzinfo=UTC))


def block(number: int) -> AudioBlock:
    """A second of audio."""
    return AudioBlock(
        samples=np.zeros(RATE, np.float32), sample_rate=RATE, first_sample=number * RATE
    )


def numbers(queue: BlockQueue[SourceStatus]) -> list[int | SourceStatus]:
    queue.end()
    found: list[int | SourceStatus] = []
    while (item := queue.get()) is not None:
        found.append(
            item.first_sample // RATE
            if isinstance(item, AudioBlock | IqBlock)
            else item
        )
    return found


def test_a_live_source_never_waits_and_its_oldest_go() -> None:
    queue = BlockQueue[SourceStatus](3.0)
    assert all(queue.put(block(number), wait=False) for number in range(10))
    assert queue.dropped == 7
    assert numbers(queue) == [7, 8, 9]


def test_nothing_waits_in_an_empty_queue_whatever_the_rates_were() -> None:
    queue = BlockQueue[SourceStatus](10.0)
    for count, rate in ((1, 3), (1, 10), (2, 3), (7, 30)):
        queue.put(
            AudioBlock(
                samples=np.zeros(count, np.float32), sample_rate=rate, first_sample=0
            ),
            wait=False,
        )
    queue.post(STATUS)
    for _ in range(5):
        queue.get()
    assert queue.held_seconds == 0.0


def test_what_happened_to_the_source_is_never_dropped() -> None:
    queue = BlockQueue[SourceStatus](2.0)
    queue.put(block(0), wait=False)
    queue.post(STATUS)
    for number in range(1, 5):
        queue.put(block(number), wait=False)
    assert numbers(queue) == [STATUS, 3, 4]


def test_another_source_waits_until_there_is_room() -> None:
    queue = BlockQueue[SourceStatus](2.0)
    for number in range(2):
        queue.put(block(number), wait=True)
    done = threading.Event()

    def put() -> None:
        queue.put(block(2), wait=True)
        done.set()

    thread = threading.Thread(target=put)
    thread.start()
    assert not done.wait(0.05)
    assert queue.get() is not None
    assert done.wait(20)
    thread.join()
    assert queue.dropped == 0
    assert numbers(queue) == [1, 2]


def test_closing_wakes_who_waits() -> None:
    full, empty = BlockQueue[SourceStatus](1.0), BlockQueue[SourceStatus](1.0)
    full.put(block(0), wait=True)
    results: list[object] = []
    threads = [
        threading.Thread(target=lambda: results.append(full.put(block(1), wait=True))),
        threading.Thread(target=lambda: results.append(empty.get())),
    ]
    for thread in threads:
        thread.start()
    full.close()
    empty.close()
    for thread in threads:
        thread.join(20)
    assert sorted(map(str, results)) == ["False", "None"]
    assert not full.put(block(2), wait=False)
    assert full.get() is None
