-- Accounts, their sessions, and what resets a password: plain rows, written by write_api alone. Nobody else may read them, so
-- that a person's name and address are in one place, and gone from it when the person is erased. The ledger knows people
-- by an opaque principal that is made of account_id (contracts/ids.py), never of the name.
-- depends: 0005-offers

DO $$
BEGIN
    CREATE ROLE frontrow_write_api LOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END;
$$;

-- A transaction that stays open holds the feed's horizon, and with it what everybody is shown: these end it within seconds.
ALTER ROLE frontrow_write_api SET statement_timeout = '2s';
ALTER ROLE frontrow_write_api SET lock_timeout = '1s';
ALTER ROLE frontrow_write_api SET idle_in_transaction_session_timeout = '2s';

-- password_hash: argon2id in its own format, with its salt and parameters.
CREATE TABLE accounts (
    account_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id text COLLATE "C" NOT NULL UNIQUE,
    display_name text NOT NULL,
    email text,
    role text NOT NULL DEFAULT 'customer' CHECK (role IN ('customer', 'organiser', 'operator')),
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
-- Anna and anna would be taken for each other by people.
CREATE UNIQUE INDEX accounts_user_id_in_any_case ON accounts (lower(user_id));

CREATE TABLE sessions (
    session_id text COLLATE "C" PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    user_agent text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    refreshed_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Every refresh token that a session had, by its SHA-256: one that is used again tells that somebody has a copy.
CREATE TABLE refresh_tokens (
    token_hash bytea PRIMARY KEY,
    session_id text COLLATE "C" NOT NULL REFERENCES sessions ON DELETE CASCADE,
    used_at timestamptz
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

-- One at a time for an account, by its SHA-256.
CREATE TABLE password_resets (
    account_id uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    token_hash bytea NOT NULL UNIQUE,
    expires_at timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON accounts, sessions, refresh_tokens, password_resets TO frontrow_write_api;

-- What can be refused at once: whose a booking is, and where it stands. Columns, so that nothing else can be asked.
GRANT SELECT (command_id, kind, event_id, principal, status) ON outcomes TO frontrow_write_api;
GRANT SELECT (booking_id, status, extended) ON bookings TO frontrow_write_api;
