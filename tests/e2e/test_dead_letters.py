"""Dead letters are listed, and what can be read now is put on the log again, once, as a booking of its own."""

import os

from contracts.commands import BookSeats, encode
from tests.eventually import eventually
from tests.frontrow import Frontrow, now_ms


def dead_letters(frontrow: Frontrow, *arguments: str) -> tuple[int, str]:
    """Run the command as ``start-services.sh dead-letters`` does; returns its status and what it says."""
    done = frontrow.run("write_api.dead_letters", *arguments)
    return done.returncode, done.stdout + done.stderr


def strays(frontrow: Frontrow, event_id: str, *values: bytes, command_id: str) -> list[str]:
    """Put messages on a partition that is not the event's, where none of them is a command; returns their letters."""
    partition = 1 if frontrow.partition_of(event_id) == 0 else 0
    offsets = [frontrow.append_raw(event_id, value, command_id, partition=partition) for value in values]
    query = """SELECT topic_no, log_partition, log_offset FROM dead_letters JOIN topics USING (topic_id)
        WHERE log_partition = %s AND log_offset = ANY (%s) ORDER BY log_offset"""

    def kept() -> list[str]:
        with frontrow.ledger() as ledger:
            found = ledger.execute(query, (partition, offsets)).fetchall()
        assert len(found) == len(values), found
        return ["-".join(map(str, place)) for place in found]

    return eventually(kept)


def test_a_letter_that_can_be_read_now_becomes_a_booking_of_its_own_once(frontrow: Frontrow) -> None:
    event_id = frontrow.new_event()
    failed = f"bk_{os.urandom(18).hex()}"
    request = BookSeats(
        command_id=failed, issued_at_ms=now_ms(), event_id=event_id, seat_ids=("A1",), principal="p_somebody"
    )
    letter, unreadable = strays(frontrow, event_id, encode(request), b"no command", command_id=failed)

    status, listed = dead_letters(frontrow)
    assert status == 0, listed
    said = {line.split()[0]: line for line in listed.splitlines() if line}
    assert said[letter].endswith("can be replayed")
    assert "not replayed: it is still no command" in said[unreadable]

    status, looked = dead_letters(frontrow, letter)
    assert status == 0, looked
    assert f"{failed} was told: failed, unprocessable" in looked
    assert "Nothing was changed" in looked
    assert frontrow.seats(event_id)["A1"] == "available"

    status, told = dead_letters(frontrow, letter, "--apply")
    assert status == 0, told
    booking_id = told.partition("put on the log as ")[2].split()[0].rstrip(".")
    assert booking_id != failed
    assert frontrow.outcome(booking_id)["status"] == "confirmed"

    status, again = dead_letters(frontrow, letter, "--apply")
    assert status == 1
    assert f"was replayed as {booking_id}: confirmed" in again
    assert dead_letters(frontrow, unreadable, "--apply")[0] == 1


def test_a_letter_that_is_not_there_is_said_to_be_none(frontrow: Frontrow) -> None:
    status, said = dead_letters(frontrow, "1-0-999999999")
    assert (status, "no such letter" in said) == (1, True)
    assert dead_letters(frontrow, "nonsense")[0] == 2
    assert dead_letters(frontrow, "--apply")[0] == 2
