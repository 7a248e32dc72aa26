"""The pure parts of read_api."""
