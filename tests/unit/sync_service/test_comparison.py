"""Two views beside each other, and a view beside the ledger."""

from typing import Any

from sync_service.comparison import Key, Pages, behind, different, sentence

NAMES = ("old", "new")


def documents(*ids: str, **fields: object) -> list[dict[str, Any]]:
    return [{"_id": key, **fields} for key in ids]


def by_id(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {document["_id"]: document for document in found}


def test_what_only_one_has_or_both_have_differently_is_different() -> None:
    old, new = by_id(documents("a", "b", n=1)), by_id([*documents("b", n=2), *documents("c", n=1)])
    assert list(different(old, new)) == ["a", "b", "c"]
    assert list(different(old, old)) == []


def test_a_full_page_says_nothing_of_what_follows_it() -> None:
    pages = Pages(2)
    old, new = pages.take(documents("a", "b"), documents("a", "c"))
    assert (list(old), list(new), pages.after, pages.done) == (["a", "b"], ["a"], "b", False)
    old, new = pages.take(documents("c"), documents("c", "d"))
    assert (list(old), list(new), pages.after, pages.done) == (["c"], ["c", "d"], "d", False)
    assert pages.take([], []) == ({}, {})
    assert pages.done


def test_a_difference_is_told_field_by_field() -> None:
    (old,), (new,) = documents("a", status="held", n=1), documents("a", status="booked", n=1)
    assert sentence(Key("blocks", "a"), old, new, names=NAMES) == "blocks a: status is 'held' in old, 'booked' in new"
    assert sentence(Key("blocks", "a"), None, new, names=NAMES) == "blocks a: new has it, old does not"
    assert sentence(Key("blocks", "a"), old, None, names=NAMES) == "blocks a: old has it, new does not"
    (long,) = documents("a", status="x" * 5_000, n=1)
    assert len(sentence(Key("blocks", "a"), old, long, names=NAMES)) < 300


def test_what_the_ledger_is_ahead_of_is_late_and_everything_else_is_wrong() -> None:
    now = [*documents("same", "older", "missing", version=2), *documents("other", version=2, status="b")]
    shown = [
        *documents("same", version=2),
        *documents("older", version=1),
        *documents("other", version=2, status="a"),
        *documents("nobody's", version=1),
    ]
    assert behind(shown, now) == ({"older": 2, "missing": 2}, {"other", "nobody's"})
    assert behind(documents("a", version=3), documents("a", version=2)) == ({}, {"a"})
