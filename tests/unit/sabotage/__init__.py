"""Unit tests of the sabotages."""
