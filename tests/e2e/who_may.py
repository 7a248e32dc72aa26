"""The callers and the objects of the table in ``test_who_may``: each call gets a fresh object of its kind.

An object is what fills a call's path, and the body that goes with it. The event is one organiser's, who is a caller;
a guest is whoever says a name and has no session.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from contracts.tokens import LIFE_S, SigningKeys
from infra.secrets.files import read
from tests.frontrow import Document, Frontrow
from tests.organisers import ABOUT, SECTION, Organiser, a_name
from tests.people import PASSWORD, Somebody, again, an_operator, an_organiser, register, somebody
from tests.receiver import Receiver

GUEST: Final = "a-guest"
ROWS, SEATS_A_ROW = 20, 50
NOT_A_TOKEN: Final = "A" * 43

Fields = dict[str, str]


@dataclass
class World:
    """Who asks, and what there is to ask about."""

    frontrow: Frontrow
    people: dict[str, Somebody]
    organiser: Organiser
    event_id: str
    receiver: Receiver
    seats: int = 0
    kept: dict[str, str] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    """Paths of webhooks that go when the test is over, since nobody has more than twenty."""

    @classmethod
    def of(cls, frontrow: Frontrow, receiver: Receiver) -> "World":
        operator = an_operator(frontrow)
        people = {
            "owner": somebody(frontrow.client, "owner"),
            "other": somebody(frontrow.client),
            "organiser": an_organiser(frontrow, operator),
            "other organiser": an_organiser(frontrow, operator),
            "operator": operator,
        }
        organiser = Organiser(frontrow, people["organiser"])
        rows = [{"row": _letter(row), "count": SEATS_A_ROW} for row in range(ROWS)]
        event_id = organiser.new_event(hold_seconds=600, sections=[{**SECTION, "rows": rows}])
        return cls(frontrow, people, organiser, event_id, receiver)

    @property
    def owner(self) -> Somebody:
        return self.people["owner"]

    def headers(self, caller: str) -> dict[str, str]:
        """Return what says who asks: nothing, for somebody without a session."""
        if caller == "expired":
            return {"Authorization": f"Bearer {self._expired_token()}"}
        return self.people[caller].headers if caller in self.people else {}

    def headers_of_a_new(self, caller: str) -> dict[str, str]:
        """Return the same for somebody of this kind who is needed for nothing else."""
        match caller:
            case "owner" | "other":
                return somebody(self.frontrow.client).headers
            case "organiser" | "other organiser":
                return an_organiser(self.frontrow, self.people["operator"]).headers
            case "operator":
                return an_operator(self.frontrow).headers
            case _:
                return self.headers(caller)

    def free_seat(self) -> str:
        """Return a seat that nobody had."""
        self.seats += 1
        row, number = divmod(self.seats - 1, SEATS_A_ROW)
        return f"{_letter(row)}{number + 1}"

    def booking(self, who: str, body: Fields) -> Fields:
        """Hold a seat."""
        asked = {"event_id": self.event_id, "seat_id": self.free_seat(), **body}
        headers = {**self.headers(who), "Prefer": "wait=10"}
        answer = self.frontrow.client.post("/api/book", json=asked, headers=headers)
        self.frontrow.remember(answer.status_code, answer.json())
        assert answer.status_code == httpx.codes.OK, answer.text
        booking: Document = answer.json()
        assert booking["status"] == "held", booking
        self.frontrow.accepted.add(booking["booking_id"])
        return {"booking_id": booking["booking_id"]}

    def attended(self, who: str, body: Fields, *, anew: bool = False) -> Fields:
        """Return a booking that is confirmed, the same one each time unless it is to be made ``anew``."""

        def make() -> str:
            event_id = self.once("attended", self.organiser.new_event)
            asked = {"event_id": event_id, "best": {"count": 1}, **body}
            headers = {**self.headers(who), "Prefer": "wait=10"}
            answer = self.frontrow.client.post("/api/book", json=asked, headers=headers)
            booking: Document = answer.json()
            assert booking["status"] == "confirmed", booking
            self.frontrow.remember(answer.status_code, booking)
            self.frontrow.accepted.add(booking["booking_id"])
            self.frontrow.outcome(booking["booking_id"])
            return str(booking["booking_id"])

        return {"booking_id": make() if anew else self.once(f"attended by {who}", make)}

    def once(self, name: str, make: Callable[[], str]) -> str:
        """Return what one object serves all callers for."""
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]

    def forget_webhooks(self) -> None:
        for path in self.made:
            self.frontrow.client.delete(path, headers=self.people["operator"].headers)
        self.made.clear()

    def _expired_token(self) -> str:
        keys = SigningKeys.model_validate_json(read(self.frontrow.instance.home, "write_api", "token_signing_keys"))
        caller = keys.public().reader().read(self.owner.tokens["access_token"], now_s=time.time())
        assert caller is not None
        return keys.mint().mint(caller, now_s=int(time.time()) - LIFE_S - 1)


@dataclass(frozen=True)
class Thing:
    """An object: what fills the path, and what is sent."""

    path: Fields = field(default_factory=dict)
    body: dict[str, Any] | None = None


On = Callable[[World], Thing]


def _letter(row: int) -> str:
    return chr(ord("A") + row)


# ------------------------------------------------------------------------------------------------ events
def nothing(_world: World) -> Thing:
    return Thing()


def the_event(world: World) -> Thing:
    return Thing({"event_id": world.event_id, "section": "stalls"})


def a_production(_world: World) -> Thing:
    return Thing({"production_id": "the-long-night"})


def a_new_event(_world: World) -> Thing:
    return Thing(body={**ABOUT, "event_id": a_name(), "sections": [], "publish": False})


def a_draft(world: World) -> Thing:
    event_id = world.organiser.new_event(sections=[], publish=False)
    return Thing({"event_id": event_id}, {"sections": [SECTION]})


def an_event_to_change(world: World) -> Thing:
    event_id = world.once("changed", world.organiser.new_event)
    return Thing({"event_id": event_id}, {"description": "Another one."})


def an_event_to_open_or_close(world: World) -> Thing:
    return Thing({"event_id": world.once("opened", world.organiser.new_event)})


def an_event_to_call_off(world: World) -> Thing:
    return Thing({"event_id": world.once("called off", world.organiser.new_event)})


def seats_to_block(world: World) -> Thing:
    return Thing({"event_id": world.event_id}, {"seat_ids": [world.free_seat()]})


def seats_that_are_blocked(world: World) -> Thing:
    seat_ids = [world.free_seat()]
    world.organiser.done(world.organiser.post(f"/api/events/{world.event_id}/block", {"seat_ids": seat_ids}))
    return Thing({"event_id": world.event_id}, {"seat_ids": seat_ids})


# ------------------------------------------------------------------------------------------------ bookings
def a_guests_booking(world: World) -> Thing:
    return Thing(world.booking("guest", {"user_id": world.owner.user_id}))


def an_accounts_booking(world: World) -> Thing:
    return Thing(world.booking("owner", {}))


def a_guests_booking_to_pay(world: World) -> Thing:
    return Thing(a_guests_booking(world).path, {"payment_token": "tok_success"})


def an_accounts_booking_to_pay(world: World) -> Thing:
    return Thing(an_accounts_booking(world).path, {"payment_token": "tok_success"})


def a_booking_that_is_over(world: World) -> Thing:
    def end() -> str:
        booking_id = an_accounts_booking(world).path["booking_id"]
        answer = world.frontrow.client.delete(f"/api/bookings/{booking_id}", headers=world.owner.headers)
        assert world.frontrow.command(answer)["status"] == "done"
        world.kept["its command"] = answer.json()["command_id"]
        return booking_id

    return Thing({"booking_id": world.once("over", end), "command_id": world.kept["its command"]})


def a_guests_ticket(world: World) -> Thing:
    return Thing(world.attended("guest", {"user_id": GUEST}))


def an_accounts_ticket(world: World) -> Thing:
    return Thing(world.attended("owner", {}))


def a_seat_to_check_in(world: World) -> Thing:
    booking_id = world.attended("owner", {}, anew=True)["booking_id"]
    booking = world.frontrow.outcome(booking_id)
    asked = {"booking_id": booking_id, "seat_id": booking["seat_ids"][0]}
    return Thing({"event_id": booking["event_id"]}, asked)


def a_free_seat(world: World) -> Thing:
    return Thing(body={"event_id": world.event_id, "seat_id": world.free_seat()})


def a_free_seat_in_the_owners_name(world: World) -> Thing:
    return Thing(body={"event_id": world.event_id, "seat_id": world.free_seat(), "user_id": world.owner.user_id})


# ------------------------------------------------------------------------------------------------ people
def a_new_account(_world: World) -> Thing:
    return Thing(body={"user_id": a_name("user"), "password": PASSWORD, "display_name": "Somebody"})


def a_password(world: World) -> Thing:
    return Thing(body={"user_id": world.owner.user_id, "password": PASSWORD})


def a_refresh_token(world: World) -> Thing:
    return Thing(body={"refresh_token": again(world.frontrow.client, world.owner.user_id).tokens["refresh_token"]})


def a_session_of_the_owner(world: World) -> Thing:
    return Thing({"session_id": again(world.frontrow.client, world.owner.user_id).tokens["session_id"]})


def somebodys_role(world: World) -> Thing:
    def make() -> str:
        return somebody(world.frontrow.client).user_id

    return Thing({"user_id": world.once("promoted", make)}, {"role": "organiser"})


def a_forgotten_password(world: World) -> Thing:
    user_id = a_name("user")
    register(world.frontrow.client, user_id, email="somebody@example.org")
    return Thing(body={"user_id": user_id})


def a_token_that_nobody_was_mailed(_world: World) -> Thing:
    return Thing(body={"token": NOT_A_TOKEN, "password": PASSWORD})


def no_letter(_world: World) -> Thing:
    return Thing({"letter_id": "1-0-999999999"})


# ------------------------------------------------------------------------------------------------ webhooks
def an_endpoint_for_the_event(world: World) -> Thing:
    return Thing(body={"url": world.receiver.url, "event_id": world.event_id})


def an_endpoint_for_ones_events(world: World) -> Thing:
    return Thing(body={"url": world.receiver.url})


def a_webhook(world: World) -> Thing:
    made = world.organiser.post("/api/webhooks", {"url": world.receiver.url, "event_id": world.event_id})
    assert made.status_code == httpx.codes.CREATED, made.text
    world.made.append(made.headers["location"])
    return Thing({"webhook_id": made.json()["id"]})


def a_delivery(world: World) -> Thing:
    webhook = a_webhook(world).path
    made = world.organiser.post(f"/api/webhooks/{webhook['webhook_id']}/test")
    return Thing({**webhook, "delivery_id": made.json()["id"]})
