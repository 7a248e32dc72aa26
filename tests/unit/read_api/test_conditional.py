"""What a caller has already is not sent again."""

import pytest
from starlette.requests import Request

from read_api.conditional import answer, etag, rfc3339


def _request(*conditions: str) -> Request:
    headers = [(b"if-none-match", condition.encode()) for condition in conditions]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": headers})


def test_a_tag_follows_from_the_versions_alone() -> None:
    assert etag("ledger", [("a", 1), ("b", 2)]) == etag("ledger", [("a", 1), ("b", 2)])
    assert etag("ledger", [("a", 1), ("b", 2)]) != etag("ledger", [("a", 2), ("b", 1)])
    assert etag("ledger", []) != etag("other", [])


@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        ([], 200),
        (['"t"'], 304),
        (['W/"t"'], 304),
        (['"a", "t"'], 304),
        (['"a,b" , W/"t"'], 304),
        (['"a"', '"t"'], 304),
        (["*"], 304),
        (["t"], 200),
        (['"T"'], 200),
        (['"a*"'], 200),
    ],
)
def test_a_condition_compares_weakly_and_takes_lists(conditions: list[str], status: int) -> None:
    assert answer(_request(*conditions), '"t"', 0, lambda: b"{}").status_code == status


def test_what_the_caller_has_is_not_rendered() -> None:
    def render() -> bytes:
        raise AssertionError

    assert answer(_request('"t"'), '"t"', None, render).body == b""


def test_the_time_of_a_view_is_rfc_3339_and_left_out_when_nothing_is_known() -> None:
    assert rfc3339(1_798_859_045_678) == "2027-01-02T03:04:05.678Z"
    assert "frontrow-as-of" not in answer(_request(), '"t"', None, lambda: b"{}").headers
