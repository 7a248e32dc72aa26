"""The test provider: a whole payment provider for tests and demonstrations, with books of its own.

``payments`` enters by HTTP, as it would another provider's; it answers by HTTP and by signed webhooks. It stands for
somebody else, so it imports nothing of ours but ``runtime`` and the problems' list, and must never read our tables nor
know a booking but by the metadata that it was given. What it does with a payment is said by the token (``tokens``).
"""
