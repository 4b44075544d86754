"""Listening live: what is heard, how soon, by how many, and what it costs nobody else."""

from collections.abc import Iterator
from pathlib import Path
import threading
import time
from typing import Any

import numpy as np
import pytest

from eas_core.audio.encoding import to_float, to_int16
from eas_core.audio.files import write_wav
from eas_core.station import LiveAudio, LiveError, LiveListener, Station, StationOptions
from eas_core.station.live import AHEAD_SECONDS, BYTES_A_SECOND, WAITING_SECONDS
from eas_core.station.live_mute import DELAY_SECONDS, ToneMuter
from tests.core.station.hearing import RATE, Until
from tests.core.station.recording import broadcast, noise, samples, set_off

OPEN: list[LiveAudio] = []
NOTHING = np.zeros(0, np.int16)


class Air:
    """A channel that is on the air, and what has been heard of it."""

    def __init__(self, until: Until, *, before: float = 0.0) -> None:
        self.live = LiveAudio()
        OPEN.append(self.live)
        self._until = until
        self._heard = to_int16(noise(before)) if before else NOTHING
        self.live.add("main", self._recent)

    def _recent(self, seconds: float) -> tuple[Any, int]:
        count = round(seconds * RATE)
        return self._heard[-count:], RATE if len(self._heard) else 0

    def _taken(self) -> bool:
        running = self.live._running.get("main")
        return running is None or not running._queue

    def listen(self) -> LiveListener:
        return self.live.listen("main", lambda: None)

    def send(self, audio: Any) -> None:
        """Send as fast as it is taken."""
        pcm = to_int16(audio)
        for start in range(0, len(pcm), RATE // 4):
            self.live.hear("main", pcm[start : start + RATE // 4], RATE)
            self._until(self._taken)


def threads() -> list[str]:
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name.startswith("eas-station-live")]


def played(data: bytes, folder: Path) -> Any:
    """Return what a player plays."""
    path = folder / f"{time.monotonic_ns()}.mp3"
    path.write_bytes(data)
    audio, rate = samples(path)
    assert rate == RATE
    return audio


def seconds(data: bytes) -> float:
    return len(data) / BYTES_A_SECOND


@pytest.fixture(autouse=True)
def quiet_end(until: Until) -> Iterator[None]:
    """No end of listening leaves a thread."""
    yield
    while OPEN:
        OPEN.pop().close()
    until(lambda: not threads())


@pytest.mark.parametrize(
    ("attention", "hiss", "block"),
    [
        ("nwr", 0.0, RATE // 10),
        ("broadcast", 0.0, 2 * RATE),
        ("nwr", 0.6, 2 * RATE),
        ("broadcast", 0.6, RATE // 10),
    ],
)
def test_bursts_and_tones_are_silenced_and_the_voice_is_not(
    attention: Any, hiss: float, block: int, tmp_path: Path
) -> None:
    audio = broadcast(before=3.0, attention=attention)
    audio = np.clip(audio + hiss * noise(len(audio) / RATE, 1.0, seed=3), -1, 1)
    pcm = to_int16(audio)
    muter = ToneMuter(RATE)
    parts = [muter.feed(pcm[at : at + block]) for at in range(0, len(pcm), block)]
    rest = muter.feed(np.zeros(round(DELAY_SECONDS * RATE), np.int16))
    heard = np.concatenate((*parts, rest))
    assert len(heard) == len(pcm), "it is late, and nothing of it is missing"
    whole, out = tmp_path / "whole.wav", tmp_path / "out.wav"
    write_wav(whole, audio, RATE)
    write_wav(out, to_float(heard), RATE)
    assert set_off(whole)
    assert not set_off(out)
    kept = heard == pcm
    # The programme before, most of the voice, and what comes after the end.
    assert np.mean(kept[: 2 * RATE]) == 1.0
    assert np.sum(heard != 0) / RATE > 3.0 + 6.0 + 3.0 - 5.0


def test_a_player_begins_at_once_in_the_middle_of_what_is_heard(
    until: Until, tmp_path: Path
) -> None:
    air = Air(until, before=20.0)
    listener = air.listen()
    started = time.monotonic()
    until(lambda: listener._held > 0)
    assert time.monotonic() - started < 2
    first = listener.read()
    assert seconds(first) == pytest.approx(AHEAD_SECONDS, abs=0.2)
    assert np.std(played(first, tmp_path)) > 0.02
    air.send(noise(2.0))
    later = air.listen()
    ahead = later.read()
    assert seconds(ahead) == pytest.approx(AHEAD_SECONDS, abs=0.2)
    audio = played(ahead, tmp_path)
    assert len(audio) / RATE == pytest.approx(AHEAD_SECONDS, abs=0.2)
    assert np.std(audio) > 0.02


def test_who_comes_in_mid_burst_hears_nothing_of_it(
    until: Until, tmp_path: Path
) -> None:
    audio = broadcast(before=8.0, voice=4.0)
    burst = round(9.5 * RATE)
    air = Air(until)
    air._heard = to_int16(audio[:burst])
    listener = air.listen()
    data = b""
    for start in range(burst, len(audio), RATE):
        air.send(audio[start : start + RATE])
        data += listener.read()
    air.live.close()
    path = tmp_path / "live.mp3"
    path.write_bytes(data)
    assert not set_off(path)
    assert np.std(played(data[-BYTES_A_SECOND * 2 :], tmp_path)) > 0.02


def test_nobody_costs_anything_who_does_not_listen(until: Until) -> None:
    air = Air(until, before=5.0)
    air.send(noise(1.0))
    assert threads() == []
    one, other = air.listen(), air.listen()
    assert len(threads()) == 1, "one encoder for both"
    one.leave()
    air.send(noise(1.0))
    assert len(threads()) == 1
    other.leave()
    until(lambda: not threads())
    other.leave()
    again = air.listen()
    until(lambda: again._held > 0)
    again.leave()


def test_who_reads_nothing_loses_the_oldest_and_holds_nobody(
    until: Until, tmp_path: Path
) -> None:
    air = Air(until)
    slow, quick = air.listen(), air.listen()
    data = b""
    for _ in range(15):
        air.send(noise(1.0))
        data += quick.read()
    air.send(noise(DELAY_SECONDS + 0.5))
    data += quick.read()
    assert seconds(data) == pytest.approx(15 + DELAY_SECONDS + 0.5, abs=0.5)
    assert quick.lost_frames == 0
    assert slow.lost_frames > 0
    late = slow.read()
    assert seconds(late) == pytest.approx(WAITING_SECONDS, abs=0.2)
    assert data.endswith(late[-1000:])
    assert np.std(played(late, tmp_path)) > 0.02, "it goes on at a frame's begin"


def test_a_source_that_is_down_is_silent_and_then_heard_again(
    until: Until, tmp_path: Path
) -> None:
    air = Air(until, before=5.0)
    listener = air.listen()
    air.send(noise(1.0))
    until(lambda: seconds_waiting(listener) > 2 + DELAY_SECONDS + 1)
    silent = listener.read()[-BYTES_A_SECOND // 2 :]
    assert np.max(np.abs(played(silent, tmp_path)[2000:])) < 0.001
    air.send(noise(4.0))
    assert np.std(played(listener.read()[-BYTES_A_SECOND:], tmp_path)) > 0.02


def seconds_waiting(listener: LiveListener) -> float:
    return listener._held / BYTES_A_SECOND


def test_a_rate_that_changes_is_heard_on(until: Until, tmp_path: Path) -> None:
    air = Air(until, before=5.0)
    listener = air.listen()
    air.send(noise(1.0))
    wide = to_int16(np.repeat(noise(4.0), 3))
    for start in range(0, len(wide), RATE):
        air.live.hear("main", wide[start : start + RATE], 3 * RATE)
        until(lambda: not air.live._running["main"]._queue)
    until(lambda: seconds_waiting(listener) > 4)
    assert np.std(played(listener.read()[-BYTES_A_SECOND:], tmp_path)) > 0.02


def test_the_end_is_told(until: Until) -> None:
    air = Air(until, before=5.0)
    woken: list[bool] = []
    listener = air.live.listen("main", lambda: woken.append(True))
    until(lambda: bool(woken))
    air.live.close()
    assert listener.ended
    until(lambda: not threads())
    after = air.listen()
    assert not after.ended
    after.leave()


def test_what_breaks_the_encoder_ends_its_listeners_and_nothing_else(
    until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    air = Air(until, before=5.0)
    listener = air.listen()
    air.live.hear("main", np.zeros(100, np.int16), 7)
    until(lambda: listener.ended)
    assert "Live audio has ended" in caplog.text
    again = air.listen()
    until(lambda: again._held > 0)


def test_a_channel_that_is_none_names_those_that_are(until: Until) -> None:
    with pytest.raises(LiveError, match="main"):
        Air(until).live.listen("162.550", lambda: None)


def test_a_station_can_be_listened_to_over_its_stop_and_start(
    scripted: Any, clock: Any, until: Until
) -> None:
    station = Station(scripted([noise(60.0)]), StationOptions(name="test"), clock)
    listener = station.live.listen("main", lambda: None)
    station.start()
    until(lambda: listener._held > 0)
    station.stop()
    assert not listener.ended
    listener.read()
    until(lambda: listener._held > 0)
    station.live.close()
