"""The voice of a recorded message alone, as speech-to-text engines take it."""

from pathlib import Path

import numpy as np

from ..audio.encoding import Pcm, to_int16
from ..audio.files import read_blocks
from .recording_finish import find_parts
from .recording_parts import voice_spans, within


def read_voice(path: str | Path, sample_rate: int = 16_000) -> Pcm:
    """Return the voice between the tones and the end of message, int16[n] at a rate in Hz.

    Bursts and tones are searched anew, so that none is in it whatever was said
    of the file; it is empty where there is no voice. Takes a second for some
    minutes: not for an event loop. Raises AudioFileError.
    """
    found = find_parts(Path(path))
    spans = voice_spans(found) if found else ()
    if not spans:
        return np.zeros(0, np.int16)
    voice = [
        to_int16(block.samples)
        for block in within(read_blocks(path, sample_rate), spans)
    ]
    return np.concatenate(voice) if voice else np.zeros(0, np.int16)
