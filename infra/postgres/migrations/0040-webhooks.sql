-- Webhooks: which endpoints organisers have, and every delivery to them. Written by webhooks alone, in a schema of its own.
-- depends: 0030-organisers

DO $$
BEGIN
    CREATE ROLE frontrow_webhooks LOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$$;
-- It may not hold the feed's horizon back for longer than a worker may.
ALTER ROLE frontrow_webhooks SET idle_in_transaction_session_timeout = '4s';
ALTER ROLE frontrow_webhooks SET lock_timeout = '3s';
-- Rows are looked up by a key or in an index's order, whatever the statistics say: on a fresh install, that tables are empty,
-- and every endpoint's deliveries would be looked for in all of them (docs/decisions/0002-batches.md).
ALTER ROLE frontrow_webhooks SET enable_seqscan = off;
ALTER ROLE frontrow_webhooks SET enable_bitmapscan = off;
ALTER ROLE frontrow_webhooks SET enable_hashjoin = off;
ALTER ROLE frontrow_webhooks SET enable_mergejoin = off;
ALTER ROLE frontrow_webhooks SET jit = off;

-- What became of a booking before: few rows of the feed are about a booking that was made by another one.
CREATE INDEX outcomes_booking ON outcomes (booking_id, tx, id) WHERE booking_id IS NOT NULL;

CREATE SCHEMA webhooks;

-- The follower's place (runtime/feed.py).
CREATE TABLE webhooks.feed_cursor (tx xid8 NOT NULL, id bigint NOT NULL);
INSERT INTO webhooks.feed_cursor VALUES ('0', 0);

-- created_tx: an endpoint is told of what was decided by transactions after the one that made it (docs/decisions/0020).
-- all_events: an operator's, else those of its principal's events. secret and former_secret are sealed (webhooks/signing.py).
CREATE TABLE webhooks.endpoints (
    webhook_id text COLLATE "C" PRIMARY KEY,
    n bigint NOT NULL GENERATED ALWAYS AS IDENTITY UNIQUE,
    principal text NOT NULL,
    all_events boolean NOT NULL,
    event_id text COLLATE "C" REFERENCES events,
    url text NOT NULL,
    types text[] NOT NULL CHECK (cardinality(types) > 0),
    secret bytea NOT NULL,
    former_secret bytea,
    former_secret_until timestamptz,
    failing_since timestamptz,
    left_alone_until timestamptz,
    disabled_at timestamptz,
    disabled_reason text CHECK (disabled_reason IN ('failing', 'gone')),
    created_at timestamptz NOT NULL DEFAULT now(),
    created_tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CHECK ((former_secret IS NULL) = (former_secret_until IS NULL)),
    CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX endpoints_principal ON webhooks.endpoints (principal, n);
CREATE INDEX endpoints_all_events ON webhooks.endpoints (webhook_id) WHERE all_events;

-- delivery_id is the webhook-id header. n: the order in which deliveries were made, which is the feed's. tx and row_id: the
-- outcome; null for a test. body is kept as it is sent, so that every attempt sends the same bytes.
CREATE TABLE webhooks.deliveries (
    delivery_id text COLLATE "C" PRIMARY KEY,
    n bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    webhook_id text COLLATE "C" NOT NULL REFERENCES webhooks.endpoints ON DELETE CASCADE,
    type text NOT NULL,
    event_id text COLLATE "C",
    tx xid8,
    row_id bigint,
    body text NOT NULL,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'dead')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at timestamptz DEFAULT now(),
    attempted_at timestamptz,
    response_status integer,
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((due_at IS NOT NULL) = (status = 'pending'))
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX deliveries_list ON webhooks.deliveries (webhook_id, n);
CREATE INDEX deliveries_due ON webhooks.deliveries (webhook_id, due_at, n) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_dead ON webhooks.deliveries (webhook_id, n) WHERE status = 'dead';
CREATE INDEX deliveries_age ON webhooks.deliveries (created_at);

-- How many seats an event has available at the cursor, kept for each endpoint that is told when it sells out: from the first
-- outcome that it heard of, and never without one in between. Of a draft it is no more than a guess, and nothing is told.
CREATE TABLE webhooks.availability (
    webhook_id text COLLATE "C" NOT NULL REFERENCES webhooks.endpoints ON DELETE CASCADE,
    event_id text COLLATE "C" NOT NULL,
    seats_total integer NOT NULL,
    seats_available integer NOT NULL,
    PRIMARY KEY (webhook_id, event_id)
) WITH (fillfactor = 50);

GRANT SELECT ON ledger, events, seats, seat_prices, outcomes TO frontrow_webhooks;
GRANT USAGE ON SCHEMA webhooks TO frontrow_webhooks, frontrow_audit;
GRANT SELECT, UPDATE ON webhooks.feed_cursor TO frontrow_webhooks;
GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks.endpoints, webhooks.deliveries, webhooks.availability TO frontrow_webhooks;
-- The checker proves that nothing was left untold; it sees no secret and no address.
GRANT SELECT ON webhooks.feed_cursor, webhooks.availability, webhooks.deliveries TO frontrow_audit;
GRANT SELECT (webhook_id, principal, all_events, event_id, types, created_tx) ON webhooks.endpoints TO frontrow_audit;
