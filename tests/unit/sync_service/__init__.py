"""The pure parts of sync_service."""
