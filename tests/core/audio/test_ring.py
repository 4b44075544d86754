"""The last seconds."""

from hypothesis import given, strategies as st
import numpy as np

from eas_core.audio.ring import Ring


@given(
    st.integers(1, 50),
    st.lists(st.integers(0, 120), max_size=20),
    st.integers(0, 80),
)
def test_the_newest_samples_are_kept_in_order(
    size: int, blocks: list[int], count: int
) -> None:
    ring = Ring(size)
    written = np.zeros(0, np.int16)
    for block in blocks:
        samples = np.arange(len(written), len(written) + block).astype(np.int16)
        ring.write(samples)
        written = np.concatenate((written, samples))
    kept = written[max(0, len(written) - size) :]
    assert ring.read().tolist() == kept.tolist()
    newest = kept[max(0, len(kept) - count) :] if count else kept[:0]
    assert ring.read(count).tolist() == newest.tolist()
