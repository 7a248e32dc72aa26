"""Moving: backups of what nothing else gives back, and how they become a platform on another machine.

``start-services.sh backup`` and ``restore`` enter here, natively through ``infra.native.moving``, under compose by
``python3 -m infra.moving`` in the one-shot that may see the state folder. Standard library alone. A backup holds
PostgreSQL whole (the ledger with its log position, accounts, webhooks, payments) and the secrets without which it
cannot be read. It holds neither the log nor the view: docs/decisions/0023-repair.md says why, and what that costs. This
room never writes over anything: a backup goes into a new folder, a restore into a home without a ledger.
"""
