"""The page in a real browser, against the real platform: what people see, do, and are told."""
