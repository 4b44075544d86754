"""`decode`: the messages in files, one line each."""

import argparse
from collections.abc import Iterator
import json
import sys
from typing import BinaryIO, Final, Self

import numpy as np

from ..audio.block import AudioBlock
from ..audio.files import AudioFileError, duration_seconds, read_blocks
from ..errors import EasError
from ..modem.constants import check_sample_rate
from ..modem.decoded import Decoded
from ..modem.decoder import SameDecoder
from ..station.decode_file import message_fields

STDIN: Final = "-"
RAW_BLOCK: Final = 8192
LONG_SECONDS: Final = 120.0
NOTHING_DECODED: Final = 1
BAD_INPUT: Final = 2

type Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001


def add_parser(commands: Commands) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser("decode", help="decode the messages in audio files")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument(
        "--rate", type=int, default=22050, help="Hz of raw s16le mono on standard input"
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="audio, or - for raw")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Decode each file; a bad one does not keep the others from it."""
    found = 0
    code = 0
    for file in arguments.files:
        try:
            for rate, message in _decode(file, arguments.rate):
                found += 1
                _print(file, rate, message, as_json=arguments.json)
        except EasError as error:
            print(f"eas-station: {error}", file=sys.stderr)
            code = BAD_INPUT
    return code or (0 if found else NOTHING_DECODED)


def _decode(file: str, raw_rate: int) -> Iterator[tuple[int, Decoded]]:
    if file == STDIN:
        blocks = _read_raw(sys.stdin.buffer, check_sample_rate(raw_rate))
        total = None
    else:
        blocks = read_blocks(file)
        total = duration_seconds(file)
    with _Progress(file, total) as progress:
        decoder: SameDecoder | None = None
        rate = raw_rate
        for block in blocks:
            if decoder is None:
                rate = block.sample_rate
                decoder = SameDecoder(rate)
            for message in decoder.feed(block.samples):
                progress.clear()
                yield rate, message
            progress.show((block.first_sample + len(block.samples)) / rate)
        progress.clear()
        if decoder is not None:
            for message in decoder.flush():
                yield rate, message


def _read_raw(stream: BinaryIO, rate: int) -> Iterator[AudioBlock]:
    position = 0
    odd = b""
    while data := stream.read(RAW_BLOCK):
        data = odd + data
        whole = len(data) // 2 * 2
        odd = data[whole:]
        samples = np.frombuffer(data[:whole], "<i2").astype(np.float32)
        samples *= np.float32(1 / 32768)
        yield AudioBlock(samples=samples, sample_rate=rate, first_sample=position)
        position += len(samples)
    if not position:
        raise AudioFileError("Send raw samples to standard input: there were none.")


def _print(file: str, rate: int, message: Decoded, *, as_json: bool) -> None:
    fields = message_fields(message, rate)
    if as_json:
        print(json.dumps({"file": file} | fields, ensure_ascii=False), flush=True)
        return
    print(f"{file} {message.start_sample / rate:9.2f} s  {message.header}", flush=True)
    print(f"    {fields['text']}", flush=True)


class _Progress:
    """How far a long file is, on a terminal only."""

    def __init__(self, file: str, total: float | None) -> None:
        self._file = file
        self._total = total if total and total > LONG_SECONDS else None
        self._shown = -1
        self._active = self._total is not None and sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def show(self, seconds: float) -> None:
        if not self._active or self._total is None:
            return
        percent = min(100, int(100 * seconds / self._total))
        if percent != self._shown:
            self._shown = percent
            print(f"\r{self._file}: {percent} %", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._shown >= 0:
            self._shown = -1
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
