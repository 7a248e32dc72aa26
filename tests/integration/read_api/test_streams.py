"""Streams: a snapshot, then what becomes of it, each thing once, in order, and to whoever comes back what it missed."""

import asyncio
import socket
from collections.abc import Sequence

import pytest
from fastapi import FastAPI

from contracts import views
from contracts.ids import ACCEPTANCE_BOUND_MS
from read_api.live import hub, stream
from read_api.live.event_subject import EventSubject
from runtime import http
from tests.eventually import eventually_async
from tests.integration.read_api.conftest import AS_OF, AS_OF_MS, ISSUED_AT_MS, Shown, issue
from tests.integration.read_api.hearing import SOON_S, data, first_bytes, get, heard, listen, shows
from tests.stalls import within

PATH = "/api/events/concert123/stream"


async def test_a_stream_begins_with_everything_and_goes_on_with_what_changes(served: str, shown: Shown) -> None:
    await shown.watermark({"0": AS_OF_MS})
    await shown.event("concert123", "aab", "ah")
    with listen(served, PATH) as listeners:
        (snapshot,) = await heard(listeners.all[0], 1)
        assert snapshot.name == "snapshot"
        assert data(snapshot)["seats"] == {"available": ["A1", "A2", "B1"], "held": ["B2"], "booked": ["A3"]}
        assert data(snapshot)["sections"][1] == {
            "section": "section-B",
            "version": 3,
            "seats_total": 2,
            "seats_available": 1,
        }
        listed = (await get(served, "/api/events/concert123")).json()
        listed.pop("seats")
        listed.pop("description")
        assert data(snapshot)["event"] == listed
        await shown.block("concert123", 0, "abb", 4)
        await shown.mongo.write_newer(views.EVENTS, [{"_id": "concert123", "version": 10, "name": "Another name"}])
        await shows(listeners.all[0], A1="available", A2="booked", A3="booked")
        changes = [data(message) for message in listeners.all[0].heard[1:]]
        assert changes[0]["sections"] == [
            {"section": "section-A", "version": 4, "seats_total": 3, "seats_available": 1}
        ]
        assert changes[0]["seats"] == {"booked": ["A2"]}

        async def renamed() -> None:
            told = [data(message)["event"] for message in listeners.all[0].heard[1:]]
            assert {"name": "Another name", "version": 10}.items() <= {k: v for e in told for k, v in e.items()}.items()

        await eventually_async(renamed, within_s=SOON_S)
        assert {message.name for message in listeners.all[0].heard[1:]} == {"change"}


async def test_a_stream_says_when_to_come_back_and_is_not_kept(served: str, shown: Shown) -> None:
    await shown.watermark({"0": AS_OF_MS})
    await shown.event("concert123", "a")
    head, text = await first_bytes(served, PATH)
    assert head.headers["content-type"].startswith("text/event-stream")
    assert (head.headers["cache-control"], head.headers["frontrow-as-of"]) == ("no-store", AS_OF)
    retry, event, mark, *_ = text.split("\n")
    assert 2_000 <= int(retry.removeprefix("retry: ")) <= 5_000
    assert event == "event: snapshot"
    assert mark.startswith("id: ")
    answer = await get(served, PATH, "HEAD")
    assert (answer.status_code, answer.headers["content-type"]) == (200, head.headers["content-type"])


async def test_what_the_snapshot_has_is_not_told_again(served: str, shown: Shown) -> None:
    await shown.watermark({"0": AS_OF_MS})
    await shown.event("concert123", "aaaaaaaaaa")
    statuses = ["".join("b" if seat < booked else "a" for seat in range(10)) for booked in range(11)]

    async def book(from_: int, to: int) -> None:
        for booked in range(from_, to):
            await shown.block("concert123", 0, statuses[booked], 3 + booked)

    everybody = []
    for n in range(1, 10):  # one comes before each booking, so that their snapshots are read while changes come
        writing = asyncio.create_task(book(n, n + 1))
        everybody.append(listeners := listen(served, PATH))
        listeners.__enter__()
        await writing
    try:
        for listeners in everybody:
            await shows(listeners.all[0], A9="booked", A10="available")
            told = [data(message)["sections"][0]["version"] for message in listeners.all[0].heard]
            assert told == sorted(set(told)), "each version at most once, and in order"
    finally:
        for listeners in everybody:
            listeners.__exit__(None, None, None)


