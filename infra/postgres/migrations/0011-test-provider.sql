-- The built-in payment provider for tests and demonstrations: somebody else's books, which happen to lie on this server.
-- Nobody of ours reads them but the checker, which holds them against ours.
-- depends: 0010-payments

CREATE SCHEMA test_provider AUTHORIZATION frontrow_test_provider;
GRANT USAGE ON SCHEMA test_provider TO frontrow_audit;

-- key: the caller's idempotency key; asked: what was asked under it. decides_at: when one that is processing is decided.
CREATE TABLE test_provider.intents (
    id text COLLATE "C" PRIMARY KEY,
    key text COLLATE "C" NOT NULL UNIQUE,
    asked jsonb NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    currency text NOT NULL,
    metadata jsonb NOT NULL,
    token text NOT NULL,
    status text NOT NULL CHECK (status IN ('processing', 'requires_capture', 'requires_payment_method', 'canceled', 'succeeded')),
    amount_received bigint NOT NULL DEFAULT 0 CHECK (amount_received BETWEEN 0 AND amount),
    amount_refunded bigint NOT NULL DEFAULT 0 CHECK (amount_refunded BETWEEN 0 AND amount_received),
    decides_at timestamptz
);
CREATE INDEX intents_deciding ON test_provider.intents (decides_at) WHERE decides_at IS NOT NULL;

CREATE TABLE test_provider.refunds (
    key text COLLATE "C" PRIMARY KEY,
    intent_id text COLLATE "C" NOT NULL REFERENCES test_provider.intents,
    amount bigint NOT NULL CHECK (amount > 0)
);

-- Webhooks to be delivered: the same id each time, until somebody takes it (or nobody did for too long).
CREATE TABLE test_provider.deliveries (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id text NOT NULL,
    payload text NOT NULL,
    well_signed boolean NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX deliveries_due ON test_provider.deliveries (due_at);

ALTER TABLE test_provider.intents OWNER TO frontrow_test_provider;
ALTER TABLE test_provider.refunds OWNER TO frontrow_test_provider;
ALTER TABLE test_provider.deliveries OWNER TO frontrow_test_provider;
GRANT SELECT ON test_provider.intents TO frontrow_audit;
