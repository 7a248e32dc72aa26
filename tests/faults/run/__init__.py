"""The fault run: the real platform under load, hurt by a nemesis with a printed seed, and a history held against it.

``make faults`` enters (``__main__``), and ``tests/faults/test_run.py`` with a fixed selection. Two tables are what
grows: ``operations`` (what clients do) and ``table`` (what the nemesis does). The shape is Jepsen's: clients record
when each operation began, when it ended, and whether it is ok, refused or unknown; a nemesis hurts and heals; a checker
that knows only the history and what the stores hold at the end says what cannot have happened. What TigerBeetle's
whole-system runs add: one seed gives one plan, and after each fault life must come back within a bound.

Nothing here may sleep to wait for something to be so; it waits only to let a fault last.
"""
