"""What can be set about a station."""

from dataclasses import dataclass

from ..radio.plan import RadioPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingOptions:
    """Where and how messages are recorded, and how long they are kept.

    Each is kept whole as FLAC in `folder`, from `StationOptions.pre_roll_seconds`
    before its first burst to its end, or so many `longest_seconds`; and as a
    small `copy` for people, `mp3` or `opus`. The copy is without what would set
    off a decoder near the loudspeaker, unless `tones_in_copy`.

    The last `ring_seconds` of each channel can be saved at any time. Tests are
    kept for `keep_test_days`, all else for `keep_days`, and all together is no
    more than `keep_mb`: tests go first, the oldest first. While less than
    `floor_mb` of the disk are free nothing is written.
    """

    folder: str
    longest_seconds: float = 180.0
    copy: str = "mp3"
    tones_in_copy: bool = False
    ring_seconds: float = 180.0
    keep_days: float = 730.0
    keep_test_days: float = 90.0
    keep_mb: float = 2000.0
    floor_mb: float = 500.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StationOptions:
    """How a station hears; the defaults suit a weather radio.

    `name` and `channel` are for people and for the records; a source of radio
    samples needs `radio`, the plan whose channels then have their own names. A
    carrier of less than `carrier_snr_db` is none. A level is measured every `level_seconds`; below `quiet_dbfs` RMS for `quiet_seconds`
    the source counts as quiet: unplugged, muted or off its station.
    `queue_seconds` of audio wait for the decoder before the oldest are dropped,
    `pre_roll_seconds` are kept for a recording's beginning, `history` alerts
    are remembered. Messages are recorded where `recording` says how.
    """

    name: str
    channel: str = "main"
    radio: RadioPlan | None = None
    carrier_snr_db: float = 3.0
    level_seconds: float = 0.1
    quiet_dbfs: float = -60.0
    quiet_seconds: float = 30.0
    queue_seconds: float = 10.0
    pre_roll_seconds: float = 10.0
    history: int = 64
    recording: RecordingOptions | None = None
