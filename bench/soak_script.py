"""What is sent in a soak: some weeks of messages, their moments compressed, all from one seed."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.channel import noise_sigma, random_header
from eas_core.modem.encoder import encode_bursts, encode_message
from eas_core.radio.plan import NWR_CHANNELS
from eas_core.same.header import Header, parse_header
from eas_core.same.times import expires_at, issued_at

type Audio = NDArray[np.float32]

AUDIO_RATE: Final = 16_000
AMPLITUDE: Final = 0.25
CHANNELS: Final = len(NWR_CHANNELS)
LEVELS_DBFS: Final = (-24.0, -37.0, -30.0, -34.0, -42.0, -48.0, -12.0)
"""Of the seven carriers; the noise is -54, so the sixth is near the threshold of FM."""

LEAD_SECONDS: Final = 1.5
TAIL_SECONDS: Final = 2.5
"""Around the messages of a moment: the clock jumps where nothing is on the air."""

LATE_SECONDS: Final = 2.0
"""Within which the stations of a moment begin."""

NOISES_DB: Final = (None, None, None, None, 14.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 3.0)
"""Eb/N0 of noise in what is sent, drawn evenly; None is none but the radio's own."""

SHARED: Final = 0.15
"""Of the moments, in which several stations send one message."""

AGAIN: Final = 0.04
"""Of the messages that last, which are sent again in the next moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message on the air of some channels; seconds of air from the beginning of all.

    `header_end` is where its three bursts are over.
    """

    number: int
    header: str
    channels: tuple[int, ...]
    moment: int
    start: float
    header_end: float
    end: float
    ebn0_db: float | None

    def covers(self, channel: int, air: float) -> bool:
        """Whether what a channel's decoder settles at this second may be it."""
        return channel in self.channels and self.start < air < self.end + TAIL_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Some seconds of air, and when they are."""

    start: float
    end: float
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """All that is sent, in the order of its beginnings."""

    seed: int
    moments: tuple[Moment, ...]
    sent: tuple[Sent, ...]

    @property
    def seconds(self) -> float:
        """How much air there is."""
        return self.moments[-1].end

    def until(self, moment: int) -> Script:
        """Return what was sent by the end of a moment."""
        sent = tuple(one for one in self.sent if one.moment <= moment)
        return replace(self, moments=self.moments[: moment + 1], sent=sent)

    def now(self, air: float) -> datetime:
        """Return the scripted time of a second of air."""
        moment = self.moments[self.moment(air)]
        return moment.at + timedelta(seconds=air - moment.start)

    def moment(self, air: float) -> int:
        """Return which moment a second of air belongs to."""
        return max(0, bisect_right(self.moments, air, key=lambda one: one.start) - 1)


def make_script(
    seed: int,
    days: float,
    messages: int,
    begin: datetime,
    *,
    jumps: Sequence[datetime] | None = None,
    together: int = CHANNELS,
) -> Script:
    """Draw so many messages over so many days from `begin`, an aware datetime.

    With `jumps`, for what lives in real time, the scripted time runs on as the air
    does, but for where it jumps to these times, evenly over all; and nothing is sent again.
    At most so many messages are on the air `together`.
    """
    rng = np.random.default_rng(seed)
    groups = list(_groups(rng, messages, together))
    offsets = np.sort(rng.uniform(0, days * 86_400, len(groups)))
    if jumps is not None:
        offsets[:] = 0
    moments: list[Moment] = []
    sent: list[Sent] = []
    headers: set[str] = set()
    again: list[tuple[str, tuple[int, ...], float | None]] = []
    air, jumped = 0.0, 0
    for number, group in enumerate(groups):
        at = begin + timedelta(seconds=float(offsets[number]))
        if moments:
            goes_on = moments[-1].at + timedelta(seconds=air - moments[-1].start)
            at = max(at, goes_on) if jumps is None else goes_on
        if jumps and number == round((jumped + 1) * len(groups) / (len(jumps) + 1)):
            at, jumped = jumps[jumped], (jumped + 1) % len(jumps)
        end = air + LEAD_SECONDS
        repeated, again = again, []
        for index, channels in enumerate(group):
            if repeated and index == 0:
                header, noise = repeated[0][0], repeated[0][2]
                if not _lives(header, at + timedelta(minutes=1)):
                    repeated = []
            if not (repeated and index == 0):
                header, noise = _new_header(rng, at, headers), _noise(rng)
            start = air + LEAD_SECONDS + float(rng.uniform(0, LATE_SECONDS))
            length = len(encode(header)) / AUDIO_RATE
            sent.append(
                Sent(
                    number=len(sent),
                    header=header,
                    channels=channels,
                    moment=number,
                    start=start,
                    header_end=start + _header_seconds(header),
                    end=start + length,
                    ebn0_db=noise,
                )
            )
            end = max(end, start + length)
            if jumps is None and rng.random() < AGAIN * CHANNELS:
                again.append((header, channels, noise))
        moments.append(Moment(start=air, end=end + TAIL_SECONDS, at=at))
        air = moments[-1].end
    return Script(
        seed=seed,
        moments=tuple(moments),
        sent=tuple(sorted(sent, key=lambda one: one.start)),
    )


def _groups(
    rng: np.random.Generator, messages: int, most: int
) -> Iterator[list[tuple[int, ...]]]:
    """Yield for each moment which channels send one message together."""
    left = messages
    while left > 0:
        channels = [int(one) for one in rng.permutation(CHANNELS)]
        together = int(rng.integers(2, CHANNELS + 1)) if rng.random() < SHARED else 1
        group = [tuple(sorted(channels[:together]))]
        group += [(one,) for one in channels[together:]]
        group = group[: min(left, most)]
        yield group
        left -= len(group)


def _new_header(rng: np.random.Generator, at: datetime, known: set[str]) -> str:
    while True:
        drawn = random_header(rng)
        issued = at - timedelta(minutes=int(rng.integers(0, 5)))
        header = Header(
            originator=drawn.originator,
            event_code=drawn.event_code,
            locations=drawn.locations,
            purge_hhmm=drawn.purge_hhmm,
            issued_code=issued.astimezone(UTC).strftime("%j%H%M"),
            sender=drawn.sender,
        ).encode()
        # Two of one id would be one alert.
        if header[:-10] not in known:
            known.add(header[:-10])
            return header


def _noise(rng: np.random.Generator) -> float | None:
    return NOISES_DB[int(rng.integers(len(NOISES_DB)))]


def _lives(text: str, now: datetime) -> bool:
    """Whether a message that is sent again now is still the same alert."""
    header = parse_header(text)
    issued = issued_at(header, now)
    return issued is not None and expires_at(header, issued) > now


def encode(header: str) -> Audio:
    """Return a message as it is sent, without noise."""
    return encode_message(
        header,
        AUDIO_RATE,
        attention="nwr" if hash_of(header) % 4 == 0 else None,
        attention_seconds=1.0,
        voice=_voice(hash_of(header)),
        amplitude=AMPLITUDE,
    )


def _header_seconds(header: str) -> float:
    return len(encode_bursts(header.encode(), AUDIO_RATE)) / AUDIO_RATE


def hash_of(header: str) -> int:
    """Return a number that is the same in each process."""
    return sum(header.encode())


def _voice(seed: int) -> Audio:
    """Return a second of what is no tone and no burst."""
    noise = np.random.default_rng(seed).standard_normal(AUDIO_RATE + 7)
    low = np.convolve(noise, np.ones(8) / 8, "valid")[:AUDIO_RATE]
    voice: Audio = (0.15 * low).astype(np.float32)
    return voice


def render(sent: Sent, seed: int, channel: int) -> Audio:
    """Return a message as one channel sends it, with its noise."""
    audio = encode(sent.header)
    if sent.ebn0_db is None:
        return audio
    rng = np.random.default_rng((seed, sent.number, channel))
    sigma = noise_sigma(sent.ebn0_db, AUDIO_RATE, AMPLITUDE)
    return audio + rng.standard_normal(len(audio), np.float32) * np.float32(sigma)
