"""Runtime: how a process behaves, without one word of the domain.

Every service and one-shot enters here for settings, logs, lifecycle, HTTP and the clients of the stores. What happens
when a store is away is decided here once, in words, in the module that talks to it.
"""
