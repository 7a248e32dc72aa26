"""What Frontrow is measured against does what it is said to do."""
