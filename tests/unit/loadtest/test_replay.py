"""The worker's own SQL as a script for pgbench: what is no variable looks like none, and where it is cut."""

from loadtest.bench.recorder import BEGINS, COMMITTED, ENDS, as_line
from loadtest.bench.replay import cut

FIRST = f"{BEGINS}BEGIN;\nSELECT 1;\n{ENDS}{BEGINS}{COMMITTED}"
SECOND = f"{BEGINS}BEGIN;\nSELECT 2;\n{ENDS}{BEGINS}{COMMITTED}"


def test_a_statement_is_one_line() -> None:
    assert as_line("SELECT 1\n  FROM seats") == "SELECT 1   FROM seats;\n"


def test_nothing_in_a_document_looks_like_a_variable() -> None:
    assert as_line("""SELECT '{"offer":null,"at":1}'::jsonb""") == """SELECT '{"offer": null,"at": 1}'::jsonb;\n"""


def test_a_script_is_cut_behind_a_whole_transaction() -> None:
    said = FIRST + SECOND
    for at in (len(FIRST), len(FIRST) + len(BEGINS) + 3, len(FIRST) + len(SECOND) - 1):
        assert cut(said, at) == (FIRST, SECOND)
    assert cut(said, len(said)) == (said, "")
