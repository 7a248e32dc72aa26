"""Processor time by component, between two looks."""

from loadtest.bench.spent import between


def test_what_was_used_is_told_by_component_and_the_rest_together() -> None:
    before = {"worker": 1.0, "audit": 2.0, "payments": 1.0, "load generator": 3.0}
    after = {"worker": 1.5, "audit": 2.25, "payments": 1.5, "load generator": 4.0}
    used = between(before, after)
    assert {name: seconds for name, seconds in used.items() if seconds} == {
        "worker": 0.5,
        "others": 0.75,
        "load generator": 1.0,
    }
    assert {"gateway", "write_api", "kafka", "postgres", "redis", "sync_service", "mongo"} <= used.keys()


def test_what_was_not_there_before_has_used_all_that_it_has() -> None:
    assert between({}, {"worker": 0.5})["worker"] == 0.5
