"""Unit tests: the pure parts. They touch no network, no file and no clock."""
