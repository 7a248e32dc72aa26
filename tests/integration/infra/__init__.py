"""The ways to run Frontrow, with real servers."""
