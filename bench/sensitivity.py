#!/usr/bin/env python3
"""How weak a carrier may be: bench/sensitivity.py [--help].

SAME messages through weather radio's FM in noise, at carrier-to-noise ratios in
15 kHz, and how many come out whole of

- ours: the Receiver and the decoder, of 240 kS/s in eight bits, the channel 62.5 kHz
  off the centre and the carrier 1.2 kHz off the channel;
- ideal: a limiter-discriminator at the known carrier behind the brickwall filter that
  suits it best, ideal de-emphasis, nothing quantised; and the same decoder;
- with --rtl-fm also Debian's rtl_fm and multimon-ng, and ours, both of the IQ that
  rtl_fm asks for, which tests/standin serves. Installs what is missing by apt-get.

Nothing of it is sent or played (47 CFR 11.45).
"""

import argparse
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
import tempfile

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
from numpy.typing import NDArray

from bench.channel import bursts, random_header
from bench.impairments import Audio
from bench.limit import crossing
from eas_core.audio.block import IqBlock
from eas_core.modem.decoder import SameDecoder
from eas_core.radio.modulation import NWR_DEVIATION, emphasis
from eas_core.radio.modulator import Band, Modulator, Station, to_u8
from eas_core.radio.plan import (
    NWR_CENTER,
    NWR_SAMPLE_RATE,
    ChannelKind,
    Tuning,
    nwr_plan,
)
from eas_core.radio.receiver import Receiver
from eas_core.sources.iq import complex_from_u8

LEVELS = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
RTL_FM_LEVELS = (5.0, 6.0, 8.0, 10.0, 12.0, 14.0)
COLUMNS = (*LEVELS, 12.0, 14.0)
NOISE_HZ = 15_000
AUDIO_RATE = 24_000
AMPLITUDE = 0.4
"""Of the bursts: 4.2 kHz of deviation for mark, 3.1 for space."""

CHANNEL = 162_550_000
ERROR_HZ = 1_200.0
NOISE_DBFS = -20.0
BEST_HALF_WIDTHS = (4_500.0, 5_000.0, 5_500.0, 6_000.0, 7_000.0)
BLOCK_SECONDS = 0.1

RTL_FM_AUDIO = 22_050
RTL_FM_RATE = 46 * RTL_FM_AUDIO
RTL_FM_CENTER = CHANNEL + RTL_FM_RATE // 4
"""What rtl_fm asks for where it is told `-f 162550000 -s 22050`."""

RTL_FM_SPEED = 4.0
"""Times the air's: faster than it demodulates it loses blocks."""
HEADER = re.compile(r"ZCZC-[ -~]*-")

type Iq = NDArray[np.complex64]
type Reception = Callable[[float, int, int], bool]


def message(seed: int, number: int) -> tuple[str, Audio]:
    """Return a header and its three bursts."""
    text = random_header(np.random.default_rng((seed, number))).encode()
    lead = 0.8
    audio = bursts(
        text.encode(),
        AUDIO_RATE,
        amplitudes=(AMPLITUDE,) * 3,
        gaps=(1.0, 1.0, 0.8),
        lead=lead,
    )
    return text, audio


def is_whole(audio: Audio, sample_rate: int, text: str) -> bool:
    """Whether the decoder gets the message whole."""
    decoder = SameDecoder(sample_rate)
    found = decoder.feed(audio) + decoder.flush()
    return any(one.header == text for one in found)


def band(
    audio: Audio, level_db: float, tuning: Tuning, seed: tuple[int, ...]
) -> NDArray[np.uint8]:
    """Return the message on the air, as a dongle gives it."""
    narrower = 10 * np.log10(tuning.sample_rate / NOISE_HZ)
    channel = nwr_plan([CHANNEL]).channels[0]
    station = Station(channel=channel, level_dbfs=NOISE_DBFS - narrower + level_db)
    air = Band(
        tuning,
        [station],
        AUDIO_RATE,
        error_hz=ERROR_HZ,
        noise_dbfs=NOISE_DBFS,
        seed=int(np.random.SeedSequence(seed).generate_state(1)[0]),
    )
    return to_u8(air.feed(audio[None, :]))


def ours(tuning: Tuning, level_db: float, seed: int, number: int) -> bool:
    """Send one message to the receiver."""
    text, audio = message(seed, number)
    raw = band(audio, level_db, tuning, (seed, number, round(10 * level_db) + 1000))
    return is_whole(*receive(complex_from_u8(raw.tobytes()), tuning), text)


def receive(samples: Iq, tuning: Tuning) -> tuple[Audio, int]:
    """Return the audio of the channel, and its rate."""
    receiver = Receiver(nwr_plan([CHANNEL]))
    size = round(BLOCK_SECONDS * tuning.sample_rate)
    heard = [
        block
        for first in range(0, len(samples), size)
        for block in receiver.feed(
            IqBlock(
                samples=samples[first : first + size],
                sample_rate=tuning.sample_rate,
                first_sample=first,
                center_frequency=tuning.center_frequency,
            )
        ).audio.values()
    ]
    audio = np.concatenate([block.samples for block in heard])
    return audio, heard[0].sample_rate


