"""What processes' metrics say of the last minute: rates over all processes, and latencies from their buckets."""

import pytest

from audit.measuring import KEPT, MEMORY, Measured, latencies, quantile_ms, rates, sample_of


def _text(accepted: int, refused: int = 0) -> str:
    return f"""# TYPE frontrow_write_api_commands_total counter
frontrow_write_api_commands_total{{result="accepted"}} {accepted}
frontrow_write_api_commands_total{{result="log_unavailable"}} {refused}
frontrow_http_request_duration_seconds_bucket{{endpoint="book",le="0.01"}} {accepted}
frontrow_http_request_duration_seconds_bucket{{endpoint="book",le="0.1"}} {2 * accepted}
frontrow_http_request_duration_seconds_bucket{{endpoint="book",le="+Inf"}} {2 * accepted}
frontrow_http_request_duration_seconds_count{{endpoint="book"}} {2 * accepted}
frontrow_something_else_total 7
{MEMORY} 1.5e+08
"""


def _measured(*accepted: int, every_s: float = 5.0) -> Measured:
    measured = Measured()
    for number, count in enumerate(accepted):
        measured.add(number * every_s, sample_of(_text(count)))
    return measured


def _rate(*processes: Measured) -> float | None:
    return {rate.name: rate.per_s for rate in rates("write_api", processes)}["accepted"]


def test_a_rate_is_what_was_counted_in_the_time_that_is_known() -> None:
    assert _rate(_measured(0, 50, 100)) == 10
    assert _rate(_measured(0, 50), _measured(100, 200)) == 30


def test_one_sample_says_nothing_of_a_rate() -> None:
    assert _rate(_measured(100)) is None
    assert _rate() is None


def test_a_process_that_began_anew_has_counted_since() -> None:
    assert _rate(_measured(1_000, 50)) == 10


def test_only_the_last_minute_counts() -> None:
    assert _rate(_measured(*[0] * 5, *[500] * KEPT)) == 0


def test_a_gauge_is_as_it_was_last() -> None:
    assert _measured(1, 2).last(MEMORY) == 150_000_000
    assert Measured().last(MEMORY) is None


def test_latencies_are_read_from_what_the_buckets_grew_by() -> None:
    book = latencies("write_api", [_measured(100, 200)])[0]
    assert (book.name, book.p50_ms, book.p99_ms) == ("book", 10.0, 98.2)
    assert latencies("write_api", [_measured(100, 100)])[0].p50_ms is None


@pytest.mark.parametrize(
    ("buckets", "share", "ms"),
    [
        ({}, 0.5, None),
        ({0.1: 0, float("inf"): 0}, 0.5, None),
        ({0.1: 10, float("inf"): 10}, 0.5, 50.0),
        ({0.1: 0, float("inf"): 10}, 0.5, 100.0),
    ],
)
def test_a_quantile_lies_within_its_bucket(buckets: dict[float, float], share: float, ms: float | None) -> None:
    assert quantile_ms(buckets, share) == ms
