-- Payments: what a payment was started with, which the worker writes, and the room that carries it out.
-- depends: 0005-offers

-- Insert-only, one row for each start_payment that was done: what it costs is fixed here, in the log's order. The token is
-- sealed (contracts/payment_tokens.py). seat_ids and prices are in the same order; currency is null when nothing is to pay.
CREATE TABLE payment_starts (
    command_id text COLLATE "C" PRIMARY KEY,
    booking_id text COLLATE "C" NOT NULL,
    attempt integer NOT NULL CHECK (attempt >= 1),
    token text NOT NULL,
    currency text,
    seat_ids text[] NOT NULL,
    prices bigint[] NOT NULL,
    UNIQUE (booking_id, attempt),
    CHECK (cardinality(seat_ids) = cardinality(prices))
);
GRANT SELECT, INSERT ON payment_starts TO frontrow_worker;
GRANT SELECT ON payment_starts TO frontrow_audit;

DO $$
DECLARE
    service text;
BEGIN
    FOREACH service IN ARRAY ARRAY['frontrow_payments', 'frontrow_test_provider'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I LOGIN', service);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
END
$$;
-- Neither may hold the feed's horizon back for longer than a worker may.
ALTER ROLE frontrow_payments SET idle_in_transaction_session_timeout = '4s';
ALTER ROLE frontrow_payments SET lock_timeout = '3s';
ALTER ROLE frontrow_test_provider SET idle_in_transaction_session_timeout = '4s';
ALTER ROLE frontrow_test_provider SET lock_timeout = '3s';

GRANT SELECT ON outcomes, payment_starts TO frontrow_payments;

-- The room's own tables: what it read, what it asked of the provider, what it was answered.
CREATE SCHEMA payments AUTHORIZATION frontrow_payments;
GRANT USAGE ON SCHEMA payments TO frontrow_audit;

CREATE TABLE payments.feed_cursor (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    tx xid8 NOT NULL DEFAULT '0',
    id bigint NOT NULL DEFAULT 0
);
INSERT INTO payments.feed_cursor DEFAULT VALUES;

-- One row for each attempt to pay for a booking; its words: payments/payment.py. A row is written before anything is asked.
-- due_at: when there is something to do about it; null when it is at rest.
CREATE TABLE payments.payments (
    booking_id text COLLATE "C" NOT NULL,
    attempt integer NOT NULL CHECK (attempt >= 1),
    log_partition integer NOT NULL,
    token text,
    currency text,
    seat_ids text[] NOT NULL,
    prices bigint[] NOT NULL,
    booking_status text NOT NULL,
    booking_reason text,
    booking_seat_ids text[] NOT NULL,
    booking_version bigint NOT NULL,
    superseded boolean NOT NULL DEFAULT false,
    ended_at_ms bigint,
    asked boolean NOT NULL DEFAULT false,
    known_in_time boolean NOT NULL DEFAULT false,
    heard_at_ms bigint,
    intent_id text,
    status text CHECK (status IN ('processing', 'requires_capture', 'requires_payment_method', 'canceled', 'succeeded')),
    captured_minor bigint NOT NULL DEFAULT 0 CHECK (captured_minor >= 0),
    refunded_minor bigint NOT NULL DEFAULT 0 CHECK (refunded_minor BETWEEN 0 AND captured_minor),
    refund_asked_minor bigint NOT NULL DEFAULT 0 CHECK (refund_asked_minor >= 0),
    told text CHECK (told IN ('authorised', 'declined')),
    acknowledged boolean NOT NULL DEFAULT false,
    refused boolean NOT NULL DEFAULT false,
    failures integer NOT NULL DEFAULT 0,
    due_at timestamptz,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (booking_id, attempt)
);
CREATE INDEX payments_due ON payments.payments (due_at) WHERE due_at IS NOT NULL;
ALTER TABLE payments.feed_cursor OWNER TO frontrow_payments;
ALTER TABLE payments.payments OWNER TO frontrow_payments;
GRANT SELECT ON payments.feed_cursor, payments.payments TO frontrow_audit;
