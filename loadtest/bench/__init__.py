"""Bench: measures Frontrow against a direct booking in one PostgreSQL transaction, on one machine, in one run.

A figure here is a ratio of two measurements of the same run and generator. Figures never fail a build; what does is
work that was lost or broken while measuring. Nothing here runs against a platform that somebody uses: the bench starts
its own instance, and its parts own their databases and topics.
"""
