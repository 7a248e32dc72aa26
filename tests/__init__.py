"""Tests: unit (touch nothing), integration (one store each), e2e and faults (the whole platform)."""
