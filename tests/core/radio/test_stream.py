"""The samples' order and gaps: any cut gives the same audio, and time is kept."""

from itertools import pairwise

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from eas_core.radio.plan import (
    NWR_CENTER,
    NWR_SAMPLE_RATE,
    PlanError,
    RadioChannel,
    RadioPlan,
    Tuning,
    broadcast_plan,
    nwr_plan,
)
from eas_core.radio.receiver import Receiver
from tests.core.radio.air import Heard, Listener, hear, noise, on_air, tone

SEVEN = nwr_plan()
ONE = nwr_plan([162_500_000])
NAME = "162.500"
TONE_HZ = 1_000


def with_tone(seconds: float) -> np.ndarray:
    return on_air(
        ONE, {NAME: tone(TONE_HZ, seconds)}, noise_dbfs=-60.0, error_hz=2_500.0
    )


def turn(audio: np.ndarray, first: int, rate: int) -> float:
    """Return the tone's phase at the time zero of the stream."""
    time = (first + np.arange(len(audio))) / rate
    return float(np.angle(np.sum(audio * np.exp(-2j * np.pi * TONE_HZ * time))))


BAND = on_air(
    SEVEN,
    {one.name: tone(700 + 200 * k, 1.4) for k, one in enumerate(SEVEN.channels)},
    noise_dbfs=-40.0,
    error_hz=4_000.0,
)
WHOLE = hear(SEVEN, BAND, sizes=[len(BAND)])


