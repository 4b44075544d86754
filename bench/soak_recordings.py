"""Whether what was recorded of a soak is whole: each file is decoded to its last sample."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.soak_script import TAIL_SECONDS, Script, Sent
from bench.soak_truth import Decodable
from bench.soak_verdict import NEAR_SECONDS, Told, fits
from bench.soak_watch import Fault
from eas_core.audio.files import AudioFileError, read_blocks
from eas_core.errors import EasError
from eas_core.station import RecordingIndex

END: Final = "NNNN"


@dataclass(slots=True, kw_only=True)
class Recorded:
    """How many recordings there are, and what is not as it should be."""

    named: int = 0
    whole: int = 0
    excused: int = 0
    """Not whole: a fault lay over the message, or its end could not be decoded."""
    not_whole: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    """What cannot be played, or not as long as its sidecar says."""
    left_over: int = 0
    """What is still being written when all is over."""

    @property
    def holds(self) -> bool:
        """Whether all is as it should be."""
        return not (self.not_whole or self.damaged or self.left_over)


def check(
    folder: Path,
    script: Script,
    told: Sequence[Told],
    truth: Sequence[Decodable],
    faults: Iterable[Fault],
) -> Recorded:
    """Look at the recording of each event."""
    found, listed = Recorded(), list(faults)
    index = RecordingIndex(folder)
    entries = {one.name: one for one in index.entries()}
    # A disk that was in trouble has it all the same, and the event does not name it.
    of_alerts = {one.alert_id: one for one in entries.values() if one.complete}
    found.left_over = sum(path.name.endswith(".part") for path in folder.iterdir())
    for event in told:
        sent = _sent(script, event)
        excused = sent is None or _is_excused(sent, event, truth, listed)
        entry = entries.get(event.recording or "") or of_alerts.get(event.id)
        found.named += event.recording is not None
        if entry is None or not entry.complete:
            if excused:
                found.excused += 1
            else:
                why = "no recording" if entry is None else "not complete"
                found.not_whole.append(f"{event.air:.1f} {event.header}: {why}")
        else:
            found.whole += 1
        if entry is not None and (damage := _damage(folder, index, entry.name)):
            found.damaged.append(f"{entry.name}: {damage}")
    return found


def _damage(folder: Path, index: RecordingIndex, name: str) -> str | None:
    try:
        whole = index.read(name).whole
        if whole is None:
            return "it has no audio"
        blocks = list(read_blocks(folder / whole.name))
    except (AudioFileError, EasError, OSError) as error:
        return str(error)
    seconds = sum(len(one.samples) / one.sample_rate for one in blocks)
    if abs(seconds - whole.duration_s) > 0.01:
        return f"{seconds:.3f} s of {whole.duration_s:.3f}"
    return None


def _sent(script: Script, event: Told) -> Sent | None:
    return next(
        (
            sent
            for sent in script.sent
            if fits(event.header, sent.header)
            and any(sent.covers(channel, event.air) for channel in event.channels)
        ),
        None,
    )


def _is_excused(
    sent: Sent, event: Told, truth: Sequence[Decodable], faults: list[Fault]
) -> bool:
    touched = any(
        sent.start - NEAR_SECONDS < fault.until + NEAR_SECONDS
        and fault.air - NEAR_SECONDS < sent.end + TAIL_SECONDS
        for fault in faults
    )
    ended = any(
        hit.best_guess == END
        and hit.channel in event.channels
        and sent.header_end < hit.air < sent.end + TAIL_SECONDS
        for hit in truth
    )
    return touched or not ended


def playable(media: Path) -> Recorded:
    """Look at all recordings of a Home Assistant: whether each is as long as it says."""
    found = Recorded()
    for folder in sorted({path.parent for path in media.rglob("*.json")}):
        index = RecordingIndex(folder)
        found.left_over += sum(path.name.endswith(".part") for path in folder.iterdir())
        for entry in index.entries():
            found.named += 1
            found.whole += entry.complete
            found.excused += not entry.complete
            if damage := _damage(folder, index, entry.name):
                found.damaged.append(f"{entry.name}: {damage}")
    return found
