"""Picker: which seat the cursor is on, which are chosen, and what becomes of them as others book. Pure.

``picking`` enters here with every key and every message, and draws what this says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rich.text import Text

from frontrow_cli.drawing import STYLES, Look, legend, row_line, ruler
from frontrow_cli.seat_maps import Place, SectionMap

MOST_SEATS: Final = 10
"""What one booking may have."""
PITCH: Final = 2
"""Columns a seat: the second one is where the cursor's brackets are."""
CURSOR: Final = "reverse"


@dataclass(slots=True)
class Picker:
    """One person's choice at one event. ``message``: what they should know now."""

    title: str
    sections: Sequence[SectionMap]
    prices: Mapping[str, str]
    statuses: dict[str, str]
    chosen: list[str] = field(default_factory=list)
    message: str = ""
    fresh: bool = True
    section_at: int = 0
    row_at: int = 0
    column: int = 0

    @property
    def section(self) -> SectionMap:
        """The section that is looked at."""
        return self.sections[self.section_at]

    @property
    def place(self) -> Place:
        """The seat that the cursor is on."""
        return self.section.rows[self.row_at].nearest(self.column)

    def start(self) -> None:
        """Put the cursor on the first free seat."""
        for section_at, section in enumerate(self.sections):
            for row_at, row in enumerate(section.rows):
                for place in row.places:
                    if self.statuses.get(place.seat_id) == "available":
                        self.section_at, self.row_at, self.column = section_at, row_at, place.column
                        return

    def key(self, key: str) -> None:
        """Take a key in: an arrow, space, or tab."""
        self.message = ""
        places = self.section.rows[self.row_at].places
        at = places.index(self.place)
        match key:
            case "left":
                self.column = places[max(0, at - 1)].column
            case "right":
                self.column = places[min(len(places) - 1, at + 1)].column
            case "up":
                self.row_at = max(0, self.row_at - 1)
            case "down":
                self.row_at = min(len(self.section.rows) - 1, self.row_at + 1)
            case "tab":
                self.section_at = (self.section_at + 1) % len(self.sections)
                self.row_at = min(self.row_at, len(self.section.rows) - 1)
            case "space":
                self._toggle(self.place.seat_id)

    def hear(self, changed: Mapping[str, str]) -> None:
        """Take in what others did; a chosen seat that is gone is told at once."""
        self.statuses.update(changed)
        gone = [seat for seat in self.chosen if self.statuses.get(seat) != "available"]
        if gone:
            self.chosen = [seat for seat in self.chosen if seat not in gone]
            verb = "was" if len(gone) == 1 else "were"
            self.message = f"{', '.join(gone)} {verb} taken while you chose. Choose another."

    def _toggle(self, seat: str) -> None:
        if seat in self.chosen:
            self.chosen.remove(seat)
        elif self.statuses.get(seat) != "available":
            self.message = f"{seat} is not free."
        elif len(self.chosen) >= MOST_SEATS:
            self.message = f"One booking has at most {MOST_SEATS} seats."
        else:
            self.chosen.append(seat)

    def lines(self, look: Look, height: int) -> list[Text]:
        """Return the picture, of at most so many lines: the map around the cursor, and what to know below it."""
        section = self.section
        price = self.prices.get(section.name, "")
        head = Text(self.title, style="bold")
        tabs = f"  (Tab: {len(self.sections)} sections)" if len(self.sections) > 1 else ""
        name = Text(f"{section.name}{f' · {price}' if price else ''}", style="bold").append(tabs, style="dim")
        label_width = max(len(row.label) for row in section.rows)
        shown = max(1, min((look.width - label_width - 2) // PITCH, section.width))
        begin = max(0, min(self.column - shown // 2, section.width - shown))
        columns = range(begin, begin + shown)
        most_rows = max(1, height - 7 - (section.first is not None))
        top = max(0, min(self.row_at - most_rows // 2, len(section.rows) - most_rows))
        lines = [head, name]
        if section.first is not None:
            lines.append(
                Text(
                    " " * (label_width + 1) + ruler(columns, section.first, PITCH, look.width - label_width - 1),
                    style="dim",
                )
            )
        for at in range(top, min(top + most_rows, len(section.rows))):
            line = row_line(section.rows[at], self.statuses, look, columns, PITCH, label_width, self.chosen)
            lines.append(self._with_cursor(line, label_width, begin) if at == self.row_at else line)
        below = len(section.rows) - top - most_rows
        more = [f"{top} rows above"] * (top > 0) + [f"{below} rows below"] * (below > 0)
        seat = self.place.seat_id
        chosen = ", ".join(self.chosen) or "none yet"
        return [
            *lines,
            Text(" · ".join(more), style="dim"),
            legend(look, chosen=True),
            Text(f"{seat}: {_WORD.get(self.statuses.get(seat, ''), 'taken')}   Chosen: {chosen}"),
            self._note(),
            Text("Arrows move, space chooses, enter books, q leaves.", style="dim"),
        ]

    def _note(self) -> Text:
        if self.message:
            return Text(self.message, style="bold yellow")
        return Text("" if self.fresh else "Not up to date: waiting for Frontrow...", style="yellow")

    def _with_cursor(self, line: Text, label_width: int, begin: int) -> Text:
        """Put brackets around the cursor's seat: they show on every terminal."""
        at = label_width + 1 + (self.place.column - begin) * PITCH
        line = line.copy()
        line.pad_right(max(0, at + 2 - len(line)))
        left, seat, right = line[: at - 1], line[at], line[at + 2 :]
        status = "chosen" if self.place.seat_id in self.chosen else self.statuses.get(self.place.seat_id, "booked")
        seat.stylize(f"{STYLES[status]} {CURSOR}")
        return Text.assemble(left, ("[", "bold"), seat, ("]", "bold"), right)


_WORD: Final = {"available": "free", "held": "held"}
