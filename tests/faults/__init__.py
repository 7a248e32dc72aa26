"""Faults: the whole platform, hurt while it works; after each, the invariant checker over the whole history."""
