"""write_api's pure parts: requests, halls, settings, and the document."""
