"""Unit tests of the test provider: its intents go where a real one's would."""
