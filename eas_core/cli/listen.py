"""`listen`: a source heard as a station hears it, its records one a line."""

import argparse
from collections import Counter
from dataclasses import asdict
from datetime import datetime
import json
import queue
import sys
from typing import Final

from ..heap import give_back_large_blocks
from ..sources.choice import choose_source
from ..sources.source import SourceErrorReason
from ..station.options import RecordingOptions, StationOptions
from ..station.records import (
    Alert,
    AlertUpdated,
    AttentionHeard,
    ChannelStatus,
    EndOfMessage,
    LevelReading,
    RecordingFinished,
    RecordingProblem,
    SignalReading,
    SourceState,
    SourceStatus,
    SpectrumReading,
    StationRecord,
)
from ..station.station import Station
from .decode import Commands
from .sources import add_source, source_choice

OPENING_SECONDS: Final = 5.0
"""What a source may take until its first sample, beside the time that is asked for."""


def add_parser(commands: Commands) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser("listen", help="hear a source and print its alerts")
    add_source(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--loop", action="store_true", help="hear the file for ever")
    parser.add_argument(
        "--location",
        action="append",
        metavar="PSSCCC",
        help="what the simulator warns of (default 011001)",
    )
    parser.add_argument("--record", metavar="FOLDER", help="keep each message there")
    parser.add_argument("--seconds", type=float, help="stop after so long")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print records until the source ends; 1 where no alert was heard."""
    give_back_large_blocks()
    source, plan = choose_source(source_choice(arguments))
    recording = RecordingOptions(folder=arguments.record) if arguments.record else None
    options = StationOptions(name="listen", radio=plan, recording=recording)
    station = Station(source, options)
    records: queue.Queue[StationRecord] = queue.Queue()
    station.listen(records.put)
    station.start()
    first = plan.channels[0].name if plan else station.options.channel
    thinner = _Thinner()
    alerts = levels = 0
    patience = arguments.seconds and arguments.seconds + OPENING_SECONDS
    try:
        while True:
            record = records.get(timeout=patience)
            if isinstance(record, LevelReading) and record.channel == first:
                levels += 1
                heard = levels * station.options.level_seconds
                if arguments.seconds and heard >= arguments.seconds:
                    break
            if not thinner.takes(record):
                continue
            alerts += isinstance(record, Alert)
            _print(record, as_json=arguments.json)
            if (
                isinstance(record, SourceStatus)
                and record.state is SourceState.STOPPED
                and record.reason is SourceErrorReason.ENDED
            ):
                break
    except queue.Empty:
        pass
    finally:
        station.stop()
    return 0 if alerts else 1


class _Thinner:
    """Lets through the first of what comes often, and then one in ten seconds."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def takes(self, record: StationRecord) -> bool:
        match record:
            case LevelReading():
                key, every = f"level {record.channel}", 100
            case SignalReading():
                key, every = f"signal {record.quality.channel}", 10
            case SpectrumReading():
                key, every = "spectrum", 50
            case _:
                return True
        self._counts[key] += 1
        return self._counts[key] % every == 1


def _print(record: StationRecord, *, as_json: bool) -> None:
    if as_json:
        fields = {"record": type(record).__name__} | asdict(record)
        print(json.dumps(fields, default=_plain, ensure_ascii=False), flush=True)
        return
    match record:
        case LevelReading():
            text = f"level   {record.channel} {record.rms_dbfs:6.1f} dBFS"
            print(text, file=sys.stderr, flush=True)
        case SignalReading():
            quality = record.quality
            text = f"signal  {quality.channel} {quality.snr_db:5.1f} dB SNR {quality.offset_hz:+6.0f} Hz"
            print(text, file=sys.stderr, flush=True)
        case SpectrumReading():
            pass
        case ChannelStatus():
            text = f"channel {record.channel} {record.state}"
            print(text, file=sys.stderr, flush=True)
        case SourceStatus():
            why = f": {record.hint}" if record.hint else ""
            print(f"source  {record.state}{why}", file=sys.stderr, flush=True)
        case Alert():
            on = ", ".join(record.channels)
            print(
                f"alert   {record.header} ({on})\n        {record.message}", flush=True
            )
        case AlertUpdated():
            on = ", ".join(record.alert.channels)
            print(f"update  {record.alert.header} ({on})", flush=True)
        case AttentionHeard():
            print(f"tones   {record.kind} {record.seconds:.1f} s", flush=True)
        case EndOfMessage():
            print("end     NNNN", flush=True)
        case RecordingFinished():
            print(f"record  {record.path} {record.duration_s:.1f} s", flush=True)
        case RecordingProblem():
            text = f"record  {record.hint or 'works again'}"
            print(text, file=sys.stderr, flush=True)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
