"""Payments and the test provider against real stores, as processes and as parts."""
