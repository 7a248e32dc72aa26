"""Drawing: a section's seats as lines of text, in as many columns as there are. Pure.

``frontrow seats`` and the picker enter here. A seat is a sign that says what it is without colour as well; colour
comes on top.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from frontrow_cli.seat_maps import Row, SectionMap

STYLES: Final = {"available": "green", "held": "yellow", "booked": "red dim", "chosen": "bold cyan"}
SIGNS: Final = {"available": "□", "held": "▣", "booked": "■", "chosen": "✔"}
PLAIN_SIGNS: Final = {"available": ".", "held": "h", "booked": "x", "chosen": "*"}
"""For terminals that show ASCII alone."""
RULER_STEP: Final = 5


@dataclass(frozen=True, slots=True)
class Look:
    """How to draw: ``width`` in columns of the terminal, and whether it shows more than ASCII."""

    width: int
    unicode: bool = True

    @property
    def signs(self) -> Mapping[str, str]:
        """The signs of a seat by its status."""
        return SIGNS if self.unicode else PLAIN_SIGNS


def legend(look: Look, *, chosen: bool = False) -> Text:
    """Return what the signs mean."""
    words = {"available": "free", "held": "held", "booked": "taken", **({"chosen": "chosen"} if chosen else {})}
    line = Text()
    for status, word in words.items():
        line.append(look.signs[status], STYLES[status]).append(f" {word}   ")
    line.rstrip()
    return line


def section_lines(
    section: SectionMap, statuses: Mapping[str, str], look: Look, chosen: Collection[str] = ()
) -> Iterator[Text]:
    """Yield a section's rows under a ruler of seat numbers; rows that are too wide are broken."""
    label_width = max((len(row.label) for row in section.rows), default=0)
    pitch = 2 if label_width + 2 * section.width + 1 <= look.width else 1
    per_line = max(1, (look.width - label_width - 1) // pitch)
    for begin in range(0, max(1, section.width), per_line):
        columns = range(begin, min(begin + per_line, section.width))
        if section.first is not None:
            yield Text(
                " " * (label_width + 1) + ruler(columns, section.first, pitch, look.width - label_width - 1),
                style="dim",
            )
        for row in section.rows:
            if any(place.column in columns for place in row.places):
                yield row_line(row, statuses, look, columns, pitch, label_width, chosen)


def ruler(columns: range, first: int, pitch: int, room: int) -> str:
    """Return the numbers of the first column and of each fifth one, where ``room`` characters have place for them."""
    line = ""
    for column in columns:
        number, at = first + column, (column - columns.start) * pitch
        wanted = column == columns.start or number % RULER_STEP == 0
        if wanted and (not line or len(line) < at) and at + len(str(number)) <= room:
            line = line.ljust(at) + str(number)
    return line


def row_line(
    row: Row,
    statuses: Mapping[str, str],
    look: Look,
    columns: range,
    pitch: int,
    label_width: int,
    chosen: Collection[str] = (),
) -> Text:
    """Return one row's seats in these columns, after its label."""
    line = Text(row.label.rjust(label_width) + " ")
    at = columns.start
    for place in row.places:
        if place.column not in columns:
            continue
        status = "chosen" if place.seat_id in chosen else statuses.get(place.seat_id, "booked")
        line.append(" " * ((place.column - at) * pitch)).append(look.signs[status], STYLES[status])
        line.append(" " * (pitch - 1))
        at = place.column + 1
    line.rstrip()
    return line
