"""What docker-compose.yml and the image promise, read without an engine."""
