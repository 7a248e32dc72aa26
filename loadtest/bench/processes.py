"""Processes: what the kernel says of one, read from ``/proc``. Linux only, as native mode is."""

import os
from pathlib import Path
from typing import Final

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_AFTER_NAME_USER_TIME: Final = 11
_AFTER_NAME_SYSTEM_TIME: Final = 12


def cpu_s(pid: int) -> float:
    """Return the processor time that the process has used so far, without its children."""
    # The name, in parentheses, may hold spaces; the fields are counted after it (proc(5), fields 14 and 15).
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[_AFTER_NAME_USER_TIME]) + int(fields[_AFTER_NAME_SYSTEM_TIME])) / _TICKS_PER_S
