"""Telling: what webhooks should have been told of, worked out from each seat's own changes, against what they were.

``load_ledger`` reads it in its snapshot, ``invariants`` enters with it. It knows nothing of how ``webhooks`` finds what
it tells: a booking's words come from what its seats became, and whether an event was sold out from every seat's status
after every outcome. It looks back for less long than deliveries are kept.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from audit.findings import Findings, Invariant

LOOK_BACK_DAYS: Final = 6
"""One less than the days for which what was delivered is kept."""


class Telling(NamedTuple):
    """One notice to one webhook: whether it should be, and whether there is a delivery of it."""

    webhook_id: str
    kind: str
    position: str
    expected: bool
    there: bool


def compare(tellings: Iterable[Telling], findings: Findings) -> None:
    """Complain of what was not told, and of what was told for no reason."""
    for telling in tellings:
        findings.checked[Invariant.TOLD] += 1
        if telling.expected and not telling.there:
            sentence = f"{telling.webhook_id} was not told of {telling.kind} at {telling.position}"
            findings.complain(Invariant.TOLD, sentence)
        elif telling.there and not telling.expected:
            sentence = f"{telling.webhook_id} was told of {telling.kind} at {telling.position}, where there was none"
            findings.complain(Invariant.TOLD, sentence)


TELLINGS: Final = """
    WITH hearing AS (
        SELECT w.webhook_id, w.types, w.created_tx, e.event_id
        FROM webhooks.endpoints AS w
        JOIN events AS e
            ON (w.all_events OR w.principal = e.organiser) AND coalesce(w.event_id, e.event_id) = e.event_id
    ), heard AS (
        SELECT h.webhook_id, h.types, o.tx, o.id, o.changes, o.kind, coalesce(o.booking_id, o.command_id) AS about,
            o.booking ->> 'status' AS became
        FROM hearing AS h JOIN outcomes AS o USING (event_id) CROSS JOIN webhooks.feed_cursor AS c
        WHERE o.tx > h.created_tx AND (o.tx, o.id) <= (c.tx, c.id) AND o.decided_at > now() - interval '6 days'
    ), bookings_told AS (
        SELECT webhook_id, types, tx, id, CASE
            -- Seats that an organiser takes out of the sale are booked by the command, and are nobody's booking.
            WHEN kind <> 'block_seats' AND changes @? '$[*][2] ? (@ == "b")' THEN 'booking.confirmed'
            WHEN became IN ('cancelled', 'confirmed') AND changes @? '$[*][2] ? (@ == "a")' AND EXISTS (
                SELECT FROM outcomes AS o
                WHERE (o.command_id = heard.about OR o.booking_id = heard.about)
                    AND 'confirmed' IN (o.status, o.booking ->> 'status')
            ) THEN 'booking.cancelled'
        END AS type
        FROM heard
    ), moves AS (
        SELECT o.event_id, o.tx, o.id, (c ->> 2 = 'a')::int - (coalesce(lag(c ->> 2) OVER (
            PARTITION BY o.event_id, c ->> 0, c ->> 1 ORDER BY (c ->> 3)::bigint
        ), 'a') = 'a')::int AS by
        FROM outcomes AS o CROSS JOIN LATERAL jsonb_array_elements(o.changes) AS c
        WHERE o.event_id IN (SELECT event_id FROM hearing WHERE 'event.sold_out' = ANY (types))
    ), counts AS (
        SELECT event_id, tx, id, sum(by) AS by, (SELECT count(*) FROM seats AS s WHERE s.event_id = moves.event_id)
            + sum(sum(by)) OVER (PARTITION BY event_id ORDER BY tx, id) AS available
        FROM moves GROUP BY event_id, tx, id
    ), expected AS (
        SELECT webhook_id, type, tx, id FROM bookings_told WHERE type = ANY (types)
        UNION ALL
        SELECT h.webhook_id, 'event.sold_out', n.tx, n.id
        FROM counts AS n JOIN hearing AS h USING (event_id) JOIN outcomes AS o ON (o.tx, o.id) = (n.tx, n.id)
        CROSS JOIN webhooks.feed_cursor AS c
        WHERE n.available = 0 AND n.by < 0 AND 'event.sold_out' = ANY (h.types)
            AND (o.booking_id IS NOT NULL OR o.kind = 'book_seats')
            AND n.tx > h.created_tx AND (n.tx, n.id) <= (c.tx, c.id) AND o.decided_at > now() - interval '6 days'
    ), there AS (
        SELECT d.webhook_id, d.type, d.tx, d.row_id AS id
        FROM webhooks.deliveries AS d JOIN outcomes AS o ON (o.tx, o.id) = (d.tx, d.row_id)
        WHERE o.decided_at > now() - interval '6 days'
    )
    SELECT webhook_id, type, tx::text || '-' || id, expected.webhook_id IS NOT NULL, there.webhook_id IS NOT NULL
    FROM expected FULL JOIN there USING (webhook_id, type, tx, id)"""
