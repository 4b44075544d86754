"""From what was written to a recording that can be played; and what a crash left of one."""

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import timedelta
import os
from pathlib import Path
from typing import Final

from ..audio.block import AudioBlock
from ..audio.encoding import (
    FLAC,
    FORMATS,
    MP3,
    OPUS,
    Encoder,
    first_encodable,
    to_int16,
)
from ..audio.files import AudioFileError, read_blocks
from ..audio.flac_repair import repair_flac
from ..errors import EasError
from .options import RecordingOptions
from .recording_files import (
    NAME,
    PARTIAL,
    PLAIN_COPY,
    SIDECAR,
    RecordedFile,
    Recording,
    RecordingError,
    from_json,
    time_of,
    write_sidecar,
)
from .recording_parts import Found, PartFinder, Span, parts_of, speakable_spans, within
from .recording_take import draft_path, growing_path, lock

SMALLEST_BYTES: Final = 10_000
"""A FLAC file that ffmpeg has just begun has 8 kB of room for its header."""


def finish(
    folder: Path,
    draft: Recording,
    found: Found,
    options: RecordingOptions,
    *,
    with_copy: bool = True,
) -> Recording:
    """Give the recording its name, make the copy for people, and write the sidecar.

    The sidecar comes last: with it the recording is there. Raises OSError, and
    what was written stays where `recover` finds it.
    """
    whole, seconds = folder / f"{draft.name}{FLAC.suffix}", round(found.duration_s, 3)
    growing = growing_path(folder, draft.name)
    if growing.exists():
        growing.replace(whole)
    spans: tuple[Span, ...] = ((0.0, seconds),)
    if not options.tones_in_copy:
        spans = speakable_spans(found, after_header=draft.alert is not None)
    copy = (
        _copy(folder, whole, draft.name, spans, options)
        if with_copy and spans
        else None
    )
    recording = replace(
        draft,
        sample_rate=found.sample_rate,
        ended=draft.started + timedelta(seconds=seconds),
        duration_s=seconds,
        parts=parts_of(found),
        whole=RecordedFile(
            name=whole.name,
            codec=FLAC.name,
            bytes=whole.stat().st_size,
            sample_rate=found.sample_rate,
            duration_s=seconds,
        ),
        copy=copy,
        copy_spans=spans if copy else (),
    )
    write_sidecar(folder, recording)
    draft_path(folder, draft.name).unlink(missing_ok=True)
    return recording


def _copy(
    folder: Path,
    whole: Path,
    name: str,
    spans: tuple[Span, ...],
    options: RecordingOptions,
) -> RecordedFile | None:
    """Return the copy for people, or None where it cannot be made or is not fit for them."""
    form = first_encodable((FORMATS.get(options.copy, MP3), MP3, OPUS, FLAC))
    suffix = PLAIN_COPY if form is FLAC else form.suffix
    path, unfinished = folder / f"{name}{suffix}", folder / f".{name}{suffix}.part"
    blocks = within(read_blocks(whole, form.sample_rate), spans)
    try:
        seconds, rate = _encode(unfinished, blocks, form.name)
        if not options.tones_in_copy and not _is_silent(unfinished, rate):
            unfinished.unlink()
            return None
        size = unfinished.stat().st_size
        unfinished.replace(path)
    except OSError, EasError:
        with suppress(OSError):
            unfinished.unlink()
        return None
    return RecordedFile(
        name=path.name,
        codec=form.name,
        bytes=size,
        sample_rate=rate,
        duration_s=round(seconds, 3),
    )


def _encode(path: Path, blocks: Iterator[AudioBlock], form: str) -> tuple[float, int]:
    """Write blocks of one rate to a file; return their seconds and rate."""
    with path.open("wb") as file:
        encoder: Encoder | None = None
        rate = 0
        try:
            for block in blocks:
                rate = block.sample_rate
                encoder = encoder or Encoder(file, FORMATS[form], rate)
                encoder.write(to_int16(block.samples))
            if encoder is None:
                raise AudioFileError("Record longer: nothing is left for the copy.")
            encoder.close()
        except OSError:
            if encoder is not None:
                encoder.abandon()
            raise
        file.flush()
        os.fsync(file.fileno())
    return encoder.samples / rate, rate


