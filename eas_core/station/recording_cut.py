"""A part of a recording by itself, made when it is asked for."""

from collections.abc import Sequence
import io
from typing import Final

from ..audio.encoding import (
    FLAC,
    FORMATS,
    MP3,
    AudioFormat,
    Encoder,
    first_encodable,
    to_int16,
)
from ..audio.files import AudioFileError, read_blocks
from .recording_files import Recording, RecordingError
from .recording_parts import Span, within
from .recordings import RecordingIndex

PARTS: Final = ("header", "tone", "voice")
"""What can be cut out; the first two would set off a decoder that hears them."""

FOR_PEOPLE: Final = "voice"


def cut_part(index: RecordingIndex, name: str, part: str) -> tuple[bytes, AudioFormat]:
    """Return a part of a recording as a file of its copy's format.

    What is for people holds nothing that its copy does not. Raises
    RecordingError where there is no such part or no audio, and EncodingError.
    """
    recording = index.read(name)
    spans = part_spans(recording, part)
    if not spans:
        raise RecordingError(f"Play another part: {name} has no {part}.")
    codec = recording.copy.codec if recording.copy else MP3.name
    form = first_encodable((FORMATS.get(codec, MP3), MP3, FLAC))
    file = io.BytesIO()
    encoder: Encoder | None = None
    try:
        for block in within(read_blocks(index.path(name), form.sample_rate), spans):
            encoder = encoder or Encoder(file, form, block.sample_rate)
            encoder.write(to_int16(block.samples))
    except AudioFileError as error:
        # Who listens need not know where it lies.
        raise RecordingError(f"Choose another recording: {name} is damaged.") from error
    if encoder is None:
        raise RecordingError(f"Play another part: {name} has no {part}.")
    encoder.close()
    return file.getvalue(), form


def part_spans(recording: Recording, part: str) -> tuple[Span, ...]:
    """Return what of the whole a part is, in seconds; nothing where there is none."""
    found = [each for each in recording.parts if each.part == part and part in PARTS]
    spans = [(each.start_s, each.end_s) for each in found]
    if part != FOR_PEOPLE:
        return tuple(spans)
    return tuple(_common(spans, recording.copy_spans))


def _common(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    both = [
        (max(one[0], other[0]), min(one[1], other[1]))
        for one in some
        for other in others
    ]
    return [(start, end) for start, end in both if start < end]
