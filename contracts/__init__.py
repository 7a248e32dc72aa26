"""Contracts: the data that crosses a process boundary, and nothing else.

Every service enters here; this room never does I/O, reads no clock and no setting, and knows neither SQL nor a client.
"""
