-- One role per service, each with only the grants it needs (0002). Roles belong to the whole server, so another database's
-- migrations may have made them already. Passwords are not here: infra.postgres.migrate sets them from the secrets.
-- depends:

DO $$
DECLARE
    service text;
BEGIN
    FOREACH service IN ARRAY ARRAY['frontrow_worker', 'frontrow_sync_service', 'frontrow_audit'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I LOGIN', service);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
END
$$;

-- A frozen worker must not freeze its successor, nor hold back the feed's horizon: both bounds stay below Kafka's session
-- timeout of 10 s (tests: a worker frozen inside its transaction is overtaken).
ALTER ROLE frontrow_worker SET idle_in_transaction_session_timeout = '4s';
ALTER ROLE frontrow_worker SET lock_timeout = '3s';
-- Plans made on empty tables must not live on: see docs/decisions/0002-batches.md.
ALTER ROLE frontrow_worker SET plan_cache_mode = 'force_custom_plan';
ALTER ROLE frontrow_sync_service SET idle_in_transaction_session_timeout = '4s';
ALTER ROLE frontrow_sync_service SET default_transaction_read_only = on;
ALTER ROLE frontrow_audit SET default_transaction_read_only = on;
