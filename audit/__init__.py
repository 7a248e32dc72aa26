"""Audit: proves that log, ledger and view agree, and answers ``/health`` for the platform.

``python -m audit.health`` is the service, ``python -m audit`` the invariant checker. This room reads every store and
writes none; of another service it imports the worker's rules alone, to replay the log through them.
"""
