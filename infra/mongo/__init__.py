"""MongoDB, the view: the one-shot that makes it a replica set and gives each service its user."""
