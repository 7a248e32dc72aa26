"""Unit tests of payments: what is decided about money, without any."""