async def test_what_changes_while_a_stream_s_snapshot_is_read_is_told(
    served: str, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shown.watermark({"0": AS_OF_MS})
    await shown.event("concert123", "aaa")
    await shown.event("another", "aaa")
    read = EventSubject.read
    with listen(served, "/api/events/another/stream") as others:
        await heard(others.all[0], 1)

        async def slowly(subject: EventSubject) -> object:
            found = await read(subject)
            if subject.key == "concert123":
                await shown.block("concert123", 0, "aba", 4)
                await shown.block("another", 0, "aba", 4)
                await shows(others.all[0], A2="booked")  # the watch has told of both
            return found

        monkeypatch.setattr(EventSubject, "read", slowly)
        with listen(served, PATH) as listeners:
            await shows(listeners.all[0], A2="booked")


async def test_who_comes_back_is_told_what_it_missed_and_nothing_else(served: str, shown: Shown) -> None:
    await shown.watermark({"0": AS_OF_MS})
    await shown.event("concert123", "aaa")
    with listen(served, PATH) as listeners:
        (snapshot,) = await heard(listeners.all[0], 1)
        for booked in (1, 2):
            await shown.block("concert123", 0, "b" * booked + "a" * (3 - booked), 3 + booked)
            await heard(listeners.all[0], 1 + booked)
        first, second = listeners.all[0].heard[1:]
    _, text = await first_bytes(served, PATH, until=second.data, Last_Event_ID=snapshot.mark)
    assert "snapshot" not in text
    assert text.index(first.data) < text.index(second.data)
    _, text = await first_bytes(served, PATH, Last_Event_ID=first.mark)
    assert first.data not in text
    assert second.data in text
    _, text = await first_bytes(served, PATH, Last_Event_ID=second.mark)
    assert text.split("\n")[1] == f": as of {AS_OF}"
    assert "data:" not in text


async def test_an_id_that_says_nothing_here_gets_a_snapshot(served: str, shown: Shown) -> None:
    await shown.watermark({"0": AS_OF_MS})
    await shown.event("concert123", "aaa")
    await shown.event("another", "aaa")
    (_, other), (_, own) = await first_bytes(served, "/api/events/another/stream"), await first_bytes(served, PATH)
    ids = [text.split("\n")[2].removeprefix("id: ") for text in (other, own)]
    assert ids[0].partition("-")[2] == ids[1].partition("-")[2], "the same versions"
    for unknown in (ids[0], f"{ids[1]}9", "0-1", "yesterday", "x" * 500):
        _, text = await first_bytes(served, PATH, Last_Event_ID=unknown)
        assert "event: snapshot" in text


async def test_the_ids_of_a_process_are_those_of_every_other(served: str, app: FastAPI, shown: Shown) -> None:
    await shown.watermark({"0": AS_OF_MS})
    await shown.event("concert123", "aaa")
    _, before = await first_bytes(served, PATH)
    mark = before.split("\n")[2].removeprefix("id: ")
    app.state.stopping.set()  # so that this one has nothing to remember

    async def again() -> None:
        _, text = await first_bytes(served, PATH, Last_Event_ID=mark)
        assert "snapshot" not in text

    await again()


async def test_places_without_numbers_are_counted_and_huge_halls_tell_their_sections(
    served: str, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("read_api.live.event_subject.MAX_SEATS_NAMED", 5)
    await shown.watermark({"0": AS_OF_MS})
    await shown.event("huge", "aaa", "aaa")
    await shown.event("standing", "aa", "aa")
    standing = {"_id": "standing:1"}
    await shown.mongo.update(views.LAYOUTS, standing, {"$set": {"general_admission": True}})
    with listen(served, "/api/events/huge/stream") as huge, listen(served, "/api/events/standing/stream") as mixed:
        await heard(huge.all[0], 1)
        await heard(mixed.all[0], 1)
        await shown.block("huge", 1, "baa", 4)
        await shown.block("standing", 1, "ba", 4)
        snapshot, change = map(data, await heard(huge.all[0], 2))
        assert (snapshot["seats"], change["seats"]) == (None, None)
        assert [section["seats_available"] for section in change["sections"]] == [2]
        snapshot, change = map(data, await heard(mixed.all[0], 2))
        assert snapshot["seats"]["available"] == ["A1", "A2"]
        assert change["seats"] == {}
        assert [section["seats_available"] for section in change["sections"]] == [1]


async def test_a_view_that_is_put_in_place_of_another_is_read_again(served: str, shown: Shown) -> None:
    await shown.watermark({"0": AS_OF_MS})
    await shown.event("concert123", "aa")
    with listen(served, PATH) as listeners:
        await heard(listeners.all[0], 1)
        await _replace_blocks(shown, ("ab", 4))
        await shows(listeners.all[0], A1="available", A2="booked")
        assert [message.name for message in listeners.all[0].heard] == ["snapshot", "change"]
        # Another ledger: what it says counts, whatever its versions.
        await shown.mongo.drop(views.WATERMARK)
        await shown.watermark({"0": AS_OF_MS}, incarnation="ledger-2")
        await _replace_blocks(shown, ("ba", 2))

        async def anew() -> None:
            last = listeners.all[0].heard[-1]
            assert last.name == "snapshot"
            assert data(last)["seats"] == {"available": ["A2"], "held": [], "booked": ["A1"]}

        await eventually_async(anew, within_s=SOON_S)


async def _replace_blocks(shown: Shown, *blocks: tuple[str, int]) -> None:
    documents = [
        {
            "_id": f"concert123:{n}",
            "event_id": "concert123",
            "block": n,
            "section": f"section-{chr(ord('A') + n)}",
            "status": status,
            "version": version,
        }
        for n, (status, version) in enumerate(blocks)
    ]
    await shown.mongo.insert_new("blocks_other", documents)
    await shown.mongo.replace_collection(views.BLOCKS, by="blocks_other")


async def test_a_view_that_nobody_moves_is_told_to_be_stale_until_it_moves(
    served: str, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "STALE_AFTER_S", 1.5)
    monkeypatch.setattr(hub, "HEARTBEAT_S", 2.0)
    await shown.watermark({"0": AS_OF_MS})
    await shown.event("concert123", "aa")
    with listen(served, PATH) as listeners:
        _, stale = await heard(listeners.all[0], 2)
        assert (stale.name, data(stale)) == ("stale", {"as_of": AS_OF})
        _, text = await first_bytes(served, PATH, until="stale")
        assert text.index("event: snapshot") < text.index("event: stale"), "whoever comes meanwhile is told too"
        await shown.watermark({"0": AS_OF_MS + 1_000})
        _, _, fresh = await heard(listeners.all[0], 3)
        assert (fresh.name, data(fresh)) == ("fresh", {"as_of": AS_OF.replace("10.678", "11.678")})

        async def heartbeat() -> None:
            assert listeners.all[0].comments

        await eventually_async(heartbeat, within_s=SOON_S)


async def test_a_client_that_does_not_read_is_let_go_and_the_others_hear_everything(
    served: str, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "SLOW_AFTER_S", 1.0)
    await shown.watermark({"0": AS_OF_MS})
    await shown.event("concert123", *["a" * 1_000] * 20)
    host, _, port = served.removeprefix("http://").partition(":")
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    deaf.connect((host, int(port)))
    deaf.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    with listen(served, PATH) as listeners, deaf:
        await heard(listeners.all[0], 1)
        version = 3

        async def let_go() -> None:
            nonlocal version
            version += 1
            status = "ab"[version % 2] * 1_000
            blocks = [{"_id": f"concert123:{n}", "status": status, "version": version} for n in range(20)]
            await shown.mongo.write_newer(views.BLOCKS, blocks)
            metrics = (await get(served, "/metrics")).text
            assert 'frontrow_streams_open{kind="event"} 1.0' in metrics
            assert 'frontrow_streams_dropped_total{kind="event"} 1.0' in metrics

        # The kernel takes some megabytes before it takes no more.
        await eventually_async(let_go, within_s=60)
        await shows(listeners.all[0], A1=("available", "booked")[version % 2])
        assert listeners.all[0].statuses == [200], "it was never let go"


async def test_there_are_at_most_so_many_streams(served: str, shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream.Streams, "room", lambda self: len(self._open) < 2)
    await shown.watermark({"0": AS_OF_MS})
    await shown.event("concert123", "aa")
    with listen(served, PATH, 2) as listeners:
        for listener in listeners.all:
            await heard(listener, 1)
        answer = await get(served, f"{PATH}")
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/overloaded")
        assert answer.headers["retry-after"] in {"1", "2", "3"}
    await eventually_async(lambda: _opens(served), within_s=SOON_S)


async def _opens(served: str) -> None:
    head, _ = await first_bytes(served, PATH)
    assert head.status_code == 200


@pytest.mark.parametrize("path", ["/api/events/nope/stream", "/api/events/a%20b/stream", "/api/bookings/bk_1/stream"])
async def test_what_is_not_there_has_no_stream(served: str, path: str) -> None:
    answer = await get(served, path)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


async def test_a_process_that_is_to_stop_lets_its_streams_go_at_once(served: str, app: FastAPI, shown: Shown) -> None:
    await shown.watermark({"0": AS_OF_MS})
    await shown.event("concert123", "aa")
    with listen(served, PATH, 20) as listeners:
        for listener in listeners.all:
            await heard(listener, 1)
        for listener in listeners.all:
            listener.statuses.clear()

        async def gone() -> None:
            assert all(listener.statuses or not listener.connected for listener in listeners.all)

        with within(2):
            http.stopping(app).set()
            await eventually_async(gone)


async def test_a_booking_is_followed_to_its_end_and_who_has_heard_it_is_sent_away(served: str, shown: Shown) -> None:
    booking_id = issue()
    path = f"/api/bookings/{booking_id}/stream"
    with listen(served, path) as listeners:
        (pending,) = await heard(listeners.all[0], 1)
        assert (pending.name, data(pending)["status"]) == ("snapshot", "pending")
        await shown.booking(booking_id, status="held", expires_at="2027-01-02T03:06:05.700Z")
        await heard(listeners.all[0], 2)
        await shown.booking_became(booking_id, 2, status="paying")
        await heard(listeners.all[0], 3)
        await shown.booking_became(booking_id, 3, status="confirmed", expires_at=None)
        told = await heard(listeners.all[0], 4)
        assert [data(message)["status"] for message in told] == ["pending", "held", "paying", "confirmed"]
        assert [message.name for message in told[1:]] == ["change"] * 3
        assert data(told[-1]) == (await get(served, f"/api/bookings/{booking_id}")).json()

        async def sent_away() -> None:
            assert listeners.all[0].done

        await eventually_async(sent_away, within_s=SOON_S)
        assert _ends(listeners.all[0].statuses)
    _, text = await first_bytes(served, path)
    assert "event: snapshot" in text, "whoever asks anew is told"
    await shown.booking_became(booking_id, 4, status="cancelled", reason="by_customer")

    async def later() -> None:
        head, text = await first_bytes(served, path, Last_Event_ID=told[-1].mark)
        assert head.status_code == 200
        assert "cancelled" in text

    await eventually_async(later, within_s=SOON_S)


def _ends(statuses: Sequence[int]) -> bool:
    """Say whether a stream was opened once and then over for good; it may have been asked for before we follow."""
    return [status for status in statuses if status != 503] == [200, 204]


async def test_a_booking_that_never_comes_is_told_to_have_failed_once_that_is_known(served: str, shown: Shown) -> None:
    await shown.watermark({"0": ISSUED_AT_MS})
    with listen(served, f"/api/bookings/{issue()}/stream") as listeners:
        (pending,) = await heard(listeners.all[0], 1)
        assert data(pending)["status"] == "pending"
        await shown.watermark({"0": ISSUED_AT_MS + ACCEPTANCE_BOUND_MS + 1})
        _, failed = await heard(listeners.all[0], 2)
        assert (data(failed)["status"], data(failed)["reason"]) == ("failed", "never_accepted")
