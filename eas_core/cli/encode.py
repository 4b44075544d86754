"""`encode`: a header to audio in a file, for testing a decoder."""

import argparse
from pathlib import Path
import sys
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..audio.files import read_blocks, to_pcm, write_wav
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
    parser.add_argument("output", metavar="FILE", help="a WAV file, or - for raw s16le")
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
    write_audio(arguments.output, audio, rate)
    print(WARNING, file=sys.stderr)
    return 0


def write_audio(output: str, audio: NDArray[np.float32], rate: int) -> None:
    """Write a WAV file, or raw samples to standard output; raises EasError."""
    if output == STDIN:
        sys.stdout.buffer.write(to_pcm(audio))
        return
    try:
        write_wav(Path(output), audio, rate)
    except OSError as error:
        raise EasError(
            f"Choose another place: {output} cannot be written ({error.strerror})."
        ) from error


def _voice(path: str | None, rate: int) -> NDArray[np.float32] | None:
    if path is None:
        return None
    return np.concatenate([block.samples for block in read_blocks(path, rate)])