def ideal(half_width: float, level_db: float, seed: int, number: int) -> bool:
    """Send one message to the textbook's receiver."""
    text, audio = message(seed, number)
    sent = Modulator(ChannelKind.NWR, AUDIO_RATE, AUDIO_RATE).feed(audio[None, :])[0]
    rng = np.random.default_rng((seed, number, round(10 * level_db) + 1000))
    power = 10 ** (-level_db / 10) * AUDIO_RATE / NOISE_HZ
    noise = rng.standard_normal((2, len(sent))) * np.sqrt(power / 2)
    spectrum = np.fft.fft(sent + noise[0] + 1j * noise[1])
    spectrum[np.abs(np.fft.fftfreq(len(sent), 1 / AUDIO_RATE)) > half_width] = 0
    heard = np.fft.ifft(spectrum)
    turned = np.angle(heard[1:] * heard[:-1].conj())
    tones = np.fft.rfft(turned * AUDIO_RATE / (2 * np.pi * NWR_DEVIATION))
    frequency = np.fft.rfftfreq(len(turned), 1 / AUDIO_RATE)
    tones /= emphasis(ChannelKind.NWR, frequency)
    tones[(frequency < 200) | (frequency > 3_400)] = 0
    sound = np.fft.irfft(tones, len(turned)).astype(np.float32)
    return is_whole(sound, AUDIO_RATE, text)


def rtl_fm(level_db: float, seed: int, messages: int) -> float:
    """Return the share of messages that rtl_fm and multimon-ng get out of one run of IQ."""
    from tests.standin import Standin

    tuning = Tuning(center_frequency=RTL_FM_CENTER, sample_rate=RTL_FM_RATE)
    texts = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "iq"
        with path.open("wb") as file:
            for number in range(messages):
                text, audio = message(seed, number)
                key = (seed, number, round(10 * level_db) + 1000)
                file.write(band(audio, level_db, tuning, key).tobytes())
                texts.append(text)
        standin = Standin(Path(folder) / "standin")
        standin.add(iq=path, loop=False, end="terminate", speed=RTL_FM_SPEED)
        heard = subprocess.Popen(
            ["rtl_fm", "-f", str(CHANNEL), "-s", str(RTL_FM_AUDIO), "-"],
            env=standin.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        decoded = subprocess.run(
            ["multimon-ng", "-q", "-t", "raw", "-a", "EAS", "-"],
            stdin=heard.stdout,
            capture_output=True,
            check=False,
        )
        heard.wait()
    found = set(HEADER.findall(decoded.stdout.decode("ascii", "replace")))
    return sum(text in found for text in texts) / messages


def table(
    pool: ProcessPoolExecutor, rows: dict[str, Reception], messages: int, seed: int
) -> Iterator[tuple[str, list[float]]]:
    """Yield each reception's share of messages at each level."""
    for name, reception in rows.items():
        jobs = {
            level: [
                pool.submit(reception, level, seed, number)
                for number in range(messages)
            ]
            for level in LEVELS
        }
        shares = [
            sum(job.result() for job in jobs[level]) / messages for level in LEVELS
        ]
        print_row(name, LEVELS, shares)
        yield name, shares


def print_row(name: str, levels: tuple[float, ...], shares: list[float]) -> None:
    """Print the shares under their levels, and where half and nine tenths are reached."""
    by_level = dict(zip(levels, shares, strict=True))
    cells = "".join(
        f"{100 * by_level[level]:5.0f}" if level in by_level else "    ·"
        for level in COLUMNS
    )
    half, most = (crossing(list(levels), shares, share) for share in (0.5, 0.9))
    print(f"{name:24}{cells}   {half:6.2f} {most:6.2f}", flush=True)


def install() -> None:
    """Get the Debian packages that are missing."""
    wanted = {"rtl_fm": "rtl-sdr", "multimon-ng": "multimon-ng", "gcc": "gcc"}
    missing = [package for name, package in wanted.items() if not shutil.which(name)]
    if missing:
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
            check=True,
            stdout=subprocess.DEVNULL,
        )


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--rtl-fm", action="store_true")
    parser.add_argument(
        "--widths", action="store_true", help="show the ideal one at each filter"
    )
    arguments = parser.parse_args()
    usual = Tuning(center_frequency=NWR_CENTER, sample_rate=NWR_SAMPLE_RATE)
    wide = Tuning(center_frequency=RTL_FM_CENTER, sample_rate=RTL_FM_RATE)
    rows: dict[str, Reception] = {"ours": partial(ours, usual)}
    widths = BEST_HALF_WIDTHS if arguments.widths else BEST_HALF_WIDTHS[1:2]
    rows |= {f"ideal, ±{width / 1e3:g} kHz": partial(ideal, width) for width in widths}
    if arguments.rtl_fm:
        install()
        rows["ours, of rtl_fm's IQ"] = partial(ours, wide)
    print(f"% whole of {arguments.messages} at carrier to noise in 15 kHz, dB")
    print(f"{'':24}{''.join(f'{level:5g}' for level in COLUMNS)}     50 %   90 %")
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for _ in table(pool, rows, arguments.messages, arguments.seed):
            pass
        if arguments.rtl_fm:
            runs = pool.map(
                partial(rtl_fm, seed=arguments.seed, messages=arguments.messages),
                RTL_FM_LEVELS,
            )
            print_row("rtl_fm, multimon-ng", RTL_FM_LEVELS, list(runs))


if __name__ == "__main__":
    main()
