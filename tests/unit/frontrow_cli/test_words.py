"""The catalogue of sentences: nothing that Frontrow says is without words, and every hint is a command that exists."""

import re

import pytest
from typer.main import get_command

from contracts.outcomes import BookingStatus, Reason
from frontrow_cli import words
from frontrow_cli.__main__ import app
from frontrow_client import Booking, CommandOutcome, FieldError, OutcomeUnknownError, ProblemError, UnreachableError
from frontrow_client.problems import SLUGS

WHOLE = [
    *words.REASONS.values(),
    *words.PROBLEMS.values(),
    *words.STATES.values(),
    words.UNREACHABLE,
    words.INTERRUPTED_AMID_REQUEST,
]


def test_every_reason_and_problem_has_words() -> None:
    assert {str(reason) for reason in Reason} <= words.REASONS.keys()
    assert words.PROBLEMS.keys() == SLUGS
    shown = {str(status) for status in BookingStatus} - {"offered", "taken"}
    assert shown | {"pending"} == words.STATES.keys()


@pytest.mark.parametrize("said", WHOLE)
def test_a_sentence_ends_and_says_nothing_of_our_inside(said: words.Words) -> None:
    assert re.fullmatch(r".*[.)}]", said.what, flags=re.DOTALL), said
    assert not re.search(r"kafka|redis|postgres|mongo|worker|topic", f"{said.what} {said.next}", flags=re.IGNORECASE)


def test_every_command_that_is_recommended_exists() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]  # a group's
    for said in WHOLE:
        for name in re.findall(r"frontrow ([a-z-]+)", f"{said.what} {said.next}"):
            assert name in commands, said


def test_a_refusal_names_the_seats_and_what_to_do() -> None:
    taken = Booking(booking_id="bk_1", event_id="e1", status="rejected", reason="seat_taken", conflicts=["A1", "A2"])
    said = words.of_booking(taken, "e1", 2)
    assert said.what == "Not booked. Somebody was faster: A1, A2 are taken."
    assert said.next == "Let Frontrow choose: frontrow book e1 --best 2"


def test_a_hold_says_how_long_and_how_to_pay_also_after_a_decline() -> None:
    held = Booking(booking_id="bk_1", event_id="e1", status="held", reason="payment_declined")
    said = words.of_booking(held, "e1", 1, until="19:00:00", left="1:59 min")
    assert said.what.startswith("Held for you until 19:00:00 (1:59 min). The payment was declined")
    assert said.next == "Pay: frontrow pay bk_1"


def test_a_later_word_is_shown_as_it_came() -> None:
    assert "struck_by_lightning" in words.of_reason("struck_by_lightning").what
    strange = words.of_problem(ProblemError(418, {"type": "/problems/teapot", "title": "I am a teapot"}), "http://x")
    assert strange.what == "I am a teapot"
    assert "418" in words.of_problem(ProblemError(418, {}), "http://x").what
    assert words.of_booking(Booking(booking_id="bk_1", status="floating"), "e1", 1).what == "floating"


def test_what_the_client_raises_without_an_answer_has_words() -> None:
    assert "http://x" in words.of_problem(UnreachableError("ConnectError"), "http://x").what
    assert "may have been accepted" in words.of_problem(OutcomeUnknownError("key", None, "lost"), "http://x").what


def test_a_field_is_told_with_its_line() -> None:
    assert words.of_field(FieldError("seat_id", "is none", 5)) == "line 5: seat_id: is none"
    assert words.of_field(FieldError("name", "is missing")) == "name: is missing"


def test_a_command_is_told_by_its_end() -> None:
    done = CommandOutcome(command_id="cm_1", status="done")
    assert words.of_command(done, "Given back.").what == "Given back."
    refused = CommandOutcome(command_id="cm_1", status="refused", reason="already_extended")
    assert words.of_command(refused, "", booking="bk_1").next == "Pay now: frontrow pay bk_1"
    assert words.of_command(CommandOutcome(command_id="cm_1", status="pending"), "").what.startswith("Accepted")
