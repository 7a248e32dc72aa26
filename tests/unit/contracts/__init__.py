"""contracts: ids, routing, status strings, and the golden examples of everything on the log."""
