"""The samples of an RTL2832U as numbers."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_MIDDLE: Final = np.float32(127.5)
"""Between 0 and 255: the converter has no code for zero."""


def complex_from_u8(raw: bytes | bytearray | memoryview) -> NDArray[np.complex64]:
    """Return I and Q of unsigned bytes I, Q, I, Q … as complex64[len / 2], full scale ±1.0."""
    samples = np.frombuffer(raw, np.uint8).astype(np.float32)
    samples -= _MIDDLE
    samples /= _MIDDLE
    return samples.view(np.complex64)
