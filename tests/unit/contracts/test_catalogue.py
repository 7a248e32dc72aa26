"""The catalogue: what is written and what is asked fold alike."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from contracts.catalogue import MAX_WORDS, folded, is_time_zone, local_time, words_of


def test_case_accents_and_blanks_do_not_matter() -> None:
    assert folded("  São   PAULO ") == folded("sao paulo") == "sao paulo"
    assert words_of("Žižkov's Night-Train!", None, "train") == ["zizkov", "s", "night", "train"]


@given(st.text())
def test_what_is_folded_once_is_folded(text: str) -> None:
    assert words_of(folded(text)) == words_of(text)
    assert len(words_of(text * 100)) <= MAX_WORDS


def test_local_time_is_the_venue_s_and_utc_where_nobody_knows_it() -> None:
    moment = datetime(2027, 7, 1, 22, 30, tzinfo=UTC)
    assert local_time(moment, "Europe/Vienna").isoformat() == "2027-07-02T00:30:00+02:00"
    assert local_time(moment, "Nowhere/Town") == moment


def test_a_path_or_a_folder_is_no_time_zone() -> None:
    assert is_time_zone("America/Argentina/Buenos_Aires")
    assert not any(is_time_zone(name) for name in ("", "Europe", "../../etc/passwd", "/etc/passwd", "Europe/Nowhere"))
