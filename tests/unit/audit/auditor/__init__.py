"""audit.auditor: its memory, its doubts, what it believes and what it tells."""
