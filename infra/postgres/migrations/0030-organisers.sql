-- What organisers say of their events: the sale, the limit a person, the catalogue, prices by category.
-- depends: 0005-offers

-- Constant defaults change no row, so this is quick on a ledger in use. organiser is a principal; empty: nobody's.
-- clearing: the block whose bookings the next tick ends, from the last to the first, while a cancelled event has some.
ALTER TABLE events
    ADD COLUMN organiser text NOT NULL DEFAULT '',
    ADD COLUMN description text NOT NULL DEFAULT '',
    ADD COLUMN place text,
    ADD COLUMN max_seats_per_user integer CHECK (max_seats_per_user > 0),
    ADD COLUMN on_sale_at_ms bigint,
    ADD COLUMN off_sale_at_ms bigint,
    ADD COLUMN production_id text,
    ADD COLUMN production_name text,
    ADD COLUMN origin text,
    ADD COLUMN destination text,
    ADD COLUMN departure timestamptz,
    ADD COLUMN arrival timestamptz,
    ADD COLUMN clearing integer CHECK (clearing IS NULL OR (clearing >= 0 AND status = 'cancelled'));
ALTER TABLE events DROP CONSTRAINT events_status_check;
ALTER TABLE events ADD CONSTRAINT events_status_check CHECK (status IN ('draft', 'on_sale', 'closed', 'cancelled'));
CREATE INDEX events_clearing ON events (log_partition, event_id) WHERE clearing IS NOT NULL;

-- priced is [{"category": "child", "price_minor": 900, "seat_ids": ["A1", …]}, …]: what differs from the block's own.
ALTER TABLE blocks ADD COLUMN category text, ADD COLUMN priced jsonb NOT NULL DEFAULT '[]';

-- What each seat costs; the one place that says so.
CREATE VIEW seat_prices AS
    SELECT s.event_id, s.seat_id, coalesce(own.category, b.category) AS category,
        coalesce(own.price_minor, b.price_minor) AS price_minor, b.currency
    FROM seats AS s
    JOIN blocks AS b USING (event_id, block)
    LEFT JOIN LATERAL (
        SELECT p ->> 'category' AS category, (p ->> 'price_minor')::bigint AS price_minor
        FROM jsonb_array_elements(b.priced) AS p WHERE p -> 'seat_ids' ? s.seat_id
    ) AS own ON true;

-- How many seats somebody has at an event with max_seats_per_user: held, paying, confirmed and offered ones. Kept in the
-- transaction that moves the seats, guarded by what was there before.
CREATE TABLE seat_counts (
    event_id text COLLATE "C" NOT NULL REFERENCES events,
    principal text COLLATE "C" NOT NULL,
    seats integer NOT NULL CHECK (seats >= 0),
    PRIMARY KEY (event_id, principal)
) WITH (fillfactor = 80);

GRANT SELECT ON seat_counts, seat_prices TO frontrow_worker, frontrow_audit;
GRANT SELECT ON seat_prices TO frontrow_sync_service;
GRANT INSERT, UPDATE ON seat_counts TO frontrow_worker;
