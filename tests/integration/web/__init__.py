"""The page's build: Node, and the registry that it takes its tools from."""
