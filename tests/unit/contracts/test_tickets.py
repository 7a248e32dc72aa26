"""A ticket's code: golden, the same for the gate that has no network, and nothing in it can be changed."""

import base64

import pytest

from contracts.tickets import MAX_CODE, TicketClaims, TicketReader, TicketSigner, base64url
from contracts.tokens import SigningKeys
from frontrow_client.gate import Gate

KEYS = SigningKeys.model_validate({"current": "1", "keys": {"1": base64.b64encode(bytes(range(32))).decode()}})
BOOKING = "bk_AQGh_LKhUgAGKq-LTBDbaQxSIopC2RW8lS1g"
CLAIMS = TicketClaims(BOOKING, 2, "concert123", "A2")
CODE = (
    "FR1:1:bk_AQGh_LKhUgAGKq-LTBDbaQxSIopC2RW8lS1g:2:concert123:A2:"
    "jfpPvXmKlyLdFYOBrAmGVCmaQEHGOm51n1TmEMQEmapsnnnOt6Yk-21mRk1oKAhhwHcVy8mybzU0u4zLqSP5Dw"
)
READER = TicketReader(KEYS.public().keys)
JWKS = {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": base64url(KEYS.public().keys["1"])}]}


def _code(claims: TicketClaims = CLAIMS) -> str:
    return TicketSigner("1", KEYS.keys["1"]).code(claims)


def test_a_code_is_what_it_was_in_every_release() -> None:
    assert _code() == CODE


def test_a_genuine_code_says_the_same_here_and_at_a_gate_without_a_network() -> None:
    assert READER.read(CODE) == CLAIMS
    assert tuple(Gate(JWKS, "concert123").read(CODE) or ()) == CLAIMS


def test_the_longest_ids_make_a_code_that_is_taken() -> None:
    longest = TicketClaims(BOOKING, 10**17, "e" * 64, "s" * 64)
    assert len(_code(longest)) <= MAX_CODE
    assert READER.read(_code(longest)) == longest
    assert tuple(Gate(JWKS, "e" * 64).read(_code(longest)) or ()) == longest


@pytest.mark.parametrize("position", range(len(CODE)))
def test_no_character_of_a_code_can_be_changed(position: int) -> None:
    other = "B" if CODE[position] == "A" else "A"
    forged = f"{CODE[:position]}{other}{CODE[position + 1 :]}"
    # The last character of a signature has bits that nothing is said in; it may be another one, and says the same.
    same = position == len(CODE) - 1 and READER.read(forged) == CLAIMS
    assert same or READER.read(forged) is None
    assert same or Gate(JWKS, "concert123").read(forged) is None


OTHERS = [CODE[:-1], f"{CODE}A", f" {CODE}", CODE.replace("FR1", "FR2"), CODE.replace(":2:", ":02:")]


@pytest.mark.parametrize("text", ["", "FR1", "é" * 9, *OTHERS])
def test_what_is_no_code_is_no_ticket(text: str) -> None:
    assert READER.read(text) is None
    assert Gate(JWKS, "concert123").admit(text) == "no ticket"


def test_a_retired_keys_tickets_are_none() -> None:
    assert TicketReader({}).read(CODE) is None
    assert Gate({"keys": []}, "concert123").read(CODE) is None


def test_a_gate_lets_each_seat_in_once_and_only_its_own_event() -> None:
    gate = Gate(JWKS, "concert123")
    assert [gate.admit(CODE), gate.admit(CODE)] == ["come in", "came in before"]
    assert gate.admit(_code(CLAIMS._replace(issue=3))) == "came in before", "another print of the same seat"
    assert gate.admit(_code(CLAIMS._replace(event_id="another"))) == "another event"
