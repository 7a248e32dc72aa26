"""The worker's pure half, by itself."""
