"""Passwords are kept as argon2id hashes of OWASP's strength, and verified whatever a keyboard made of an accent."""

import asyncio
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from pydantic import SecretStr

from contracts import problems
from runtime.problems import ProblemError
from write_api.passwords import Passwords

PASSWORD = SecretStr("correct horse battery staple")


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords()
    yield made
    made.stop()


async def test_a_hash_is_argon2id_with_its_own_salt(passwords: Passwords) -> None:
    one, other = await passwords.hash(PASSWORD), await passwords.hash(PASSWORD)
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != other
    assert await passwords.verify(one, PASSWORD)
    assert not await passwords.verify(one, SecretStr("correct horse battery stapler"))
    assert not await passwords.verify("no hash", PASSWORD)


async def test_an_accent_is_the_same_however_it_was_typed(passwords: Passwords) -> None:
    kept = await passwords.hash(SecretStr("caf\u00e9 caf\u00e9 caf\u00e9"))
    assert await passwords.verify(kept, SecretStr("cafe\u0301 cafe\u0301 cafe\u0301"))


async def test_nobodys_password_is_verified_in_vain_and_never_right(passwords: Passwords) -> None:
    assert not await passwords.verify(None, SecretStr("nobody's"))


async def test_a_hash_of_other_parameters_is_outdated(passwords: Passwords) -> None:
    assert passwords.outdated(PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("x"))
    assert not passwords.outdated(await passwords.hash(PASSWORD))


async def test_a_crowd_beyond_the_queue_is_told_to_come_again() -> None:
    passwords = Passwords(most_waiting=3)
    crowd = await asyncio.gather(*(passwords.hash(PASSWORD) for _ in range(5)), return_exceptions=True)
    passwords.stop()
    told = [one for one in crowd if isinstance(one, ProblemError)]
    assert {one.kind for one in told} == {problems.OVERLOADED}
    assert len(told) == 2
