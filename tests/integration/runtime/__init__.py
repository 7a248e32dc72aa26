"""Clients of runtime against real servers, and against servers that go, hang and come back."""
