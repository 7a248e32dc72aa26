"""Sabotage: ``make sabotage`` breaks the platform on purpose, one way at a time, and shows which test notices.

A test that cannot fail promises nothing. Each row of ``table`` is a mistake that somebody could make, as a change of
the source that must apply to the letter, and the focused test that is there to catch it. A mistake that nothing catches
is a hole, to be closed with a test. It works on a copy of the tree, on stores of its own, and never on the checkout.
"""
