"""write_api: accepts commands and puts them on the log; seeds the demo events the same way.

The gateway enters here, and whoever runs ``python -m write_api.seed``. It must never answer 202 before the log's
replicas have the command, never decide anything, and touch no store but the log and, as a
help that it can do without, Redis.
"""
