"""Chosen: which of several measurements somebody wants, as ``ONLY=a,b`` of ``make bench`` and ``make bench-growth``."""

import argparse
from collections.abc import Sequence


def chosen(text: str, known: Sequence[str]) -> list[str]:
    """Return what a list with commas names, in the order of ``known``.

    Raises:
        argparse.ArgumentTypeError: there is none of a name.
    """
    wanted = text.split(",")
    if unknown := sorted(set(wanted) - set(known)):
        msg = f"there is no {', '.join(unknown)}"
        raise argparse.ArgumentTypeError(msg)
    return [name for name in known if name in wanted]
