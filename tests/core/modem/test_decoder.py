"""What is sent is decoded, whatever has happened to it on the way."""

from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
from numpy.typing import ArrayLike
import pytest

from bench.channel import add_noise, bursts, random_header
from bench.impairments import AMPLITUDE, IMPAIRMENTS, voice_like
from eas_core.modem.constants import PREAMBLE, SampleRateError
from eas_core.modem.decoded import Decoded
from eas_core.modem.decoder import SameDecoder, SamplesError
from eas_core.modem.encoder import (
    Audio,
    encode_bursts,
    encode_end_of_message,
    encode_message,
    modulate,
    to_bits,
)
from eas_core.modem.framing import BurstFramer

TORNADO = "ZCZC-WXR-TOR-039173-039051+0030-1591829-KCLE/NWS-"
FLOOD = "ZCZC-WXR-FFW-039035+0100-1591840-KCLE/NWS-"
RATE = 22_050
ONCE = (AMPLITUDE,)


def decode(audio: Audio, rate: int = RATE, block: int = 4096) -> list[Decoded]:
    decoder = SameDecoder(rate)
    found = [
        message
        for start in range(0, len(audio), block)
        for message in decoder.feed(audio[start : start + block])
    ]
    return found + decoder.flush()


def headers(audio: Audio, rate: int = RATE, block: int = 4096) -> list[str]:
    return [message.header for message in decode(audio, rate, block)]


@pytest.mark.parametrize(
    "rate", [8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000]
)
def test_a_whole_message_at_every_rate(rate: int) -> None:
    audio = encode_message(TORNADO, rate, attention_seconds=1.0)
    assert headers(audio, rate) == [TORNADO, "NNNN"]


@pytest.mark.parametrize("gap", [0.0, 0.3])
def test_a_preamble_that_does_not_end_is_followed_seldom_and_hides_nothing(
    gap: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed: list[int] = []
    demodulate = BurstFramer._demodulate

    def count(framer: BurstFramer, candidate: Any, stop: int) -> Any:
        followed.append(stop)
        return demodulate(framer, candidate, stop)

    monkeypatch.setattr(BurstFramer, "_demodulate", count)
    endless = modulate(to_bits(PREAMBLE * 60), RATE)
    pause = np.zeros(round(gap * RATE), np.float32)
    audio = np.concatenate((endless, pause, encode_bursts(TORNADO.encode(), RATE)))
    assert headers(audio) == [TORNADO]
    assert len(followed) < len(PREAMBLE) * 60 * 8 / 50


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(1, 30_000), min_size=1, max_size=20), st.integers(0, 99))
def test_blocks_of_any_size_give_the_same(sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    audio = bursts(random_header(rng).encode().encode(), RATE)
    audio = add_noise(audio, 8.0, RATE, rng)
    decoder = SameDecoder(RATE)
    found: list[Decoded] = []
    start = turn = 0
    while start < len(audio):
        size = sizes[turn % len(sizes)]
        turn += 1
        found += decoder.feed(audio[start : start + size])
        start += size
    assert found + decoder.flush() == decode(audio, block=len(audio))


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000),
    st.floats(-0.01, 0.01),
    st.floats(-40, 40),
    st.sampled_from([8000, 16000, 22050, 48000]),
    st.floats(0.001, 1.0),
)
def test_off_tune_and_off_speed_at_any_level(
    seed: int, baud_error: float, tone_offset: float, rate: int, amplitude: float
) -> None:
    rng = np.random.default_rng(seed)
    header = random_header(rng).encode()
    audio = bursts(
        header.encode(), rate, baud_error=baud_error, tone_offset=tone_offset
    )
    audio = add_noise(audio, 13.0, rate, rng) * np.float32(amplitude)
    message = decode(audio, rate)[0]
    assert message.header == header
    assert message.baud_error == pytest.approx(baud_error, abs=0.0015)
    assert message.tone_offset == pytest.approx(tone_offset, abs=4.0)


@pytest.mark.parametrize("name", IMPAIRMENTS)
def test_each_impairment_at_16_db(name: str) -> None:
    rng = np.random.default_rng(7)
    whole = 0
    for _ in range(5):
        header = random_header(rng).encode()
        audio = bursts(header.encode(), RATE)
        audio = add_noise(IMPAIRMENTS[name](audio, RATE, rng), 16.0, RATE, rng)
        (message,) = decode(audio)
        assert message.best_guess == header
        whole += not message.partial
    assert whole >= 4


