"""From what is typed for a source to what is chosen."""

import argparse

from ..sources.choice import FORMS, SAMPLE_FORMATS, SourceChoice
from ..sources.dongle import DongleOptions


def add_source(parser: argparse.ArgumentParser) -> None:
    """Add the source and what can be said of it."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = FORMS
    parser.add_argument("source", metavar="SOURCE", help="see below")
    add_dongle(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--channel",
        action="append",
        type=float,
        metavar="MHZ",
        help="a channel of weather radio, such as 162.550 (default: all seven)",
    )
    what.add_argument("--fm", type=float, metavar="MHZ", help="a broadcast station")
    what.add_argument("--am", type=float, metavar="KHZ", help="a broadcast station")
    parser.add_argument("--rate", type=int, default=48_000, help="Hz of raw samples")
    parser.add_argument("--format", choices=SAMPLE_FORMATS, default="s16le")
    parser.add_argument("--channels", type=int, default=1, help="in raw samples")
    parser.add_argument(
        "--input", type=int, default=0, help="channel of a sound card, 0 for all"
    )


def add_dongle(parser: argparse.ArgumentParser) -> None:
    """Add what can be set about a dongle."""
    parser.add_argument("--gain", type=float, metavar="DB", help="(default: automatic)")
    parser.add_argument("--ppm", type=int, default=0, help="of the dongle's crystal")
    parser.add_argument("--agc", action="store_true", help="the dongle's digital gain")
    parser.add_argument(
        "--bias-tee", action="store_true", help="feed an amplifier at the antenna"
    )


def dongle_options(arguments: argparse.Namespace) -> DongleOptions:
    """Return what was typed about the dongle."""
    return DongleOptions(
        gain_db=arguments.gain,
        ppm=arguments.ppm,
        agc=arguments.agc,
        bias_tee=arguments.bias_tee,
    )


def source_choice(arguments: argparse.Namespace) -> SourceChoice:
    """Return what was typed about the source."""
    usual = SourceChoice(source=arguments.source)
    return SourceChoice(
        source=arguments.source,
        channels=tuple(arguments.channel or ()),
        fm=arguments.fm,
        am=arguments.am,
        dongle=dongle_options(arguments),
        rate=arguments.rate,
        sample_format=arguments.format,
        inputs=arguments.channels,
        input=arguments.input,
        locations=tuple(arguments.location or usual.locations),
        loop=arguments.loop,
    )
