"""PostgreSQL, the ledger: its migrations in plain SQL and the one-shot that applies them."""
