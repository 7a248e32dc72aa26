-- Names for whoever may see them: sync_service shows organisers and operators who an account is, and takes it back when the
-- account is erased. No name is kept anywhere but in accounts and in what the projector makes of it: a change says that
-- something happened to a principal, and the name is read where it is, so that one that is erased is nowhere to be read.
-- depends: 0020-accounts 0030-organisers

-- Made of account_id by write_api, which alone has the key (contracts/ids.py). Null for accounts of before this: they were never
-- in a release, and stay nameless to organisers, as guests are.
ALTER TABLE accounts ADD COLUMN principal text COLLATE "C" UNIQUE;

-- Insert-only, read in (tx, id) order below the horizon, as the feed is. id only grows for a principal: the row's lock is held.
CREATE TABLE account_changes (
    tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    principal text COLLATE "C" NOT NULL,
    PRIMARY KEY (tx, id)
);

-- By a trigger, so that whoever erases an account, by whatever way, has said so in the same transaction.
CREATE FUNCTION tell_account_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO account_changes (principal)
    SELECT DISTINCT principal FROM (VALUES (OLD.principal), (NEW.principal)) AS p (principal) WHERE principal IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER tell_account_change AFTER INSERT OR DELETE OR UPDATE OF principal, user_id ON accounts
    FOR EACH ROW EXECUTE FUNCTION tell_account_change();

GRANT INSERT ON account_changes TO frontrow_write_api;
GRANT SELECT ON account_changes TO frontrow_sync_service, frontrow_audit;
GRANT SELECT (principal, user_id) ON accounts TO frontrow_sync_service, frontrow_audit;

-- What can be refused at once: also what is somebody else's event's. Whose an event is never changes.
GRANT SELECT (event_id, organiser) ON events TO frontrow_write_api;
