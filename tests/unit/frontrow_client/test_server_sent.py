"""Server-Sent Events, read from chunks of any size."""

import pytest

from frontrow_client.server_sent import MAX_MESSAGE_BYTES, Parser, ServerSent, TooLongError

TEXT = (
    b"retry: 3102\n\n: as of 2027-01-02T03:04:05Z\n\nevent: snapshot\nid: d-1\ndata: {}\n\n"
    b"event: change\r\nid:d-2\r\ndata: one\r\ndata: two\r\n\r\ndata: three\r\r"
)
MESSAGES = [ServerSent("snapshot", "{}", "d-1"), ServerSent("change", "one\ntwo", "d-2")]
UNNAMED = ServerSent("message", "three", "d-2")


@pytest.mark.parametrize("size", [1, 2, 3, 7, len(TEXT)])
def test_messages_are_the_same_whatever_chunks_they_come_in(size: int) -> None:
    parser = Parser()
    chunks = [TEXT[start : start + size] for start in range(0, len(TEXT), size)]
    told = [message for chunk in [*chunks, b"\n"] for message in parser.feed(chunk)]
    assert told == [*MESSAGES, UNNAMED]
    assert parser.retry_s == pytest.approx(3.102)


def test_a_message_that_is_not_complete_is_not_told() -> None:
    parser = Parser()
    assert parser.feed(b"event: change\ndata: {}\n") == []
    assert parser.feed(b"\n") == [ServerSent("change", "{}", "")]


def test_a_comment_says_nothing_and_keeps_the_id() -> None:
    parser = Parser("d-7")
    assert parser.feed(b": as of now\n\nunknown: field\nevent: fresh\ndata: {}\n\n") == [
        ServerSent("fresh", "{}", "d-7")
    ]
    assert parser.feed(b"event: nothing\n\n") == []


def test_what_does_not_end_is_not_kept() -> None:
    parser = Parser()
    parser.feed(b"data: " + b"x" * (MAX_MESSAGE_BYTES - 6))
    with pytest.raises(TooLongError):
        parser.feed(b"x")
