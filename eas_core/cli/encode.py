"""`encode`: a header to audio in a file, for testing a decoder."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
import sys
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..audio.files import read_blocks, to_pcm
from ..audio.writing import Write, audio_file
from ..errors import EasError
from ..modem.constants import check_sample_rate
from ..modem.encoder import encode_message
from ..same.header import parse_header
from .decode import STDIN, Commands

WARNING: Final = (
    "Do not put this on the air or play it to the public: 47 CFR 11.45 forbids it."
)


def add_parser(commands: Commands) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser(
        "encode", help="make a message as audio, to test a decoder with", epilog=WARNING
    )
    parser.add_argument("header", help="ZCZC-…-")
    parser.add_argument(
        "output", metavar="FILE", help="FILE.wav, FILE.flac, or - for raw s16le"
    )
    parser.add_argument("--rate", type=int, default=22050, help="Hz, 8000 to 96000")
    parser.add_argument(
        "--attention", choices=("nwr", "broadcast", "none"), default="nwr"
    )
    parser.add_argument("--attention-seconds", type=float, default=8.0)
    parser.add_argument("--voice", metavar="FILE", help="audio to put in the message")
    parser.add_argument("--amplitude", type=float, default=0.5, help="0 to 1")
    parser.add_argument("--no-eom", action="store_true", help="leave NNNN out")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the message; raises EasError for what cannot be sent."""
    header = parse_header(arguments.header)
    rate = check_sample_rate(arguments.rate)
    if not 0 < arguments.amplitude <= 1:
        raise EasError("Use an amplitude over 0 and up to 1.")
    if not 0 <= arguments.attention_seconds <= 60:
        raise EasError("Use 0 to 60 seconds of attention signal.")
    audio = encode_message(
        header,
        rate,
        attention=None if arguments.attention == "none" else arguments.attention,
        attention_seconds=arguments.attention_seconds,
        voice=_voice(arguments.voice, rate),
        amplitude=arguments.amplitude,
        end_of_message=not arguments.no_eom,
    )
    with audio_output(arguments.output, rate) as write:
        write(audio)
    print(WARNING, file=sys.stderr)
    return 0


@contextmanager
def audio_output(output: str, rate: int) -> Iterator[Write]:
    """Open a file, or raw samples on standard output; raises EasError."""
    if output == STDIN:
        yield lambda audio: _write_raw(to_pcm(audio))
        return
    with audio_file(output, rate) as write:
        yield write


def _write_raw(data: bytes) -> None:
    sys.stdout.buffer.write(data)


def _voice(path: str | None, rate: int) -> NDArray[np.float32] | None:
    if path is None:
        return None
    return np.concatenate([block.samples for block in read_blocks(path, rate)])
