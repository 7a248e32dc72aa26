"""Audit's pure parts: verdicts, and the invariants fed with broken histories."""
