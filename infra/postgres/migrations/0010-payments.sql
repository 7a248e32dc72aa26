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
