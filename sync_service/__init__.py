"""sync_service: shows what was decided. Reads the ledger's feed in commit order and writes the views.

The supervisor enters at ``__main__``. This room never writes to the ledger, never touches the log or the locks, and
never decides anything. Two of it are harmless: one projects, the others stand by.
"""
