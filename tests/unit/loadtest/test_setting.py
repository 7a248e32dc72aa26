"""A setting beside none: medians, and the ratios of rounds."""

from loadtest.bench.setting import Drained, Pair, table


def test_each_round_is_a_ratio_of_its_own() -> None:
    pairs = [
        Pair(Drained(100, 10, 4), Drained(200, 10, 2)),
        Pair(Drained(400, 20, 4), Drained(400, 10, 4)),
        Pair(Drained(200, 10, 4), Drained(300, 10, 3)),
    ]
    _head, _rule, per_s, worker, postgres = table("wal_compression = lz4", pairs).splitlines()
    assert per_s == "| commands/s | 200.0 | 300.0 | 1.50 (1.00 to 2.00) |"
    assert worker == "| worker, µs a command | 10.0 | 10.0 | 1.00 (0.50 to 1.00) |"
    assert postgres == "| PostgreSQL, µs a command | 4.0 | 3.0 | 0.75 (0.50 to 1.00) |"
