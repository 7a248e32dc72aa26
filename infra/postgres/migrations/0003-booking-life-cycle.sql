-- Holds, payment and cancelling: a booking's life after its request was decided.
-- depends: 0002-ledger

-- 0 confirms at once. A constant default changes no row, so this is quick on a ledger in use.
ALTER TABLE events ADD COLUMN hold_seconds integer NOT NULL DEFAULT 0 CHECK (hold_seconds >= 0);

-- Only bookings that are or were held, or that a later command changed; one that was confirmed at once is in outcomes
-- alone until then. Every change is guarded by the version before it. due_at_ms: when a tick ends it, on the log's time.
CREATE TABLE bookings (
    booking_id text COLLATE "C" PRIMARY KEY,
    event_id text COLLATE "C" NOT NULL REFERENCES events,
    log_partition integer NOT NULL,
    principal text,
    hold_seconds integer NOT NULL,
    status text NOT NULL CHECK (status IN ('held', 'paying', 'confirmed', 'cancelled', 'expired')),
    reason text,
    seat_ids text[] NOT NULL,
    expires_at_ms bigint,
    due_at_ms bigint,
    extended boolean NOT NULL,
    attempt integer NOT NULL,
    version bigint NOT NULL,
    CHECK ((due_at_ms IS NOT NULL) = (status IN ('held', 'paying')))
) WITH (fillfactor = 80);
CREATE INDEX bookings_due ON bookings (log_partition, due_at_ms, booking_id) WHERE due_at_ms IS NOT NULL;

-- An expiry has no command. booking is what became of booking_id (of command_id, where that is a booking's own).
ALTER TABLE outcomes ALTER COLUMN command_id DROP NOT NULL;
ALTER TABLE outcomes ADD COLUMN booking_id text COLLATE "C";
ALTER TABLE outcomes ADD COLUMN booking jsonb;
ALTER TABLE outcomes ADD CHECK (coalesce(command_id, booking_id) IS NOT NULL);
ALTER TABLE outcomes DROP CONSTRAINT outcomes_status_check;
ALTER TABLE outcomes ADD CONSTRAINT outcomes_status_check
    CHECK (status IN ('confirmed', 'held', 'rejected', 'failed', 'done', 'refused'));

GRANT SELECT ON bookings TO frontrow_worker, frontrow_audit;
GRANT INSERT, UPDATE ON bookings TO frontrow_worker;
