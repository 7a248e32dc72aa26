"""What the load test knows and counts, without a platform."""
