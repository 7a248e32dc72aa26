-- Who came in: one seat after the other, once each.
-- depends: 0061-restores

-- [{"seat_id": "A2", "at_ms": 1795240925522, "by": "ac_…", "gate": "north"}, …], in the order in which they came; it only
-- grows. A constant default changes no row, so this is quick on a ledger in use.
ALTER TABLE bookings ADD COLUMN check_ins jsonb NOT NULL DEFAULT '[]';