def test_where_each_burst_alone_is_lost_their_sum_is_not() -> None:
    rng = np.random.default_rng(11)
    right = 0
    for _ in range(10):
        header = random_header(rng).encode()
        audio = add_noise(bursts(header.encode(), RATE), 8.0, RATE, rng)
        right += headers(audio) == [header]
    assert right >= 9


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_bursts_are_a_message(count: int) -> None:
    audio = bursts(TORNADO.encode(), RATE, gaps=(1.0,) * count, amplitudes=ONCE * count)
    (message,) = decode(audio)
    assert message.header == TORNADO
    assert message.bursts == count


def test_a_middle_burst_may_be_lost() -> None:
    levels = (AMPLITUDE, 0.0, AMPLITUDE)
    assert headers(bursts(TORNADO.encode(), RATE, amplitudes=levels)) == [TORNADO]


def test_levels_and_gaps_may_differ() -> None:
    rng = np.random.default_rng(3)
    levels, gaps = (0.02, 0.25, 0.08), (0.6, 1.7, 1.0)
    audio = bursts(TORNADO.encode(), RATE, amplitudes=levels, gaps=gaps)
    audio = audio + rng.standard_normal(len(audio), np.float32) * np.float32(0.01)
    assert headers(audio) == [TORNADO]


def test_a_message_comes_with_its_second_burst() -> None:
    audio = bursts(TORNADO.encode(), RATE)
    burst = (len(TORNADO) + 16) * 8 / 520.8333
    second_ends = 0.5 + burst + 1.0 + burst
    decoder = SameDecoder(RATE)
    step = RATE // 100
    for start in range(0, len(audio), step):
        if decoder.feed(audio[start : start + step]):
            break
    assert second_ends < (start + step) / RATE < second_ends + 0.15


def test_messages_back_to_back_stay_apart() -> None:
    audio = np.concatenate(
        (bursts(TORNADO.encode(), RATE), bursts(FLOOD.encode(), RATE))
    )
    assert headers(audio) == [TORNADO, FLOOD]


def test_a_message_that_another_cuts_short() -> None:
    two = bursts(TORNADO.encode(), RATE, gaps=(1.0, 1.0), amplitudes=ONCE * 2)
    audio = np.concatenate((two, bursts(FLOOD.encode(), RATE)))
    assert headers(audio) == [TORNADO, FLOOD]


def test_an_end_of_message_is_told_from_one_burst_and_once() -> None:
    audio = encode_end_of_message(RATE)
    (message,) = decode(audio)
    assert message.end_of_message
    assert message.bursts == 1
    assert message.end_sample < RATE


def test_an_end_of_message_is_not_summed_with_headers() -> None:
    rng = np.random.default_rng(5)
    for level in (14.0, 10.0):
        header = bursts(TORNADO.encode(), RATE)
        audio = np.concatenate(
            (header, encode_end_of_message(RATE, amplitude=AMPLITUDE))
        )
        found = headers(add_noise(audio, level, RATE, rng))
        assert found == [TORNADO, "NNNN"]


def test_codes_of_no_table_are_decoded_when_received_well() -> None:
    odd = "ZCZC-ZZZ-Q7Q-999999-912345+9999-0000000-X-"
    rng = np.random.default_rng(1)
    assert headers(add_noise(bursts(odd.encode(), RATE), 14.0, RATE, rng)) == [odd]


@pytest.mark.parametrize("places", [1, 31])
def test_any_count_of_locations(places: int) -> None:
    header = random_header(np.random.default_rng(places), places).encode()
    assert headers(bursts(header.encode(), RATE)) == [header]


@pytest.mark.parametrize("sender", ["K", "ERN/KLT ", "SIXTEEN/LETTERS!"])
def test_senders_of_any_length(sender: str) -> None:
    header = f"ZCZC-CIV-RMT-039000+0100-3161448-{sender}-"
    assert headers(bursts(header.encode(), RATE)) == [header]


def test_what_is_uncertain_is_marked_and_what_is_certain_stands() -> None:
    rng = np.random.default_rng(21)
    partial = 0
    for _ in range(12):
        sent = random_header(rng).encode()
        audio = add_noise(bursts(sent.encode(), RATE), 5.5, RATE, rng)
        for message in decode(audio):
            assert len(message.character_confidence) == len(message.best_guess)
            assert 0 <= message.confidence <= 1
            if message.partial:
                partial += 1
                assert len(message.header) == len(message.best_guess)
                shown = zip(message.header, message.best_guess, strict=True)
                assert all(seen in ("?", best) for seen, best in shown)
                pairs = zip(message.header, sent, strict=True)
                assert all(seen in ("?", right) for seen, right in pairs)
    assert partial >= 3


