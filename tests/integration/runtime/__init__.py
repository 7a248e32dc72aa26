"""Integration tests of runtime: against real servers."""
