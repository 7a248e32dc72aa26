"""The auditor: proves all the time that log, ledger and view agree, a little of each at a time.

``python -m audit.auditor`` is the service; ``audit.health`` asks it and tells the gateway. It replays the log behind
the worker and holds every outcome of the feed against it (``follower``), and goes round all that the stores hold,
section by section (``sweep``, ``ledger_sections``, ``view_sections``). It reads the stores as the checker does and
writes none; the one thing that it may put on the log is ``SuspendSales`` (``suspending``). What it may ask of the
stores a second, and keep in memory, is bounded and named where it is asked and kept:
docs/decisions/0022-the-auditor.md.
"""
