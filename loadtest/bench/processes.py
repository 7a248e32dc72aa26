"""Processes: what the kernel says of one, read from ``/proc``. Linux only, as native mode is."""

import os
from pathlib import Path
from typing import Final

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_AFTER_NAME_USER_TIME: Final = 11
_AFTER_NAME_SYSTEM_TIME: Final = 12
_AFTER_NAME_CHILDREN: Final = 14
"""The last of the four times, which end with those of children that were waited for (proc(5), fields 14 to 17)."""


def cpu_s(pid: int) -> float:
    """Return the processor time that the process has used so far, without its children."""
    fields = _after_name(pid)
    return (int(fields[_AFTER_NAME_USER_TIME]) + int(fields[_AFTER_NAME_SYSTEM_TIME])) / _TICKS_PER_S


def tree_cpu_s(pid: int) -> float:
    """Return the processor time so far of the process and all below it, also of those that have ended."""
    ticks = 0
    for one in tree(pid):
        try:
            ticks += sum(map(int, _after_name(one)[_AFTER_NAME_USER_TIME : _AFTER_NAME_CHILDREN + 1]))
        except FileNotFoundError:
            continue  # it ended while we looked; its parent knows its time when it was waited for
    return ticks / _TICKS_PER_S


def tree(pid: int) -> list[int]:
    """Return the process and all processes below it."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it ended while we looked
        children.setdefault(parent, []).append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found.extend(children.get(one, ()))
    return found


def resident_mb(pid: int) -> float:
    """Return the resident memory of the process, in MB, pages that it shares with others included."""
    return _kilobytes(Path(f"/proc/{pid}/status"), "VmRSS:") / 1024


def proportional_mb(pid: int) -> float:
    """Return the resident memory of the process and all below it, in MB; a page that several share is counted once."""
    return sum(_kilobytes(Path(f"/proc/{one}/smaps_rollup"), "Pss:") for one in tree(pid)) / 1024


def _after_name(pid: int) -> list[str]:
    # The name, in parentheses, may hold spaces; the fields are counted after it.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _kilobytes(file: Path, field: str) -> int:
    line = next(line for line in file.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1])
