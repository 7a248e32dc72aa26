"""Unit tests of the fault run."""
