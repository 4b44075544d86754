"""`listen`: a source heard as a station hears it, its records one a line."""

import argparse
from dataclasses import asdict
from datetime import datetime
import json
import queue
import sys

from ..sources.file import FileSource
from ..sources.simulator import SimulatorSource
from ..sources.source import Source, SourceErrorReason
from ..station.options import StationOptions
from ..station.records import (
    Alert,
    AlertUpdated,
    AttentionHeard,
    EndOfMessage,
    LevelReading,
    SourceState,
    SourceStatus,
    StationRecord,
)
from ..station.station import Station
from .decode import Commands

LEVEL_EVERY = 100
"""Levels come ten a second; a person wants one in ten seconds."""


def add_parser(commands: Commands) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser("listen", help="hear a source and print its alerts")
    parser.add_argument("source", metavar="SOURCE", help="a file, or `simulator`")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--loop", action="store_true", help="hear the file for ever")
    parser.add_argument(
        "--location",
        action="append",
        metavar="PSSCCC",
        help="what the simulator warns of (default 011001)",
    )
    parser.add_argument("--seconds", type=float, help="stop after so long")
    parser.set_defaults(run=run)


def _source(arguments: argparse.Namespace) -> Source:
    if arguments.source == "simulator":
        return SimulatorSource(arguments.location or ["011001"])
    source = FileSource(arguments.source, loop=arguments.loop, live=True)
    source.check()
    return source


def run(arguments: argparse.Namespace) -> int:
    """Print records until the source ends; 1 where no alert was heard."""
    station = Station(_source(arguments), StationOptions(name="listen"))
    records: queue.Queue[StationRecord] = queue.Queue()
    station.listen(records.put)
    station.start()
    alerts = levels = 0
    try:
        while True:
            record = records.get(timeout=arguments.seconds)
            if isinstance(record, LevelReading):
                levels += 1
                heard = levels * station.options.level_seconds
                if arguments.seconds and heard >= arguments.seconds:
                    break
                if levels % LEVEL_EVERY != 1:
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


def _print(record: StationRecord, *, as_json: bool) -> None:
    if as_json:
        fields = {"record": type(record).__name__} | asdict(record)
        print(json.dumps(fields, default=_plain, ensure_ascii=False), flush=True)
        return
    match record:
        case LevelReading():
            print(f"level   {record.rms_dbfs:6.1f} dBFS", file=sys.stderr, flush=True)
        case SourceStatus():
            why = f": {record.hint}" if record.hint else ""
            print(f"source  {record.state}{why}", file=sys.stderr, flush=True)
        case Alert():
            print(f"alert   {record.header}\n        {record.message}", flush=True)
        case AlertUpdated():
            print(f"update  {record.alert.header}", flush=True)
        case AttentionHeard():
            print(f"tones   {record.kind} {record.seconds:.1f} s", flush=True)
        case EndOfMessage():
            print("end     NNNN", flush=True)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
