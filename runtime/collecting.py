"""Collecting: how often a process looks for garbage in cycles. Every long-running one enters here as it starts."""

import gc


def collect_seldom(objects: int) -> None:
    """Search for cycles when there are so many objects more than before, instead of Python's 700.

    A batch or a burst of requests is thousands of objects that live until it is done, and would be walked over and over
    in vain. What is there by now stays to the end, and is not walked again either.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(objects, *gc.get_threshold()[1:])
