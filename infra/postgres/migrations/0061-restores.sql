-- What a ledger was restored from, so that whoever looks later knows what the log can still say of it.
-- depends: 0060-dead-letters

-- One row for each restore from a backup. topic_id: the log that the backup's ledger decided; undecided: how many messages
-- that log had beyond the ledger when the backup was complete, ticks left out. Where that log is gone, so are they.
CREATE TABLE restores (
    n integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    restored_at timestamptz NOT NULL DEFAULT now(),
    backed_up_at timestamptz NOT NULL,
    topic_id text COLLATE "C" NOT NULL,
    undecided bigint NOT NULL CHECK (undecided >= 0)
);
GRANT SELECT ON restores TO frontrow_audit;
