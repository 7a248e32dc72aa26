"""The worker against real stores."""
