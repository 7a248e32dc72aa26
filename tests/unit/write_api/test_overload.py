"""What waited too long to be read."""

import pytest

from write_api.overload import is_stale

NOW = 1_796_000_000.0


@pytest.mark.parametrize(
    ("started", "stale"),
    [
        (b"t=1796000000.000", False),
        (b"t=1795999998.501", False),
        (b"t=1795999998.499", True),
        (b"t=1795999997.001", True),
        (b"t=1795999996.999", False),
        (b"t=1796000002.000", False),
        (b"yesterday", False),
        (b"", False),
    ],
)
def test_half_of_the_gateways_patience_is_too_long_and_all_of_it_is_another_clock(
    started: bytes, *, stale: bool
) -> None:
    assert is_stale(started, NOW) is stale
