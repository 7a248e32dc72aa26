"""End to end: the whole platform, through the gateway, as people and programs meet it."""
