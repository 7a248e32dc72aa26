"""A sealed token is the same text each time, opens for its booking alone, and shows nothing."""

from contracts.payment_tokens import MAX_SEALED, MAX_TOKEN, TokenSeal

SEAL = TokenSeal(bytes(range(32)))


def test_a_sealed_token_opens_again_for_its_booking() -> None:
    sealed = SEAL.seal("tok_success", "bk_1")

    assert SEAL.open(sealed, "bk_1") == "tok_success"
    assert "tok" not in sealed


def test_the_same_token_for_the_same_booking_is_the_same_text() -> None:
    assert SEAL.seal("tok_success", "bk_1") == SEAL.seal("tok_success", "bk_1")
    assert SEAL.seal("tok_success", "bk_1") != SEAL.seal("tok_success", "bk_2")
    assert SEAL.seal("tok_success", "bk_1") != SEAL.seal("tok_declined", "bk_1")


def test_a_token_opens_for_no_other_booking_and_under_no_other_key() -> None:
    sealed = SEAL.seal("tok_success", "bk_1")

    assert SEAL.open(sealed, "bk_2") is None
    assert TokenSeal(bytes(32)).open(sealed, "bk_1") is None
    assert SEAL.open("tok_success", "bk_1") is None, "a token in clear is none that was sealed"
    assert SEAL.open("\x00", "bk_1") is None


def test_the_longest_token_fits_on_the_log() -> None:
    assert len(SEAL.seal("x" * MAX_TOKEN, "bk_1")) <= MAX_SEALED
