"""One run, kept as JSON and shown as the table that the README quotes."""

from dataclasses import replace

import pytest

from loadtest.bench.figure import compared, measured
from loadtest.bench.results import Run, from_json, markdown, to_json

RUN = Run(
    commit="abc1234",
    at="2026-11-25T10:00:00Z",
    machine="2 cores.",
    versions={"NGINX": "1.22.1", "Kafka": "4.3.1"},
    seconds=590.4,
    figures=[
        compared("durable", [(4_000, 1_000), (4_400, 1_000)], "bookings/s", "direct", target=3.5),
        measured("second start", [12.4], "s", better="less", target=12),
        measured("records", [120_000], "records/s"),
    ],
    cpu_us={"gateway": 44.0, "write_api": 171.4},
    notes=["a note"],
    broken=[],
)


def test_a_run_comes_back_from_its_json() -> None:
    assert from_json(to_json(RUN)) == RUN


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"figures": [{}]}', to_json(RUN).replace('"at"', '"when"')])
def test_what_is_no_run_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no result of make bench"):
        from_json(text)


def test_a_missed_target_is_marked_and_no_other() -> None:
    lines = markdown(RUN).splitlines()
    assert "| durable, against direct | ≥ 3.5 | 4.20 (4,200 against 1,000 bookings/s) | 4.00 to 4.40 |" in lines
    assert "| second start | ≤ 12 s | 12.4 s **(missed)** |  |" in lines
    assert "| records |  | 120,000 records/s |  |" in lines


def test_it_says_what_a_booking_costs_and_where_it_was_measured() -> None:
    text = markdown(RUN)
    assert "- Processor time for an accepted booking, µs: gateway 44.0, write_api 171.\n" in text
    assert "- a note\n" in text
    assert "- Commit abc1234, 2026-11-25T10:00:00Z, 590 s. 2 cores. NGINX 1.22.1, Kafka 4.3.1.\n" in text
    assert "Nothing was lost" in text


def test_what_was_lost_makes_the_figures_void() -> None:
    text = markdown(replace(RUN, broken=["3 bookings were lost"]))
    assert "these figures mean nothing" in text
    assert "- 3 bookings were lost\n" in text
    assert "Nothing was lost" not in text
