"""Infra: what Frontrow stands on, the stores and the ways to run it. No service imports this room."""
