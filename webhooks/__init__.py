"""webhooks: tells organisers' endpoints what was decided about their events, at least once, signed.

It follows the ledger's feed, turns rows into deliveries (rows of its own in PostgreSQL) in the transaction that moves
its cursor, and sends those to the endpoints; the gateway enters for ``/api/webhooks``. This room never decides anything
about a booking, never writes to the ledger, never touches log, locks or view, never connects to an address that it has
not checked, and never has a transaction open while it waits for an endpoint: that would hold the feed's horizon for
everybody.
"""
