"""The one document of the API."""
