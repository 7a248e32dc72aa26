"""Seat files: a seat map as CSV, one seat a line, with what is wrong in it line by line. Pure.

``organising`` enters here. The first line names the columns: ``section``, ``row``, ``seat_id``, and where they are
wanted ``price_minor``, ``currency``, ``category``, ``accessible`` and ``general_admission``. Seats stand in the order
in which they are listed; the usual price of a section is that of its first seat.
"""

import csv
import io
import re
from collections.abc import Callable
from typing import Final

from contracts.event_commands import MAX_SEATS_PER_BLOCK
from contracts.wire import MAX_MONEY
from write_api.seat_maps import MAX_LABEL, PlannedSection, Wrong, contradictions

NEEDED: Final = ("section", "row", "seat_id")
COLUMNS: Final = (*NEEDED, "price_minor", "currency", "category", "accessible", "general_admission")
MAX_CATEGORY: Final = 200

_NAME: Final = re.compile(r"[A-Za-z0-9._~-]{1,64}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_AMOUNT: Final = re.compile(r"[0-9]{1,16}")
_TRUTHS: Final = {"": False, "no": False, "false": False, "0": False, "yes": True, "true": True, "1": True}


class SeatFile:
    """Reads one file; ``sections`` and ``wrong`` are complete after ``read``."""

    def __init__(self) -> None:
        self.sections: list[PlannedSection] = []
        self.wrong: list[Wrong] = []
        self._by_name: dict[str, PlannedSection] = {}
        self._line_of: dict[str, int] = {}

    def read(self, body: bytes) -> None:
        """Take in a whole file."""
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = body.count(b"\n", 0, error.start) + 1
            self.wrong.append(Wrong((line,), "is not UTF-8"))
            return
        lines = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            columns = self._columns(next(lines, []))
            if not self.wrong:
                for cells in lines:
                    if cells:
                        self._seat(lines.line_num, columns, cells)
        except csv.Error as error:
            self.wrong.append(Wrong((lines.line_num,), f"is not CSV: {error}"))
        if not self.sections and not self.wrong:
            self.wrong.append(Wrong((1,), "names no seat"))
        # Seats given twice were found line by line.
        self.wrong += [each for each in contradictions(self.sections) if "twice" not in each.message]

    def _columns(self, names: list[str]) -> list[str]:
        columns = [name.strip().lower() for name in names]
        for name in NEEDED:
            if name not in columns:
                self.wrong.append(Wrong((1, name), "is a column that must be there"))
        for name in columns:
            if name not in COLUMNS:
                self.wrong.append(Wrong((1, name[:64]), "is no column of a seat map"))
        if len(set(columns)) != len(columns):
            self.wrong.append(Wrong((1,), "names a column twice"))
        return columns

    def _seat(self, line: int, columns: list[str], cells: list[str]) -> None:
        if len(cells) != len(columns):
            self.wrong.append(Wrong((line,), f"has {len(cells)} values, and there are {len(columns)} columns"))
            return
        seat = {name: value.strip() for name, value in zip(columns, cells, strict=True)}
        found = len(self.wrong)
        self._check(line, seat)
        if len(self.wrong) > found:
            return
        self._line_of[seat["seat_id"]] = line
        self._add(line, seat)

    def _check(self, line: int, seat: dict[str, str]) -> None:
        """Note what is wrong with one line, apart from the others but for its seat."""
        before = self._line_of.get(seat["seat_id"])
        if before is not None:
            self.wrong.append(Wrong((line, "seat_id"), f"is the seat of line {before} as well"))
        for column, (is_right, message) in _FORMS.items():
            if not is_right(seat.get(column, "")):
                self.wrong.append(Wrong((line, column), message))
        if seat.get("price_minor") and not seat.get("currency"):
            self.wrong.append(Wrong((line, "currency"), "must be there with a price"))

    def _add(self, line: int, seat: dict[str, str]) -> None:
        price_minor = int(seat["price_minor"]) if seat.get("price_minor") else None
        category = seat.get("category") or None
        standing = _TRUTHS[seat.get("general_admission", "").lower()]
        plan = self._by_name.get(seat["section"])
        if plan is None:
            plan = self._by_name[seat["section"]] = PlannedSection(
                seat["section"], (line,), [], price_minor, seat.get("currency") or None, category, standing
            )
            self.sections.append(plan)
        label, seat_id = "" if standing else seat["row"], seat["seat_id"]
        if plan.general_admission != standing:
            self.wrong.append(Wrong((line, "general_admission"), "differs from the section's other seats"))
        if (seat.get("currency") or None) != plan.currency:
            self.wrong.append(Wrong((line, "currency"), "differs from the section's other seats"))
        if (category, price_minor) != (plan.category, plan.price_minor):
            if price_minor is None or category is None:
                self.wrong.append(Wrong((line, "category"), "a seat of another price needs a category and a price"))
            else:
                plan.own[seat_id] = category, price_minor
        if not plan.rows or plan.rows[-1][0] != label or len(plan.rows[-1][1]) == MAX_SEATS_PER_BLOCK:
            plan.rows.append((label, []))
        plan.rows[-1][1].append(seat_id)
        if _TRUTHS[seat.get("accessible", "").lower()]:
            plan.accessible.add(seat_id)


def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def _is_amount(text: str) -> bool:
    return not text or (_AMOUNT.fullmatch(text) is not None and int(text) <= MAX_MONEY)


def _is_truth(text: str) -> bool:
    return text.lower() in _TRUTHS


_A_NAME: Final = "must be 1 to 64 characters of A-Z a-z 0-9 . _ ~ -"
_FORMS: Final[dict[str, tuple[Callable[[str], bool], str]]] = {
    "section": (_is_name, _A_NAME),
    "row": (lambda text: len(text) <= MAX_LABEL and "\0" not in text, f"must have at most {MAX_LABEL} characters"),
    "seat_id": (_is_name, _A_NAME),
    "price_minor": (_is_amount, "must be an amount in minor units"),
    "currency": (lambda text: not text or _CURRENCY.fullmatch(text) is not None, "must be an ISO 4217 code like EUR"),
    "category": (
        lambda text: len(text) <= MAX_CATEGORY and "\0" not in text,
        f"must have at most {MAX_CATEGORY} characters",
    ),
    "accessible": (_is_truth, "must be yes or no"),
    "general_admission": (_is_truth, "must be yes or no"),
}
