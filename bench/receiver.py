#!/usr/bin/env python3
"""What the receiver costs and what its filters let through: bench/receiver.py [SECONDS].

Prints the share of one core for some plans, rates and block sizes, without the
decoders (bench/capture.py has all), and the rejection of a carrier beside a
channel of weather radio, in both filters.
"""

import argparse
import os
from pathlib import Path
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from eas_core.audio.block import IqBlock
from eas_core.radio.channelizer import Channelizer
from eas_core.radio.grid import grid_of
from eas_core.radio.overlap import response
from eas_core.radio.plan import (
    NWR_CHANNELS,
    NWR_SAMPLE_RATE,
    ChannelKind,
    RadioPlan,
    broadcast_plan,
    nwr_plan,
)
from eas_core.radio.receiver import Receiver
from eas_core.radio.scheme import SCHEMES

BLOCKS = (0.02, 0.05, 0.1)
OFFSETS = (5_000, 5_500, 6_000, 7_000, 8_000, 9_000, 10_000, 12_500, 17_000, 25_000)
FRAMES = 16


def cost(plan: RadioPlan, sample_rate: int, block: float, seconds: float) -> float:
    """Return the share of one core that a plan takes, in noise."""
    rng = np.random.default_rng(1)
    noise = rng.standard_normal(2 * sample_rate, np.float32).view(np.complex64) * 0.1
    receiver = Receiver(plan)
    size = round(block * sample_rate)
    count = round(seconds / block)
    start = time.process_time()
    for number in range(count):
        at = number * size % (sample_rate - size)
        receiver.feed(
            IqBlock(
                samples=noise[at : at + size].astype(np.complex64),
                sample_rate=sample_rate,
                first_sample=number * size,
                center_frequency=plan.tuning.center_frequency,
            )
        )
    return (time.process_time() - start) / (count * block)


def rejection(offset: float, *, wide: bool) -> float:
    """Return what is left of a carrier beside a channel, in dB."""
    scheme = SCHEMES[ChannelKind.NWR]
    grid = grid_of(NWR_SAMPLE_RATE)
    bins = grid.bins(scheme.baseband_rate)
    shape = scheme.wide_gain if wide else scheme.narrow_gain
    channelizer = Channelizer(grid, [0.0], response(shape, bins, grid.rate(bins)))
    time_s = np.arange((FRAMES + 1) * grid.size // 2) / NWR_SAMPLE_RATE
    carrier = np.exp(2j * np.pi * (offset + 7.0) * time_s).astype(np.complex64)
    starts = [frame * grid.size // 2 for frame in range(FRAMES)]
    frames = np.stack([carrier[at : at + grid.size] for at in starts])
    left = channelizer.cut(np.fft.fft(frames).astype(np.complex64), 0)
    return float(10 * np.log10(np.mean(np.abs(left) ** 2) + 1e-15))


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=20.0)
    seconds = parser.parse_args().seconds
    plans = {
        "one of weather radio": (nwr_plan(NWR_CHANNELS[-1:]), 240_000),
        "all seven": (nwr_plan(), 240_000),
        "all seven, 250 kS/s": (nwr_plan(), 250_000),
        "all seven, 1.024 MS/s": (nwr_plan(), 1_024_000),
        "all seven, 2.048 MS/s": (nwr_plan(), 2_048_000),
        "FM, 960 kS/s": (broadcast_plan(98_700_000), 960_000),
        "AM": (broadcast_plan(1_100_000), 240_000),
    }
    print("% of one core    " + "".join(f"{1000 * one:6g} ms" for one in BLOCKS))
    for name, (plan, rate) in plans.items():
        cells = "".join(
            f"{100 * cost(plan, rate, one, seconds):9.2f}" for one in BLOCKS
        )
        print(f"{name:22}{cells}", flush=True)
    print("\nHz beside the carrier" + "".join(f"{one:7}" for one in OFFSETS))
    for name, wide in (("weak carriers", False), ("strong carriers", True)):
        cells = "".join(f"{rejection(one, wide=wide):7.0f}" for one in OFFSETS)
        print(f"{name + ', dB':21}{cells}")


if __name__ == "__main__":
    main()