def test_samples_that_are_no_numbers_do_no_harm() -> None:
    audio = bursts(TORNADO.encode(), RATE)
    audio[5000:5003] = (np.nan, np.inf, -np.inf)
    assert headers(audio) == [TORNADO]


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros((2, 5), np.float32),
        np.zeros(5, np.complex64),
        np.array(["a", "b"]),
        [[1.0], [1.0, 2.0]],
        None,
    ],
)
def test_what_is_no_row_of_numbers_is_refused_and_changes_nothing(
    samples: ArrayLike,
) -> None:
    decoder = SameDecoder(RATE)
    audio = bursts(TORNADO.encode(), RATE)
    decoder.feed(audio[:5000])
    with pytest.raises(SamplesError, match="one row"):
        decoder.feed(samples)
    found = decoder.feed(audio[5000:, None].astype(np.float64)) + decoder.flush()
    assert [message.header for message in found] == [TORNADO]


@pytest.mark.parametrize("rate", [0, -1, 7999, 96_001])
def test_a_rate_out_of_range_is_refused(rate: int) -> None:
    with pytest.raises(SampleRateError, match="between 8000 and 96000"):
        SameDecoder(rate)


def test_nothing_fed_is_nothing_heard() -> None:
    decoder = SameDecoder(RATE)
    assert decoder.feed(np.zeros(0, np.float32)) == []
    assert decoder.flush() == []
    assert decoder.malformed == 0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.3, 0.999), st.floats(0, 0.2))
def test_a_header_that_is_cut_off_is_no_message(
    seed: int, share: float, noise: float
) -> None:
    rng = np.random.default_rng(seed)
    text = random_header(rng).encode()
    cut = min(len(text) - 1, int(share * len(text)))
    audio = encode_bursts(text[:cut].encode(), RATE)
    audio = audio + rng.standard_normal(len(audio), np.float32) * np.float32(noise)
    assert headers(audio) == []


def uart_framed(text: str) -> Audio:
    """The look-alike of an encoder that sends start and stop bits."""
    from eas_core.modem.encoder import modulate, to_bits

    framed = [
        np.concatenate(([0], to_bits(bytes([letter])), [1])).astype(np.uint8)
        for letter in b"\xab" * 16 + text.encode()
    ]
    burst = modulate(np.concatenate(framed), RATE)
    return np.concatenate((burst, np.zeros(RATE, np.float32)) * 3)


@pytest.mark.parametrize(
    "audio",
    [
        pytest.param(uart_framed(TORNADO), id="UART framing"),
        pytest.param(
            encode_bursts(TORNADO[:30].encode(), RATE), id="cut after a place"
        ),
        pytest.param(
            encode_bursts(TORNADO[:44].encode(), RATE), id="cut in the sender"
        ),
        pytest.param(encode_bursts(b"ZCZC", RATE), id="start only"),
        pytest.param(encode_bursts(b"", RATE), id="preamble only"),
        pytest.param(encode_bursts(TORNADO.lower().encode(), RATE), id="small letters"),
        pytest.param(encode_bursts(b"ZCZC-" + b"lorem ipsum " * 5, RATE), id="a text"),
        pytest.param(
            encode_bursts(b"ZCZC-WXR-TOR-+0030-1591829-KCLE/NWS-", RATE), id="no place"
        ),
        pytest.param(
            voice_like(60 * RATE, RATE, np.random.default_rng(1)), id="voice-like"
        ),
        pytest.param(
            np.random.default_rng(2).standard_normal(60 * RATE, np.float32), id="noise"
        ),
        pytest.param(
            np.sin(np.arange(20 * RATE) * 2 * np.pi * 2083.3 / RATE).astype(np.float32),
            id="mark alone",
        ),
    ],
)
def test_what_is_no_message_gives_none(audio: Audio) -> None:
    assert decode(audio) == []


def test_a_burst_that_holds_no_message_is_counted() -> None:
    decoder = SameDecoder(RATE)
    decoder.feed(encode_bursts(b"ZCZC-" + b"lorem ipsum " * 5, RATE))
    decoder.flush()
    assert decoder.malformed == 3
