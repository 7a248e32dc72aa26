"""Integration tests: each room against the real servers that it talks to. A missing server fails them."""
