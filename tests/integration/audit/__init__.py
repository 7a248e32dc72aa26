"""Audit against real stores and real processes."""