def _is_silent(path: Path, sample_rate: int) -> bool:
    """Whether a decoder hears nothing in a copy that is to be played to people."""
    found = find_parts(path, sample_rate)
    return found is not None and found.silent


def find_parts(path: Path, sample_rate: int | None = None) -> Found | None:
    """Return what is in a file, None where there is no audio; raises AudioFileError.

    It is heard at a rate in Hz, or at its own.
    """
    finder: PartFinder | None = None
    for block in read_blocks(path, sample_rate):
        finder = finder or PartFinder(block.sample_rate)
        finder.feed(block.samples)
    return finder.finish() if finder else None


def leftovers(folder: Path) -> list[str]:
    """Return the recordings that a process has begun and not finished, oldest first.

    What a writer still holds is none. Copies that belong to nothing any more
    are removed. Raises OSError.
    """
    names: set[str] = set()
    strays: list[tuple[str, Path]] = []
    for path in folder.iterdir():
        name, _, kind = path.name.removeprefix(".").partition(".")
        if not path.name.startswith(".") or not NAME.fullmatch(name):
            continue
        if kind in ("draft", f"{FLAC.suffix[1:]}.part"):
            names.add(name)
        elif kind != f"{SIDECAR[1:]}.part":
            strays.append((name, path))
    for name, path in strays:
        if name not in names:
            path.unlink(missing_ok=True)
    return sorted(name for name in names if not _held(folder, name))


def _held(folder: Path, name: str) -> bool:
    try:
        with draft_path(folder, name).open("rb") as note:
            return not lock(note)
    except FileNotFoundError:
        return False


def recover(
    folder: Path, name: str, options: RecordingOptions, *, with_copy: bool = True
) -> Recording | None:
    """Finish what a crash or a full disk left of a recording; None where it left nothing.

    What holds no audio that can be read is named `….partial`. Raises OSError.
    """
    with ExitStack() as held:
        with suppress(FileNotFoundError):
            note = held.enter_context(draft_path(folder, name).open("rb"))
            if not lock(note):
                return None
        return _recover(folder, name, options, with_copy=with_copy)


def _recover(
    folder: Path, name: str, options: RecordingOptions, *, with_copy: bool
) -> Recording | None:
    growing, whole = growing_path(folder, name), folder / f"{name}{FLAC.suffix}"
    path = growing if growing.exists() else whole
    if (folder / f"{name}{SIDECAR}").exists() or not path.exists():
        _clear(folder, name)
        return None
    draft = _draft(folder, name)
    samples = repair_flac(path)
    found = find_parts(path) if samples else None
    if found is not None:
        return finish(folder, draft, found, options, with_copy=with_copy)
    if path.stat().st_size < SMALLEST_BYTES:
        _clear(folder, name)
        return None
    kept = folder / f"{name}{PARTIAL}"
    path.replace(kept)
    recording = replace(
        draft,
        whole=RecordedFile(
            name=kept.name,
            codec="",
            bytes=kept.stat().st_size,
            sample_rate=draft.sample_rate,
            duration_s=0.0,
        ),
    )
    write_sidecar(folder, recording)
    _clear(folder, name)
    return recording


def _draft(folder: Path, name: str) -> Recording:
    """Return what was noted at the recording's beginning, or what its name tells."""
    try:
        draft = from_json(draft_path(folder, name).read_bytes())
    except OSError, RecordingError:
        return Recording(
            name=name,
            station="",
            channel="",
            alert=None,
            started=time_of(name),
            sample_rate=0,
        )
    return replace(draft, name=name)


def _clear(folder: Path, name: str) -> None:
    growing_path(folder, name).unlink(missing_ok=True)
    draft_path(folder, name).unlink(missing_ok=True)
