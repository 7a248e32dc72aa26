"""Unavailable: the problem that the view cannot be read, told in one way wherever it is met. Pure."""

from contracts import problems
from runtime.problems import ProblemError


def view_unavailable() -> ProblemError:
    """Return the problem."""
    text = "What is shown cannot be read at the moment; bookings are accepted and decided all the same."
    return ProblemError(problems.VIEW_UNAVAILABLE, text)
