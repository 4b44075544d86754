"""One radio, many channels: each decoded by itself, one alert for all."""

from typing import Any

import numpy as np
import pytest

from eas_core.radio.plan import NWR_CHANNELS, channel_name, nwr_plan
from eas_core.sources.source import SourceErrorReason
from eas_core.station import (
    Alert,
    AlertUpdated,
    ChannelStatus,
    EndOfMessage,
    SignalReading,
    SourceState,
    SourceStatus,
    SpectrumReading,
    Station,
    StationOptions,
)
from eas_core.station.scan import propose, scan
from tests.core.station.hearing import TORNADO, Until, heard, message, of, states
from tests.core.station.radio import AUDIO_RATE, DeadAir, Radio, sent

EVENTS = ("TOR", "SVR", "FFW", "RWT", "RMT", "CAE", "LAE")
NAMES = [channel_name(each) for each in NWR_CHANNELS]
CLEVELAND = (41.4993, -81.6944)


def test_seven_channels_are_decoded_at_once_each_by_itself(
    clock: Any, until: Until
) -> None:
    radio = Radio(
        {
            frequency: sent(TORNADO.replace("TOR", event), 0.5 + 0.2 * number)
            for number, (frequency, event) in enumerate(
                zip(NWR_CHANNELS, EVENTS, strict=True)
            )
        }
    )
    records = heard(radio, clock, until, radio=nwr_plan())
    alerts = {alert.channels: alert.event_code for alert in of(records, Alert)}
    assert alerts == {(name,): event for name, event in zip(NAMES, EVENTS, strict=True)}
    ends = of(records, EndOfMessage)
    assert sorted(end.channels for end in ends) == [(name,) for name in NAMES]
    assert {end.alert_id for end in ends} == {alert.id for alert in of(records, Alert)}


def test_one_message_on_two_channels_is_one_alert_that_names_both(
    clock: Any, until: Until
) -> None:
    radio = Radio({NWR_CHANNELS[0]: sent(TORNADO), NWR_CHANNELS[6]: sent(TORNADO, 0.6)})
    records = heard(radio, clock, until, radio=nwr_plan())
    (alert,) = of(records, Alert)
    assert alert.channels == ("162.400", "162.550")
    assert alert.corroborated
    assert of(records, AlertUpdated) == []
    (end,) = of(records, EndOfMessage)
    assert end.alert_id == alert.id


def test_a_channel_that_sends_it_later_is_added_to_the_alert(
    clock: Any, until: Until
) -> None:
    radio = Radio({NWR_CHANNELS[0]: sent(TORNADO), NWR_CHANNELS[6]: sent(TORNADO, 5.0)})
    records = heard(radio, clock, until, radio=nwr_plan())
    (alert,) = of(records, Alert)
    (update,) = of(records, AlertUpdated)
    assert alert.channels == ("162.400",)
    assert update.alert.channels == ("162.400", "162.550")
    assert len(of(records, EndOfMessage)) == 1


def test_only_the_channels_of_the_plan_are_decoded(clock: Any, until: Until) -> None:
    radio = Radio({NWR_CHANNELS[0]: sent(TORNADO)})
    records = heard(radio, clock, until, radio=nwr_plan(NWR_CHANNELS[5:]))
    assert of(records, Alert) == []


def test_a_radio_tells_the_signal_of_each_channel_and_the_band(
    clock: Any, until: Until
) -> None:
    voice = 0.3 * np.sin(np.arange(8 * AUDIO_RATE) * 0.4).astype(np.float32)
    station = Station(
        Radio({NWR_CHANNELS[6]: voice}),
        StationOptions(name="test", radio=nwr_plan()),
        clock,
    )
    records: list[Any] = []
    station.listen(records.append)
    station.start()
    until(lambda: not station.running)
    signals = {one.quality.channel: one.quality for one in of(records, SignalReading)}
    assert list(signals) == NAMES
    assert signals["162.550"].snr_db > 15
    assert signals["162.400"].snr_db < 3
    assert len(of(records, SpectrumReading)) <= 5 * 8
    assert len(of(records, SpectrumReading)[-1].spectrum.power_dbfs) == 256
    states_of = {one.channel: one.state for one in of(records, ChannelStatus)}
    assert states_of["162.550"] is SourceState.HEARING
    assert states_of["162.400"] is SourceState.NO_SIGNAL
    assert SourceState.HEARING in states(records)
    health = {one.status.channel: one for one in station.health.channels}
    quality, level = health["162.550"].quality, health["162.550"].level
    assert quality is not None
    assert quality.power_dbfs == pytest.approx(-25, abs=1)
    assert level is not None
    assert level.rms_dbfs > -30


def test_a_radio_without_an_antenna_has_no_signal(clock: Any, until: Until) -> None:
    records = heard(DeadAir(8.0), clock, until, radio=nwr_plan())
    assert states(records) == [
        SourceState.STARTING,
        SourceState.NO_SIGNAL,
        SourceState.STOPPED,
    ]
    assert of(records, SourceStatus)[1].reason is SourceErrorReason.NO_CARRIER


def test_lost_samples_degrade_it_and_the_message_lives(
    clock: Any, until: Until
) -> None:
    # Between two bursts.
    radio = Radio({NWR_CHANNELS[6]: sent(TORNADO)}, lose=(18, 20))
    records = heard(radio, clock, until, radio=nwr_plan())
    assert [alert.header for alert in of(records, Alert)] == [TORNADO]
    degraded = [
        one.reason
        for one in of(records, SourceStatus)
        if one.state is SourceState.DEGRADED
    ]
    assert degraded == [SourceErrorReason.LOSING_SAMPLES]


def test_a_station_for_a_radio_refuses_audio(
    scripted: Any, clock: Any, until: Until
) -> None:
    source = scripted([message()])
    station = Station(source, StationOptions(name="test", radio=nwr_plan()), clock)
    station.start()
    until(lambda: station.status.state is SourceState.DOWN)
    station.stop()
    assert dict(station.health.failures)[SourceErrorReason.INVALID_OPTION] >= 1


def test_a_scan_ranks_what_is_heard_and_names_who_it_should_be(clock: Any) -> None:
    voice = 0.3 * np.sin(np.arange(8 * AUDIO_RATE) * 0.4).astype(np.float32)
    radio = Radio({NWR_CHANNELS[0]: voice, NWR_CHANNELS[6]: voice})
    shares: list[float] = []
    scanned = scan(radio, *CLEVELAND, seconds=7.0, progress=shares.append, clock=clock)
    assert [one.channel.name for one in scanned[:2]] == ["162.550", "162.400"]
    assert [one.heard for one in scanned] == [True, True] + [False] * 5
    assert scanned[0].serves_home
    assert not scanned[1].serves_home
    assert scanned[0].transmitters[0].transmitter.call_sign == "KHB59"
    assert propose(scanned) == [NWR_CHANNELS[0], NWR_CHANNELS[6]]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_scan_that_hears_nothing_proposes_all_seven(clock: Any) -> None:
    scanned = scan(DeadAir(6.0), *CLEVELAND, seconds=5.0, clock=clock)
    assert not any(one.heard for one in scanned)
    assert propose(scanned) == list(NWR_CHANNELS)
