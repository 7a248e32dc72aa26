"""Redis, the seat locks: its configuration for both ways to run Frontrow."""
