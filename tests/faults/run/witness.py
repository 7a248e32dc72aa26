"""The witness: an organiser of the run, who organises all of its halls, and whose receiver hears what becomes of them.

``nemesis`` enters here. The receiver is somebody else's server and behaves like one: it takes what is signed under its
secret a moment ago, refuses everything else, and now and then has too much to do. Between it and ``webhooks`` lies a
link, where the site has links.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx
from standardwebhooks.webhooks import WebhookVerificationError

from tests.eventually import eventually
from tests.faults.run.evidence import Told
from tests.faults.run.site import Site
from tests.frontrow import Frontrow
from tests.people import Somebody, again, an_operator, an_organiser
from tests.receiver import Received, Receiver, listening

TAKEN, REFUSED, BUSY = 204, 400, 503
BUSY_EVERY: Final = 40
"""Of how many deliveries one meets a receiver that has too much to do."""
MOVED_ON_WITHIN_S: Final = 30.0


class Witness:
    """The organiser and what was told. ``principal``: how log and ledger know the organiser."""

    def __init__(self, frontrow: Frontrow, receiver: Receiver, url: str) -> None:
        self._frontrow = frontrow
        self._receiver = receiver
        self._heard: dict[tuple[str, str], Told] = {}
        self._attempts = itertools.count(1)
        self.organiser = an_organiser(frontrow, an_operator(frontrow))
        with frontrow.ledger() as ledger:
            found = ledger.execute("SELECT principal FROM accounts WHERE user_id = %s", (self.organiser.user_id,))
            ((self.principal,),) = found.fetchall()
        made = frontrow.client.post("/api/webhooks", json={"url": url}, headers=self.organiser.headers)
        assert made.status_code == httpx.codes.CREATED, made.text
        self._secret = str(made.json()["secret"])
        receiver.judge = self._judge

    def logged_in(self) -> Somebody:
        """Return the organiser with a session of now: tokens are short-lived, and runs are long."""
        self.organiser = again(self._frontrow.client, self.organiser.user_id)
        return self.organiser

    def told(self) -> list[Told]:
        """Return what was told by now: each delivery, and once more if it said something else."""
        return list(self._heard.values())

    def move_on(self) -> None:
        """Let the pauses between attempts, which last for hours, be over."""

        def moved() -> None:
            with self._frontrow.ledger(owner=True) as ledger:
                ledger.execute("UPDATE webhooks.endpoints SET left_alone_until = NULL, failing_since = NULL")
                ledger.execute("UPDATE webhooks.deliveries SET due_at = now() WHERE due_at > now()")

        eventually(moved, within_s=MOVED_ON_WITHIN_S)

    def _judge(self, received: Received) -> int:
        try:
            received.verify(self._secret)
        except WebhookVerificationError:
            return REFUSED
        if next(self._attempts) % BUSY_EVERY == 0:
            return BUSY
        said = received.said
        data = said["data"]
        booking_id, seat_ids = data.get("booking_id", ""), tuple(data.get("seat_ids", ()))
        told = Told(received.id, said["type"], data.get("event_id", ""), booking_id, seat_ids, received.body)
        self._heard[told.delivery_id, told.body] = told
        return TAKEN


@contextmanager
def watching(site: Site) -> Iterator[Witness]:
    """Yield a witness of everything from now on."""
    with listening() as receiver:
        url = receiver.url
        if site.links is not None:
            url = site.links.before_receiver(url)
        yield Witness(site.frontrow, receiver, url)
