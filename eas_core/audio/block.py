"""What flows from a source: samples that carry their own format.

A block knows its rate and where it stands in the stream, so that a gap is a
fact that can be counted and no rate is ever guessed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AudioBlock:
    """Mono audio: float32[n], full scale ±1.0.

    `first_sample` counts samples since the source was opened; a value above
    the end of the block before it means that samples were lost between them.
    """

    samples: NDArray[np.float32]
    sample_rate: int
    first_sample: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IqBlock:
    """Complex baseband from a radio: complex64[n], full scale 1.0, centred on `center_frequency` Hz."""

    samples: NDArray[np.complex64]
    sample_rate: int
    first_sample: int
    center_frequency: int


type Block = AudioBlock | IqBlock
