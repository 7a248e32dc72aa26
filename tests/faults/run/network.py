"""Faults of the network between two: slow, cut, gone without a word, and cut between the question and its answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from tests.faults.run.fault import FOR_A_MOMENT, Fault, Scene
from tests.faults.run.links import LINKS, Link

DELAY_S: Final = 0.15
"""Each way: more than Redis' whole time-out, less than any other."""


@contextmanager
def slow(link: Link, scene: Scene) -> Iterator[None]:
    """Keep everything back for a while, each way."""
    proxy = scene.site.link(link).proxy(link)
    proxy.delay_s = DELAY_S
    try:
        yield
    finally:
        proxy.delay_s = 0.0


@contextmanager
def cut(link: Link, scene: Scene) -> Iterator[None]:
    """Reset every connection, and refuse new ones."""
    links = scene.site.link(link)
    links.do(links.proxy(link).cut())
    try:
        yield
    finally:
        links.do(links.proxy(link).mend())


@contextmanager
def half_open(link: Link, scene: Scene) -> Iterator[None]:
    """Take everything and answer nothing, while the other end is gone."""
    links = scene.site.link(link)
    links.run(links.proxy(link).leave_half_open)
    try:
        yield
    finally:
        links.do(links.proxy(link).mend())


@contextmanager
def answers_lost(link: Link, scene: Scene) -> Iterator[None]:
    """Let questions through, and cut each connection before its first answer."""
    proxy = scene.site.link(link).proxy(link)
    proxy.loses_answers = True
    try:
        yield
    finally:
        proxy.loses_answers = False


_KINDS: Final = {"slow": slow, "cut": cut, "half open": half_open, "answers lost on": answers_lost}

FAULTS: Final = tuple(
    Fault(f"{verb} {link.name}", partial(hurt, link), frozenset({link.name, link.target}), FOR_A_MOMENT, linked=True)
    for verb, hurt in _KINDS.items()
    for link in map(Link._make, LINKS)
)
