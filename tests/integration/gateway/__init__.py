"""What the gateway does by itself: a real NGINX on its own port, real servers behind it that do what a test asks."""
