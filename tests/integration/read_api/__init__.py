"""read_api and a real MongoDB."""
