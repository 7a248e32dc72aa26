"""The page, as files: what it is made of and that it is made of that."""
