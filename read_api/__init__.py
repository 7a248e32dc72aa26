"""read_api: answers what is shown. Reads the view in MongoDB and nothing else.

The supervisor enters at ``__main__``. This room never writes, never decides, and knows neither the log nor the ledger.
"""
