"""Worker: decides every command of the log, in its order, and is the only writer of the ledger.

It touches Kafka (reads commands, writes its own ticks), PostgreSQL (the ledger) and Redis (seat locks, a hint). It
never touches MongoDB, never serves the public, and no outcome ever depends on its clock, on Redis or on how it cut
its batches. The pure half is ``rules`` and ``entries`` (``audit`` replays the log with them); the rest is the thin
shell around it.
"""
