"""Ids cannot be guessed, say when and where, and survive a rotation of their keys."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.ids import (
    ACCEPTANCE_BOUND_MS,
    BOOKING_PREFIX,
    COMMAND_PREFIX,
    DICE_BYTES,
    IdMint,
    derived_dice,
    opaque_principal,
    settlement_id,
)
from runtime.kafka import DELIVERY_TIMEOUT_MS

KEYS = {1: b"1" * 32, 2: b"2" * 32}
ALPHABET = string.ascii_letters + string.digits + "-_"
ISSUED = 1_795_240_925_522

mint = IdMint(KEYS, current=1)


def issued(prefix: str = BOOKING_PREFIX, *, dice: bytes = b"d" * DICE_BYTES, by: IdMint = mint) -> str:
    return by.issue(prefix, issued_at_ms=ISSUED, partition=5, dice=dice)


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**16 - 1), st.binary(min_size=DICE_BYTES, max_size=DICE_BYTES))
def test_an_id_says_when_and_where_it_was_issued(issued_at_ms: int, partition: int, dice: bytes) -> None:
    text = mint.issue(BOOKING_PREFIX, issued_at_ms=issued_at_ms, partition=partition, dice=dice)

    said = mint.read(text)

    assert said is not None
    assert (said.text, said.prefix, said.issued_at_ms, said.partition) == (
        text,
        BOOKING_PREFIX,
        issued_at_ms,
        partition,
    )


@pytest.mark.parametrize("prefix", [BOOKING_PREFIX, COMMAND_PREFIX])
def test_one_character_changed_at_any_place_to_any_other_was_never_issued(prefix: str) -> None:
    text = issued(prefix)

    for place in range(len(text)):
        for character in ALPHABET:
            changed = text[:place] + character + text[place + 1 :]
            assert (mint.read(changed) is None) == (changed != text), changed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "_",
        "bk",
        "bk_",
        "bk_" + "A" * 36,
        issued()[:-1],
        issued() + "A",
        issued() + "=",
        issued() + "\n",
        " " + issued(),
        issued().replace("_", "", 1),
        issued().upper(),
        "cm" + issued()[2:],
        "\N{FULLWIDTH LATIN SMALL LETTER B}k" + issued()[2:],
        issued()[:-1] + "\N{FULLWIDTH DIGIT ONE}",
        issued()[:-4] + "====",
        issued()[:10] + "\0" + issued()[11:],
    ],
)
def test_what_is_malformed_was_never_issued(text: str) -> None:
    assert mint.read(text) is None


@given(st.text(max_size=60))
def test_no_text_at_all_is_a_surprise(text: str) -> None:
    assert mint.read(text) is None
    assert mint.read("bk_" + text) is None


def test_the_dice_make_two_ids_of_one_moment_differ() -> None:
    assert issued(dice=b"a" * DICE_BYTES) != issued(dice=b"b" * DICE_BYTES)


def test_an_id_of_before_a_rotation_is_known_until_its_key_is_retired() -> None:
    old = issued()
    rotated = IdMint(KEYS, current=2)

    assert rotated.read(old) == mint.read(old)
    assert mint.read(issued(by=rotated)) is not None
    assert IdMint({2: KEYS[2]}, current=2).read(old) is None


def test_another_installations_ids_were_never_issued_here() -> None:
    other = IdMint({1: b"x" * 32}, current=1)

    assert mint.read(issued(by=other)) is None


@pytest.mark.parametrize(("keys", "current"), [({}, 1), (KEYS, 3), ({1: b"short"}, 1), ({256: b"k" * 32}, 256)])
def test_a_mint_without_proper_keys_is_refused(keys: dict[int, bytes], current: int) -> None:
    with pytest.raises(ValueError, match="key"):
        IdMint(keys, current)


def test_a_derived_id_is_the_same_after_every_rotation_and_carries_no_time() -> None:
    digest = derived_dice(b"d" * 32, "p_x", "book:concert123", "a key of somebody's")
    before, after = IdMint({1: KEYS[1]}, 1, b"c" * 32), IdMint({2: KEYS[2]}, 2, b"c" * 32)

    text = before.derive(BOOKING_PREFIX, partition=5, digest=digest)

    assert text == after.derive(BOOKING_PREFIX, partition=5, digest=digest)
    said = after.read(text)
    assert said is not None
    assert (said.keyed, said.partition) == (True, 5)
    issued_one = before.read(issued(by=before))
    assert issued_one is not None
    assert not issued_one.keyed
    assert mint.read(text) is None, "who has no key for derived ids knows none"


def test_no_two_lists_of_parts_are_derived_alike() -> None:
    key = b"d" * 32
    parts = [("a", "b", "c"), ("ab", "c"), ("a", "bc"), ("abc",), ("a", "b", "c", ""), ("a", "b", "C")]

    assert len({derived_dice(key, *some) for some in parts}) == len(parts)
    assert derived_dice(b"e" * 32, "abc") != derived_dice(key, "abc")


def test_the_key_of_derived_ids_is_none_that_rotates() -> None:
    with pytest.raises(ValueError, match="derived"):
        IdMint({0: b"0" * 32}, 0, b"c" * 32)


def test_too_few_dice_are_refused() -> None:
    with pytest.raises(ValueError, match="random"):
        issued(dice=b"d")


def test_a_principal_is_the_same_for_ever_and_tells_nothing() -> None:
    key = b"k" * 32
    principal = opaque_principal("guest", "user-123", key)

    assert principal == opaque_principal("guest", "user-123", key) == "p_xk9FugAjbewwCojEFbtjW6PH"
    assert principal != opaque_principal("account", "user-123", key), "registering never adopts a guest's bookings"
    assert principal != opaque_principal("guest", "user-124", key)
    assert principal != opaque_principal("guest", "user-123", b"l" * 32)
    assert len(principal) == 26


def test_a_command_that_the_producer_gave_up_long_ago_is_all_that_can_be_too_late() -> None:
    assert ACCEPTANCE_BOUND_MS > 3 * DELIVERY_TIMEOUT_MS


def test_a_settlement_has_one_id_for_each_payment_and_result() -> None:
    said = (("bk_1", 1, "authorised"), ("bk_1", 1, "declined"), ("bk_1", 2, "declined"), ("bk_2", 1, "authorised"))
    ids = [settlement_id(*one) for one in said]

    assert len(set(ids)) == 4
    assert ids[0] == settlement_id("bk_1", 1, "authorised")
    assert all(re.fullmatch(r"cm_[A-Za-z0-9_-]{36}", one) for one in ids)


def test_what_was_given_out_once_comes_out_the_same_whatever_computes_it() -> None:
    derived = IdMint(KEYS, current=1, keyed_key=b"k" * 32)

    assert issued() == "bk_AQGh_LKZUgAFZGRkZGRkZGRk8aP6dtzU9328"
    assert (
        derived.derive(BOOKING_PREFIX, partition=5, digest=derived_dice(b"d" * 32, "a", "b"))
        == "bk_AAAAAAAAAAAFLOaD6PG-yOtIwfS-G5ihhAy3"
    )
    assert opaque_principal("guest", "anna", b"p" * 32) == "p_OzEYNMtE2C4wMsYw82uz6zcC"
