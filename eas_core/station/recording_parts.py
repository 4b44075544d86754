"""Which part of a recording is what: bursts and tones are found in the audio itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..audio.block import AudioBlock
from ..modem.attention import AttentionDetector, AttentionSignal
from ..modem.framing import Burst, BurstFramer
from .recording_files import Part

type Span = tuple[float, float]

TONE_BAND: Final = (600.0, 1300.0)
"""Hz. In it a tone is found ten times weaker against noise than in all the audio."""

TONE_FILTER_SECONDS: Final = 0.016
TONE_RATE: Final = 8_000
"""Hz, at least, that is enough for the band."""

TOGETHER_SECONDS: Final = 3.5
"""Bursts of one message lie no farther apart, as the combiner has it."""

MARGIN_SECONDS: Final = 0.25
"""What is cut beside a burst or a tone: the detector's window, the encoder's blur."""

SHORTEST_SECONDS: Final = 1.6
"""What is left between two cuts must be longer than a pause between bursts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found in a piece of audio, in seconds from its start, in order."""

    sample_rate: int
    duration_s: float
    headers: tuple[Span, ...]
    ends: tuple[Span, ...]
    tones: tuple[Span, ...]

    @property
    def silent(self) -> bool:
        """Whether nothing is in it that would set off a decoder."""
        return not (self.headers or self.ends or self.tones)


class ToneBand:
    """Looks for attention signals in their own band, at a rate that is enough for it."""

    def __init__(self, sample_rate: int) -> None:
        """Take a rate in Hz; raises SampleRateError."""
        self._step = _tone_step(sample_rate)
        self._attention = AttentionDetector(sample_rate // self._step)
        self._filter = _tone_filter(sample_rate)
        # So an output is of the moment of the input in its filter's middle.
        self._past: NDArray[np.float32] = np.zeros(len(self._filter) // 2, np.float32)

    @property
    def since(self) -> int | None:
        """The input sample at which a signal began that is still going on."""
        start = self._attention.active_since
        return None if start is None else start * self._step

    def feed(self, samples: NDArray[np.float32]) -> list[tuple[int, int]]:
        """Take float32[any]; return where the signals are that ended, in input samples."""
        return self._spans(self._attention.feed(self._band(samples)))

    def flush(self) -> list[tuple[int, int]]:
        """Return the signal that the end of the audio cuts off."""
        return self._spans(self._attention.flush())

    def _spans(self, signals: list[AttentionSignal]) -> list[tuple[int, int]]:
        step = self._step
        return [(each.start_sample * step, each.end_sample * step) for each in signals]

    def _band(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the tones' band alone, one sample of so many."""
        audio = np.concatenate((self._past, samples))
        count = max(0, (len(audio) - len(self._filter)) // self._step + 1)
        self._past = audio[count * self._step :].copy()
        if not count:
            return audio[:0]
        windows = np.lib.stride_tricks.sliding_window_view(audio, len(self._filter))
        band: NDArray[np.float32] = windows[: count * self._step : self._step] @ (
            self._filter
        )
        return band


class PartFinder:
    """Listens to a recording while it is made, as a decoder would that trusts nothing."""

    def __init__(self, sample_rate: int) -> None:
        """Take a rate in Hz; raises SampleRateError."""
        self._rate = sample_rate
        self._framer = BurstFramer(sample_rate)
        self._band = ToneBand(sample_rate)
        self._bursts: list[Burst] = []
        self._tones: list[tuple[int, int]] = []
        self._samples = 0

    def feed(self, samples: NDArray[np.float32]) -> None:
        """Take float32[any]."""
        if not len(samples):
            return
        self._samples += len(samples)
        self._bursts += self._framer.feed(samples)
        self._tones += self._band.feed(samples)

    def finish(self) -> Found:
        """Return what was found; nothing may be fed any more."""
        self._bursts += self._framer.feed(
            np.zeros(self._framer.tail_samples, np.float32)
        )
        self._tones += self._band.flush()
        headers, ends = (
            [
                (each.start_sample, each.end_sample)
                for each in self._bursts
                if each.end_of_message is end_of_message
            ]
            for end_of_message in (False, True)
        )
        return Found(
            sample_rate=self._rate,
            duration_s=self._samples / self._rate,
            headers=self._spans(headers),
            ends=self._spans(ends),
            tones=self._spans(self._tones),
        )

    def _spans(self, heard: Sequence[tuple[int, int]]) -> tuple[Span, ...]:
        last = self._samples / self._rate
        return tuple(
            (start / self._rate, min(last, end / self._rate))
            for start, end in heard
            if start / self._rate < last
        )


def _tone_step(sample_rate: int) -> int:
    """Return of how many samples one is enough, so that the rate stays whole."""
    steps = range(sample_rate // TONE_RATE, 0, -1)
    return next(step for step in steps if sample_rate % step == 0)


def _tone_filter(sample_rate: int) -> NDArray[np.float32]:
    half = round(TONE_FILTER_SECONDS * sample_rate / 2)
    time = np.arange(-half, half + 1) / sample_rate
    low, high = TONE_BAND
    taps = 2 * high * np.sinc(2 * high * time) - 2 * low * np.sinc(2 * low * time)
    shaped: NDArray[np.float32] = (taps * np.hamming(len(time)) / sample_rate).astype(
        np.float32
    )
    return shaped


def parts_of(found: Found) -> tuple[Part, ...]:
    """Return a message's parts: header, attention signal, voice and end, as far as heard."""
    header = _first_group(found.headers)
    if header is None:
        return ()
    # Where the end was lost the next message may be in it, whose parts are none of these.
    until = min(
        (start for start, _ in found.headers if start > header[1]),
        default=found.duration_s,
    )
    end = _first_group([each for each in found.ends if header[1] <= each[0] < until])
    voice_ends = end[0] if end else until
    tones = [each for each in found.tones if header[1] <= each[1] <= voice_ends + 1]
    tone = (tones[0][0], tones[-1][1]) if tones else None
    voice = (tone[1] if tone else header[1], voice_ends)
    spans = (("header", header), ("tone", tone), ("voice", voice), ("end", end))
    return tuple(
        Part(part=name, start_s=round(span[0], 2), end_s=round(span[1], 2))
        for name, span in spans
        if span is not None and span[1] > span[0]
    )


def _first_group(bursts: Sequence[Span]) -> Span | None:
    if not bursts:
        return None
    start, end = bursts[0]
    for burst in bursts[1:]:
        if burst[0] - end > TOGETHER_SECONDS:
            break
        end = burst[1]
    return start, end


def speakable_spans(found: Found, *, after_header: bool) -> tuple[Span, ...]:
    """Return what may be played to people: all but bursts and tones, with a margin.

    With `after_header` nothing from before the first burst is in it.
    """
    cuts = sorted((*found.headers, *found.ends, *found.tones))
    spans: list[Span] = []
    position = 0.0
    if after_header and found.headers:
        position = found.headers[0][0]
    for start, end in (*cuts, (found.duration_s + MARGIN_SECONDS, 0.0)):
        if start - MARGIN_SECONDS - position > SHORTEST_SECONDS:
            spans.append((round(position, 3), round(start - MARGIN_SECONDS, 3)))
        position = max(position, end + MARGIN_SECONDS)
    return tuple(spans)


def voice_spans(found: Found) -> tuple[Span, ...]:
    """Return where the voice of a message is, without any burst or tone in it."""
    voice = next((each for each in parts_of(found) if each.part == "voice"), None)
    if voice is None:
        return ()
    return tuple(
        (max(start, voice.start_s), min(end, voice.end_s))
        for start, end in speakable_spans(found, after_header=True)
        if start < voice.end_s and end > voice.start_s
    )


def within(blocks: Iterator[AudioBlock], spans: Sequence[Span]) -> Iterator[AudioBlock]:
    """Yield what of the blocks lies in the spans, seconds, in order."""
    for block in blocks:
        start = block.first_sample / block.sample_rate
        for first, last in spans:
            cut = slice(
                max(0, round((first - start) * block.sample_rate)),
                max(0, round((last - start) * block.sample_rate)),
            )
            samples = block.samples[cut]
            if len(samples):
                yield AudioBlock(
                    samples=samples,
                    sample_rate=block.sample_rate,
                    first_sample=block.first_sample + cut.start,
                )
