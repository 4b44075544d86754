"""What can be set about a station."""

from dataclasses import dataclass

from ..radio.plan import RadioPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class StationOptions:
    """How a station hears; the defaults suit a weather radio.

    `name` and `channel` are for people and for the records; a source of radio
    samples needs `radio`, the plan whose channels then have their own names. A
    carrier of less than `carrier_snr_db` is none. A level is measured every `level_seconds`; below `quiet_dbfs` RMS for `quiet_seconds`
    the source counts as quiet: unplugged, muted or off its station.
    `queue_seconds` of audio wait for the decoder before the oldest are dropped,
    `pre_roll_seconds` are kept for a recording's beginning, `history` alerts
    are remembered.
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
