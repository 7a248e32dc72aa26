"""The page's build: what Node makes of its sources, where a machine has Node."""
