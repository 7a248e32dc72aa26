"""sync_service between a real PostgreSQL and a real MongoDB."""
