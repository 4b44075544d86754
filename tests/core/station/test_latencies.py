"""The newest times, and what half and nearly all of them are below."""

from eas_core.station.latencies import KEPT, Latencies, Latency


def test_of_none_nothing_is_known() -> None:
    assert Latencies().latency == Latency(count=0, p50_s=None, p99_s=None, most_s=None)


def test_quantiles_are_of_the_newest_and_the_count_of_all() -> None:
    latencies = Latencies()
    for _ in range(KEPT):
        latencies.add(9.0)
    for hundredth in range(KEPT):
        latencies.add(hundredth / 100)
    assert latencies.latency == Latency(
        count=2 * KEPT, p50_s=1.27, p99_s=2.53, most_s=2.55
    )
