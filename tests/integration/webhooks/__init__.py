"""Telling organisers: what becomes of a real ledger's feed, and of deliveries to real endpoints on loopback."""
