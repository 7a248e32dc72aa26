-- The ledger. The worker is its only writer; sync_service and audit read it.
-- depends: 0001-roles

-- Which ledger this is. A cursor that was kept over another incarnation must not be trusted.
CREATE TABLE ledger (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    incarnation uuid NOT NULL DEFAULT gen_random_uuid(),
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO ledger DEFAULT VALUES;

-- How far the log is decided, by topic id: a topic that was deleted and made again under its old name is another log.
-- log_time_ms is the running maximum of the broker's stamps; tx tells the projector which of these rows its snapshot covers.
-- mark is what the message before next_offset is known by (worker/marks.py): whether the log still holds what we decided.
CREATE TABLE kafka_offsets (
    topic_id text COLLATE "C" NOT NULL,
    topic text NOT NULL,
    log_partition integer NOT NULL,
    next_offset bigint NOT NULL CHECK (next_offset >= 0),
    log_time_ms bigint NOT NULL,
    mark text,
    tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (topic_id, log_partition)
) WITH (fillfactor = 50);

CREATE TABLE events (
    event_id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL,
    venue text NOT NULL,
    time_zone text NOT NULL,
    date timestamptz NOT NULL,
    status text NOT NULL CHECK (status IN ('draft', 'on_sale')),
    log_partition integer NOT NULL,
    version bigint NOT NULL
);

-- Immutable layout: at most 1000 seats of one section. layout is [{"row": "A", "seat_ids": ["A1", …]}, …].
CREATE TABLE blocks (
    event_id text COLLATE "C" NOT NULL REFERENCES events,
    block integer NOT NULL CHECK (block >= 0),
    section text NOT NULL,
    layout jsonb NOT NULL,
    price_minor bigint CHECK (price_minor >= 0),
    currency text,
    PRIMARY KEY (event_id, block)
);

-- One row a seat, so the primary key and the check make it impossible to hold two owners of one, whatever the code does.
-- fillfactor leaves room for heap-only updates: status, booking_id and version are in no index.
CREATE TABLE seats (
    event_id text COLLATE "C" NOT NULL,
    seat_id text COLLATE "C" NOT NULL,
    block integer NOT NULL,
    position integer NOT NULL CHECK (position BETWEEN 0 AND 999),
    status "char" NOT NULL DEFAULT 'a' CHECK (status IN ('a', 'h', 'b')),
    booking_id text COLLATE "C",
    version bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (event_id, seat_id),
    UNIQUE (event_id, block, position),
    FOREIGN KEY (event_id, block) REFERENCES blocks,
    CHECK ((status = 'a') = (booking_id IS NULL))
) WITH (fillfactor = 60);

-- The feed: insert-only, read in (tx, id) order below the horizon. Its words: contracts/outcomes.py. requested_at is the
-- id's issue time and decided_at the log's, so that both are the same in every replay; changes are [block, position,
-- status, version] each, in order of block and position.
CREATE TABLE outcomes (
    tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    command_id text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    principal text,
    status text NOT NULL CHECK (status IN ('confirmed', 'rejected', 'failed', 'done', 'refused')),
    reason text,
    seat_ids text[] NOT NULL DEFAULT '{}',
    conflicts text[] NOT NULL DEFAULT '{}',
    changes jsonb NOT NULL DEFAULT '[]',
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    requested_at timestamptz NOT NULL,
    decided_at timestamptz NOT NULL,
    rules_version integer NOT NULL,
    PRIMARY KEY (tx, id),
    UNIQUE (command_id)
);

-- Messages that are no valid command, whole, so that somebody can look at them.
CREATE TABLE dead_letters (
    topic_id text COLLATE "C" NOT NULL,
    log_partition integer NOT NULL,
    log_offset bigint NOT NULL,
    key bytea,
    value bytea,
    headers jsonb NOT NULL DEFAULT '{}',
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic_id, log_partition, log_offset)
);

GRANT SELECT ON ledger, kafka_offsets, events, blocks, seats, outcomes, dead_letters TO frontrow_worker, frontrow_audit;
GRANT SELECT ON ledger, kafka_offsets, events, blocks, seats, outcomes TO frontrow_sync_service;
GRANT INSERT, UPDATE ON kafka_offsets, events, seats TO frontrow_worker;
GRANT INSERT ON blocks, outcomes, dead_letters TO frontrow_worker;
