"""A booking as a calendar file: golden, in lines that are not too long, whatever an event is called."""

import pytest

from contracts.views import BookingView, EventView
from read_api.calendars import LINE, calendar_file, escaped, folded_line

BOOKING: BookingView = {
    "_id": "bk_AQGh_LKhUgAGKq-LTBDbaQxSIopC2RW8lS1g",
    "event_id": "concert123",
    "principal": "p_x",
    "seat_ids": ["A1", "A2"],
    "status": "confirmed",
    "reason": None,
    "conflicts": [],
    "requested_at": "2027-01-02T03:04:05.000Z",
    "decided_at": "2027-01-02T03:04:05.678Z",
    "expires_at": None,
    "version": 2,
    "position": "1-1",
}
EVENT: EventView = {
    "_id": "concert123",
    "event_id": "concert123",
    "name": "Café; a \\ night, long",
    "kind": "concert",
    "venue": "Riverside Hall",
    "place": "Wien",
    "time_zone": "Europe/Vienna",
    "date": "2027-05-01T19:00:00Z",
    "seats_total": 1,
    "seats_available": 0,
    "partition": 0,
    "version": 5,
    "status": "on_sale",
}
GOLDEN = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Frontrow//Bookings//EN
METHOD:PUBLISH
BEGIN:VEVENT
UID:bk_AQGh_LKhUgAGKq-LTBDbaQxSIopC2RW8lS1g@frontrow
DTSTAMP:20270102T030405Z
SEQUENCE:7
STATUS:CONFIRMED
DTSTART:20270501T190000Z
SUMMARY:Café\\; a \\\\ night\\, long
LOCATION:Riverside Hall\\, Wien
DESCRIPTION:Sat 1 May 2027\\, 21:00 (Europe/Vienna\\, UTC+02:00)\\nSeats: A1\\,
  A2\\nbk_AQGh_LKhUgAGKq-LTBDbaQxSIopC2RW8lS1g
END:VEVENT
END:VCALENDAR
"""


def _file(**changes: object) -> str:
    return calendar_file(BOOKING, {**EVENT, **changes}).decode()  # type: ignore[typeddict-item]


def test_a_booking_is_this_file() -> None:
    assert _file() == GOLDEN.replace("\n", "\r\n")


def test_a_train_begins_and_ends_when_it_leaves_and_arrives() -> None:
    journey = {"origin": "Wien", "destination": "Venezia", "arrival": "2027-05-02T06:30:00Z"}
    made = _file(departure="2027-05-01T20:15:00Z", **journey).replace("\r\n ", "")
    assert "DTSTART:20270501T201500Z\r\nDTEND:20270502T063000Z\r\n" in made
    assert "DESCRIPTION:Wien → Venezia\\nSat 1 May 2027\\, 22:15" in made


def test_a_cancelled_event_is_struck_out() -> None:
    assert "STATUS:CANCELLED" in _file(status="cancelled")


@pytest.mark.parametrize("text", ["é" * 100, "日本" * 50, "a" * 200, "", "👩‍🎤" * 30])
def test_lines_are_cut_between_letters_and_come_together_again(text: str) -> None:
    lines = folded_line(f"SUMMARY:{text}")
    assert all(len(line) <= LINE for line in lines.split(b"\r\n"))
    assert lines.replace(b"\r\n ", b"").decode() == f"SUMMARY:{text}\r\n"


def test_nothing_in_a_text_is_taken_for_a_line_of_its_own() -> None:
    assert escaped("one\r\nSTATUS:CANCELLED\rtwo\x00") == "one\\nSTATUS:CANCELLED\\ntwo"
    assert escaped("one\u2028STATUS:CANCELLED\x85two") == "one\\nSTATUS:CANCELLED\\ntwo"


@pytest.mark.parametrize(
    "end", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
)
def test_words_on_two_lines_do_not_become_one(end: str) -> None:
    assert escaped(f"Line one{end}line two") == "Line one\\nline two"


@pytest.mark.parametrize("text", ["20\u00a0Uhr", "👩\u200d🎤", "क्\u200dष", "auf\u00adführung", "one\ttwo"])
def test_a_text_keeps_what_is_no_control_character(text: str) -> None:
    assert escaped(text) == text
