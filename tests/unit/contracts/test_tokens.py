"""A token says who asks, to whoever holds the public key, until its time is over; nobody else can make one."""

import base64
import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.callers import Caller, Role
from contracts.tokens import LIFE_S, MAX_TOKEN, PublicKeys, SigningKeys, TokenReader

NOW = 1_795_240_925
ANNA = Caller("p_" + "a" * 24, "anna", Role.CUSTOMER, "s" * 22)


def key(byte: bytes) -> str:
    return base64.b64encode(byte * 32).decode()


def signing(current: str = "1", **keys: str) -> SigningKeys:
    return SigningKeys.model_validate({"current": current, "keys": keys or {"1": key(b"1")}})


def reader(keys: SigningKeys) -> TokenReader:
    return keys.public().reader()


def minted(caller: Caller = ANNA, keys: SigningKeys | None = None) -> str:
    return (keys or signing()).mint().mint(caller, now_s=NOW)


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.ORGANISER, Role.OPERATOR])
def test_a_token_says_who_asks(role: Role) -> None:
    caller = Caller(ANNA.principal, ANNA.user_id, role, ANNA.session_id)
    assert reader(signing()).read(minted(caller), now_s=NOW) == caller


def test_a_token_is_good_until_its_time_and_not_a_moment_longer() -> None:
    token = minted()
    assert reader(signing()).read(token, now_s=NOW + LIFE_S - 0.001) == ANNA
    assert reader(signing()).read(token, now_s=NOW + LIFE_S) is None


def test_any_character_changed_makes_a_token_nobodys() -> None:
    token = minted()
    for place in range(0, len(token), 3):
        other = "A" if token[place] != "A" else "B"
        changed = token[:place] + other + token[place + 1 :]
        said = reader(signing()).read(changed, now_s=NOW)
        # The last character of a part may have spare bits; what it says is then the same.
        assert said in (None, ANNA), place
        assert said is None or place + 1 in (token.index("."), token.rindex("."), len(token))


def test_old_tokens_stay_good_while_their_key_is_there_and_not_after() -> None:
    old, both = signing(), signing("2", **{"1": key(b"1"), "2": key(b"2")})
    retired = signing("2", **{"2": key(b"2")})
    assert reader(both).read(minted(keys=old), now_s=NOW) == ANNA
    assert reader(both).read(minted(keys=both), now_s=NOW) == ANNA
    assert reader(retired).read(minted(keys=old), now_s=NOW) is None


def test_another_key_under_the_same_key_id_signs_for_nobody() -> None:
    forged = signing("1", **{"1": key(b"2")})
    assert reader(signing()).read(minted(keys=forged), now_s=NOW) is None


CLAIMS = {
    "iss": "frontrow",
    "aud": "frontrow",
    "sub": ANNA.principal,
    "user_id": "anna",
    "role": "customer",
    "sid": ANNA.session_id,
    "iat": NOW,
    "exp": NOW + LIFE_S,
}


def signed(claims: dict[str, object], typ: str = "at+jwt") -> str:
    private = Ed25519PrivateKey.from_private_bytes(b"1" * 32)
    return jwt.encode(claims, private, "EdDSA", {"kid": "1", "typ": typ})


def test_claims_like_ours_are_taken() -> None:
    """So that the cases below are refused for what each of them changes."""
    assert reader(signing()).read(signed(CLAIMS), now_s=NOW) == ANNA


@pytest.mark.parametrize(
    "changed",
    [{"iss": "another"}, {"aud": "another"}, {"role": "guest"}, {"role": "king"}, {"exp": "soon"}, {"role": None}],
    ids=str,
)
def test_a_token_for_something_else_is_not_taken(changed: dict[str, object]) -> None:
    assert reader(signing()).read(signed(CLAIMS | changed), now_s=NOW) is None


@pytest.mark.parametrize("missing", sorted(CLAIMS))
def test_a_token_without_one_of_its_claims_is_not_taken(missing: str) -> None:
    claims = {name: value for name, value in CLAIMS.items() if name != missing}
    assert reader(signing()).read(signed(claims), now_s=NOW) is None


def test_a_token_of_another_type_or_algorithm_is_not_taken() -> None:
    public = reader(signing())
    shared = signing().public().keys["1"]
    unsigned = jwt.encode(CLAIMS, "", "none", {"kid": "1", "typ": "at+jwt"})
    by_public_key = jwt.encode(CLAIMS, shared, "HS256", {"kid": "1", "typ": "at+jwt"})
    for token in (signed(CLAIMS, "JWT"), unsigned, by_public_key, "", "a.b.c", "é" * 20, "x" * (MAX_TOKEN + 1)):
        assert public.read(token, now_s=NOW) is None, token


def test_keys_are_shown_neither_by_repr_nor_in_errors() -> None:
    assert key(b"1") not in repr(signing())
    assert repr(b"1" * 32) not in repr(signing())
    with pytest.raises(ValueError, match="keys") as refused:
        SigningKeys.model_validate({"current": "1", "keys": {"1": "not base64: secret!"}})
    assert "secret!" not in str(refused.value)


def test_public_keys_are_read_from_their_file() -> None:
    public = {"keys": {"1": base64.b64encode(signing().public().keys["1"]).decode()}}
    keys = PublicKeys.model_validate(json.loads(json.dumps(public)))
    assert keys.reader().read(minted(), now_s=NOW) == ANNA
