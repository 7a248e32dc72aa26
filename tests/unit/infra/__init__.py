"""What starts, builds and describes Frontrow."""
