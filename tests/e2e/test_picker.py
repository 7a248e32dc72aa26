"""``frontrow pick`` at a terminal: arrows, space and enter, and a map that changes while one chooses."""

import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import pexpect
import pyte
import pytest

from infra.native.services import inherited
from tests.eventually import eventually
from tests.frontrow import CHECKOUT, Frontrow

RIGHT, DOWN, SPACE, ENTER = "\x1b[C", "\x1b[B", " ", "\r"
ROWS, COLUMNS = 24, 80
DRAWN_WITHIN_S: Final = 20


class Terminal:
    """A program at a terminal of 80 columns, and what is on its screen."""

    def __init__(self, frontrow: Frontrow, state: Path, *arguments: str, **variables: str) -> None:
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.Stream(self._screen)
        own = {
            "FRONTROW_URL": frontrow.instance.gateway_url,
            "FRONTROW_USER": "user-123",
            "XDG_STATE_HOME": str(state),
            "TERM": "xterm-256color",
            "PYTHONUTF8": "1",
        }
        self.sent = ""
        self.child: pexpect.spawn[str] = pexpect.spawn(
            sys.executable,
            ["-m", "frontrow_cli", *arguments],
            cwd=str(CHECKOUT),
            env={**inherited(), **own, **variables},
            dimensions=(ROWS, COLUMNS),
            encoding="utf-8",
        )

    def shows(self, *texts: str) -> None:
        """Wait until all of these are on the screen."""

        def shown() -> None:
            with suppress(pexpect.TIMEOUT, pexpect.EOF):
                self._draw(self.child.read_nonblocking(65_536, timeout=0.1))
            screen = "\n".join(self._screen.display)
            assert all(text in screen for text in texts), f"{texts} not in\n{screen}"

        eventually(shown, within_s=DRAWN_WITHIN_S)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.child.send(key)

    def ends(self) -> int:
        """Wait until the program has ended by itself, and return its exit status."""
        self.child.expect(pexpect.EOF, timeout=DRAWN_WITHIN_S)
        self._draw(str(self.child.before))
        self.child.wait()  # before it is closed, which would end it by a signal
        self.child.close()
        assert self.child.signalstatus is None, f"it was ended by signal {self.child.signalstatus}"
        return int(self.child.exitstatus)

    def _draw(self, sent: str) -> None:
        self.sent += sent
        self._stream.feed(sent)

    def text(self) -> str:
        return "\n".join(self._screen.display)


@pytest.fixture
def event_id(frontrow: Frontrow) -> str:
    return frontrow.new_event(rows=2, seats_a_row=8, price_minor=4500)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.child.close(force=True)


def test_seats_are_chosen_with_the_keys_while_others_book(
    frontrow: Frontrow, event_id: str, tmp_path: Path, terminals: list[Terminal]
) -> None:
    terminal = Terminal(frontrow, tmp_path, "pick", event_id)
    terminals.append(terminal)
    terminal.shows("An evening", "45.00 EUR", "A[□]□ □ □ □ □ □ □", "A1: free", "Chosen: none yet")
    terminal.press(SPACE, RIGHT, SPACE)
    terminal.shows("A ✔[✔]□", "Chosen: A1, A2")
    frontrow.accept(event_id, "A1", user="user-456")
    terminal.shows("A1 was taken while you chose", "A ■[✔]□", "Chosen: A2")
    terminal.press(DOWN, SPACE)
    terminal.shows("B □[✔]□", "Chosen: A2, B2")
    terminal.press(ENTER)
    assert terminal.ends() == 0
    assert "confirmed" in terminal.text()
    assert "A2, B2" in terminal.text()
    booking_id = terminal.text().rpartition("booking ")[2].split()[0]
    frontrow.accepted.add(booking_id)
    assert frontrow.booking(booking_id)["seat_ids"] == ["A2", "B2"]


def test_a_terminal_without_colour_shows_as_much(
    frontrow: Frontrow, event_id: str, tmp_path: Path, terminals: list[Terminal]
) -> None:
    variables = {"TERM": "vt100", "NO_COLOR": "1", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    terminal = Terminal(frontrow, tmp_path, "pick", event_id, **variables)
    terminals.append(terminal)
    terminal.shows("A[.]. . .", ". free   h held   x taken   * chosen")
    terminal.press(SPACE, RIGHT)
    terminal.shows("A *[.]. .")
    terminal.press("q")
    assert terminal.ends() == 0
    assert "Nothing was booked." in terminal.text()
    assert not re.search(r"\x1b\[([0-9;]*;)?[349][0-7](;[0-9;]*)?m", terminal.sent), "a colour"
    assert set(frontrow.seats(event_id).values()) == {"available"}


def test_a_terminal_that_cannot_move_its_cursor_is_told_so(
    frontrow: Frontrow, event_id: str, tmp_path: Path, terminals: list[Terminal]
) -> None:
    terminal = Terminal(frontrow, tmp_path, "pick", event_id, TERM="dumb")
    terminals.append(terminal)
    terminal.shows("This needs a terminal that can move its cursor.")
    assert terminal.ends() == 2
