"""Payments: takes the money for bookings, through a provider, and gives it back.

It enters by the ledger's feed, answers with commands on the log, and asks the provider in between. It must never decide
about a booking: what stands on the log is decided by the worker. The order is the promise: authorise, then
``confirmed`` on the log, then capture; whatever else becomes of the booking voids the authorisation, and what was
captured for seats that were given back is refunded (docs/decisions/0013-payments.md).
"""