def same(one: Heard, two: Heard) -> bool:
    return one.qualities == two.qualities and all(
        np.array_equal(one.whole(name), two.whole(name)) for name in two.audio
    )


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 60_000), min_size=1, max_size=8))
def test_any_cut_of_the_samples_gives_the_same_audio_and_figures(
    sizes: list[int],
) -> None:
    least = max(1, 2_000 // len(sizes))
    assert same(hear(SEVEN, BAND, sizes=[max(least, one) for one in sizes]), WHOLE)


@pytest.mark.parametrize("size", [1, 7, 97])
def test_tiny_blocks_give_the_same_audio_too(size: int) -> None:
    short = BAND[:24_000] if size > 1 else BAND[:15_000]
    assert same(hear(SEVEN, short, sizes=[size]), hear(SEVEN, short))


def test_a_broadcast_station_is_the_same_in_any_cut() -> None:
    for frequency in (98_700_000, 1_100_000):
        plan = broadcast_plan(frequency)
        band = on_air(plan, {plan.channels[0].name: tone(1_000, 0.5)}, noise_dbfs=-40.0)
        cut = hear(plan, band, sizes=[10_007, 1, 33_333])
        assert same(cut, hear(plan, band, sizes=[len(band)]))


def test_all_channels_have_the_same_sample_numbers() -> None:
    heard = hear(SEVEN, BAND, sizes=[10_007])
    pieces = list(heard.pieces.values())
    assert len(pieces) == 7
    assert all(one == pieces[0] for one in pieces)
    ends = [end for _, end in pieces[0]]
    assert [first for first, _ in pieces[0]] == [0, *ends[:-1]]


def test_audio_has_the_time_of_the_samples_that_it_is_of() -> None:
    heard = hear(ONE, with_tone(2))
    audio = heard.whole(NAME)[24_000:40_800]
    # A sine: its phase is a quarter turn behind a cosine's.
    late = (turn(audio, 24_000, 24_000) + np.pi / 2) / (2 * np.pi * TONE_HZ)
    assert abs(late) < 20e-6


def test_latency_is_under_a_fifth_of_a_second() -> None:
    heard = hear(ONE, with_tone(2)[: 2 * NWR_SAMPLE_RATE - 30_000])
    assert heard.pieces[NAME][-1][1] / heard.rate > 2 - 0.125 - 0.2


@pytest.mark.parametrize("lost", [1, 999, 72_000, 1_000_003])
def test_a_gap_is_a_gap_of_the_same_length_in_the_audio(lost: int) -> None:
    band = with_tone(3)
    at = 300_007
    listener = Listener(ONE)
    listener.hear(band[:at])
    heard = listener.hear(band[at:], first=at + lost)
    pieces = heard.pieces[NAME]
    jumps = [(end, first) for (_, end), (first, _) in pairwise(pieces) if end != first]
    wanted = [(at // 10, (at + lost) // 10)]
    assert jumps == [one for one in wanted if one[0] != one[1]]


def test_audio_goes_on_in_step_after_a_gap() -> None:
    band = with_tone(3)
    listener = Listener(ONE)
    listener.hear(band[:300_000])
    heard = listener.hear(band[360_000:], first=360_000)
    before, after = [], []
    for (first, end), audio in zip(heard.pieces[NAME], heard.audio[NAME], strict=True):
        if first > 12_000 and end <= 28_000:
            before.append(turn(audio, first, 24_000))
        if first > 38_000 and end < 70_000:
            after.append(turn(audio, first, 24_000))
    assert np.mean(after) == pytest.approx(np.mean(before), abs=0.1)


def test_what_was_heard_up_to_a_gap_is_whole() -> None:
    band = with_tone(2)
    listener = Listener(ONE)
    listener.hear(band[:240_000])
    heard = listener.hear(band[:48_000], first=1_000_000)
    end = heard.pieces[NAME][
        [first for first, _ in heard.pieces[NAME]].index(100_000) - 1
    ][1]
    assert end == 24_000
    last = heard.whole(NAME)[23_500:24_000]
    assert np.sqrt(2 * np.mean(np.square(last[:400]))) == pytest.approx(0.5, rel=0.1)


def test_a_source_that_is_opened_again_begins_anew() -> None:
    band = with_tone(1.5)
    listener = Listener(ONE)
    listener.hear(band)
    heard = listener.hear(band)
    firsts = [first for first, _ in heard.pieces[NAME]]
    assert firsts.count(0) == 2
    assert firsts == sorted(firsts[: firsts.index(0, 1)]) + sorted(
        firsts[firsts.index(0, 1) :]
    )


def test_gaps_every_half_second_do_not_keep_the_quality_back() -> None:
    band = with_tone(6)
    listener = Listener(ONE)
    for start in range(0, len(band) - 120_000, 120_000):
        listener.hear(band[start : start + 118_000], first=start)
    assert len(listener.heard.qualities) >= 4
    assert listener.heard.quality(NAME).snr_db > 25


def test_another_rate_in_the_middle_is_taken_up() -> None:
    fast = on_air(ONE, {NAME: tone(1_000, 2)}, sample_rate=1_024_000)
    listener = Listener(ONE)
    listener.hear(with_tone(1))
    heard = listener.hear(fast, sample_rate=1_024_000, sizes=[102_400])
    assert np.abs(heard.audio[NAME][-5]).max() == pytest.approx(0.5, rel=0.1)


def test_samples_that_are_no_numbers_count_as_silence() -> None:
    band = with_tone(3)
    band[200_000:210_000] = np.nan
    band[220_000:220_010] = np.inf
    band[230_000:230_010] = 3e38 + 1e38j
    heard = hear(ONE, band)
    audio = heard.whole(NAME)
    assert np.isfinite(audio).all()
    assert np.sqrt(2 * np.mean(np.square(audio[30_000:60_000]))) == pytest.approx(
        0.5, rel=0.1
    )


def test_blocks_without_samples_do_no_harm() -> None:
    listener = Listener(SEVEN)
    listener.hear_nothing()
    heard = listener.hear(BAND)
    assert same(heard, hear(SEVEN, BAND))


@pytest.mark.parametrize(
    ("center", "rate"),
    [
        *((NWR_CENTER, 180_000), (NWR_CENTER + 100_000, 250_000)),
        *((98_000_000, 240_000), (NWR_CENTER, 2**62)),
    ],
)
def test_a_band_that_does_not_hold_the_channels_is_refused(
    center: int, rate: int
) -> None:
    tuning = Tuning(center_frequency=center, sample_rate=rate)
    with pytest.raises(PlanError, match="sample rate"):
        Receiver(RadioPlan(tuning=tuning, channels=SEVEN.channels))
    with pytest.raises(PlanError, match="sample rate"):
        hear(SEVEN, noise(1_000, -30.0), sample_rate=rate, center=center)


def test_channels_of_two_kinds_are_refused() -> None:
    odd = (*SEVEN.channels, *broadcast_plan(98_700_000).channels)
    with pytest.raises(PlanError, match="one kind"):
        Receiver(RadioPlan(tuning=SEVEN.tuning, channels=odd))
    with pytest.raises(PlanError, match="one kind"):
        Receiver(RadioPlan(tuning=SEVEN.tuning, channels=()))


def test_a_channel_that_is_alone_sounds_as_it_does_among_others() -> None:
    alone = hear(ONE, BAND).whole(NAME)
    channel: RadioChannel = ONE.channels[0]
    assert np.allclose(alone, WHOLE.whole(channel.name), atol=1e-4)
