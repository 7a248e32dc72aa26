"""runtime's pure parts: lanes, settings, problems."""
