"""Statements: the worker's SQL, each one set-based over columns that ``ledger`` passes as array literals.

They look a bounded number of rows up by their keys. A guarded statement changes exactly the rows that it was given or
the batch is a bug; ``ledger`` asserts the counts.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, LiteralString

from worker.literals import numbers, shared, texts

Column = Callable[[Iterable[Any]], str]
Insert = tuple[LiteralString, tuple[Column, ...]]
"""A statement and how each of its columns becomes a literal, in the order of the rows' fields."""

ADD_OFFSETS: Final = """
    INSERT INTO kafka_offsets (topic_id, topic, log_partition, next_offset, log_time_ms)
    SELECT %s, %s, p, 0, 0 FROM unnest(%s::int[]) AS p ORDER BY p
    ON CONFLICT DO NOTHING"""

OFFSETS: Final = """
    SELECT log_partition, next_offset, log_time_ms, mark FROM kafka_offsets
    WHERE topic_id = %s AND log_partition = ANY (%s::int[])"""

ADD_TOPIC: Final = "INSERT INTO topics (topic_id) VALUES (%s) ON CONFLICT DO NOTHING"

OTHER_TOPICS: Final = "SELECT DISTINCT topic_id FROM kafka_offsets WHERE topic = %s AND topic_id <> %s"

# idle_in_transaction_session_timeout does not see a session whose worker froze between two statements of one pipeline:
# the server takes it for busy, though all it does is wait for its client. A role may end its own sessions.
END_FROZEN: Final = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()
        AND state <> 'idle' AND wait_event = 'ClientRead' AND state_change < now() - %s * '1 s'::interval"""

# An UPDATE alone locks in the order of its plan; two workers that race for the same partitions would deadlock.
LOCK_OFFSETS: Final = """
    SELECT FROM kafka_offsets WHERE topic_id = %s AND log_partition = ANY (%s::int[])
    ORDER BY log_partition FOR UPDATE"""

MOVE_OFFSETS: Final = """
    UPDATE kafka_offsets AS o
    SET next_offset = m.next_offset, log_time_ms = m.log_time_ms, mark = m.mark, tx = pg_current_xact_id()
    FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[])
        AS m (log_partition, first_offset, next_offset, log_time_ms, mark)
    WHERE o.topic_id = %s AND o.log_partition = m.log_partition AND o.next_offset = m.first_offset
    RETURNING o.log_partition"""

DECIDED: Final = "SELECT command_id FROM outcomes WHERE command_id = ANY (%s::text[])"

# As the view will show them; a time's text is what sync_service makes of it. What a later command changed is left to
# the view: the outcome of its request is not what the booking is any more.
DECIDED_BOOKINGS: Final = """
    SELECT command_id, event_id, principal, status, reason, seat_ids, conflicts,
        to_char(requested_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        to_char(decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        to_char(('epoch'::timestamptz + (booking ->> 'expires_at_ms')::bigint * '1 ms'::interval) AT TIME ZONE 'UTC',
            'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        CASE WHEN booking -> 'offer' <> 'null' THEN ((booking -> 'offer') - 'expires_at_ms') || jsonb_build_object(
            'expires_at', to_char(('epoch'::timestamptz + (booking #>> '{offer,expires_at_ms}')::bigint
                * '1 ms'::interval) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) END,
        tx::text::bigint, id
    FROM outcomes AS o WHERE command_id = ANY (%s::text[]) AND kind = 'book_seats'
        AND NOT EXISTS (SELECT FROM bookings AS b WHERE b.booking_id = o.command_id AND b.version > 1)"""

# Who came in with a seat stays so, so what is read after the commit is what the command found.
DECIDED_CHECK_INS: Final = """
    SELECT o.command_id, o.kind, o.booking_id, o.status, o.reason,
        (SELECT jsonb_build_object('seat_id', c ->> 'seat_id', 'by', c ->> 'by', 'gate', c ->> 'gate', 'checked_in_at',
            to_char(('epoch'::timestamptz + (c ->> 'at_ms')::bigint * '1 ms'::interval) AT TIME ZONE 'UTC',
                'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
        FROM jsonb_array_elements(b.check_ins) AS c WHERE c ->> 'seat_id' = o.seat_ids[1])
    FROM outcomes AS o LEFT JOIN bookings AS b USING (booking_id)
    WHERE o.command_id = ANY (%s::text[]) AND o.kind = 'check_in'"""

EVENTS: Final = """
    SELECT event_id, status, version, hold_seconds, focal_row, focal_offset, organiser, max_seats_per_user,
        on_sale_at_ms, off_sale_at_ms, clearing
    FROM events WHERE event_id = ANY (%s::text[])"""

CLEARING: Final = """
    SELECT event_id, log_partition, clearing FROM events
    WHERE log_partition = ANY (%s::int[]) AND clearing IS NOT NULL"""

BLOCKS: Final = "SELECT event_id, block FROM blocks WHERE event_id = ANY (%s::text[])"

SEATS: Final = """
    SELECT s.event_id, s.seat_id, s.block, s.position, s.status, s.version, s.booking_id
    FROM unnest(%s::text[], %s::text[]) AS w (event_id, seat_id) JOIN seats AS s USING (event_id, seat_id)
    ORDER BY s.event_id, s.seat_id FOR UPDATE OF s"""

# Nobody else changes them: their partition's offset is ours.
TAKEN: Final = """
    SELECT s.event_id, s.seat_id, s.block, s.position, s.status, s.version, s.booking_id
    FROM unnest(%s::text[], %s::int[], %s::int[]) AS w (event_id, first_block, last_block)
    JOIN seats AS s ON s.event_id = w.event_id AND s.block BETWEEN w.first_block AND w.last_block
    WHERE s.booking_id IS NOT NULL"""

COUNTS: Final = """
    SELECT c.event_id, c.principal, c.seats
    FROM unnest(%s::text[], %s::text[]) AS w (event_id, principal) JOIN seat_counts AS c USING (event_id, principal)"""

# Whole halls, a row a block: nobody else changes them, since their partition's offset is ours.
PLANS: Final = """
    SELECT b.event_id, b.block, b.section, b.layout, b.price_minor, b.accessible, b.general_admission, b.priced,
        s.status, s.versions
    FROM blocks AS b CROSS JOIN LATERAL (
        SELECT string_agg(status::text, '' ORDER BY position), array_agg(version ORDER BY position)
        FROM seats WHERE event_id = b.event_id AND block = b.block
    ) AS s (status, versions)
    WHERE b.event_id = ANY (%s::text[]) ORDER BY b.event_id, b.block"""

# What a seat of each block costs, where a payment starts: it is fixed then, whatever becomes of prices later.
PRICES: Final = "SELECT event_id, block, price_minor, currency, priced FROM blocks WHERE event_id = ANY (%s::text[])"

BOOKINGS: Final = """
    SELECT booking_id, event_id, log_partition, principal, hold_seconds, status, reason, seat_ids, expires_at_ms,
        due_at_ms, extended, attempt, version, check_ins
    FROM bookings WHERE booking_id = ANY (%s::text[])"""

# Requests of which nothing more has become: what has a life is in bookings.
REQUESTS: Final = """
    SELECT o.command_id, o.log_partition, o.event_id, o.principal, o.seat_ids, o.status
    FROM outcomes AS o
    WHERE o.command_id = ANY (%s::text[]) AND o.kind = 'book_seats'
        AND NOT EXISTS (SELECT FROM bookings AS b WHERE b.booking_id = o.command_id)"""

DUE: Final = """
    SELECT b.* FROM unnest(%s::int[], %s::bigint[], %s::bigint[]) AS w (log_partition, now_ms, most)
    CROSS JOIN LATERAL (
        SELECT booking_id, event_id, log_partition, principal, hold_seconds, status, reason, seat_ids, expires_at_ms,
            due_at_ms, extended, attempt, version, check_ins
        FROM bookings WHERE log_partition = w.log_partition AND due_at_ms <= w.now_ms
        ORDER BY due_at_ms, booking_id LIMIT w.most
    ) AS b"""

WAITING: Final = """
    SELECT p, EXISTS (SELECT FROM bookings WHERE log_partition = p AND due_at_ms IS NOT NULL),
        EXISTS (SELECT FROM events WHERE log_partition = p AND clearing IS NOT NULL)
    FROM unnest(%s::int[]) AS p"""

NEW_EVENTS: Final[Insert] = (
    """
    INSERT INTO events (event_id, name, kind, venue, time_zone, date, status, organiser, description, place,
        production_id, production_name, origin, destination, departure, arrival, log_partition, version, hold_seconds,
        focal_row, focal_offset, max_seats_per_user, on_sale_at_ms, off_sale_at_ms, clearing)
    SELECT event_id, name, kind, venue, time_zone, date::timestamptz, status, organiser, description, place,
        production_id, production_name, origin, destination, departure::timestamptz, arrival::timestamptz,
        log_partition, version, hold_seconds, focal_row, focal_offset, max_seats_per_user, on_sale_at_ms,
        off_sale_at_ms, clearing
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::int[],
        %s::bigint[], %s::int[], %s::int[], %s::int[], %s::int[], %s::bigint[], %s::bigint[], %s::int[])
        AS n (event_id, name, kind, venue, time_zone, date, status, organiser, description, place,
        production_id, production_name, origin, destination, departure, arrival, log_partition, version, hold_seconds,
        focal_row, focal_offset, max_seats_per_user, on_sale_at_ms, off_sale_at_ms, clearing)""",
    (*[texts] * 16, *[numbers] * 9),
)

CHANGED_EVENTS: Final[Insert] = (
    """
    UPDATE events AS e SET status = n.status, version = n.version, hold_seconds = n.hold_seconds,
        max_seats_per_user = n.max_seats_per_user, on_sale_at_ms = n.on_sale_at_ms,
        off_sale_at_ms = n.off_sale_at_ms, clearing = n.clearing
    FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::int[], %s::int[], %s::bigint[], %s::bigint[], %s::int[],
        %s::bigint[])
        AS n (event_id, status, version, hold_seconds, max_seats_per_user, on_sale_at_ms, off_sale_at_ms, clearing,
        former)
    WHERE e.event_id = n.event_id AND e.version = n.former""",
    (texts, texts, *[numbers] * 7),
)

# What is not said stays; what is said to be null is no more.
DESCRIBED_EVENTS: Final[Insert] = (
    """
    UPDATE events AS e SET
        name = coalesce(n.said ->> 'name', e.name),
        venue = coalesce(n.said ->> 'venue', e.venue),
        time_zone = coalesce(n.said ->> 'time_zone', e.time_zone),
        date = coalesce((n.said ->> 'date')::timestamptz, e.date),
        description = coalesce(n.said ->> 'description', e.description),
        place = CASE WHEN n.said ? 'place' THEN n.said ->> 'place' ELSE e.place END,
        production_id = CASE WHEN n.said ? 'production_id' THEN n.said ->> 'production_id' ELSE e.production_id END,
        production_name =
            CASE WHEN n.said ? 'production_name' THEN n.said ->> 'production_name' ELSE e.production_name END,
        departure = coalesce((n.said ->> 'departure')::timestamptz, e.departure),
        arrival = coalesce((n.said ->> 'arrival')::timestamptz, e.arrival)
    FROM (SELECT event_id, said::jsonb FROM unnest(%s::text[], %s::text[]) AS u (event_id, said)) AS n
    WHERE e.event_id = n.event_id""",
    (texts, texts),
)

NEW_COUNTS: Final[Insert] = (
    """
    INSERT INTO seat_counts (event_id, principal, seats)
    SELECT event_id, principal, seats
    FROM unnest(%s::text[], %s::text[], %s::int[]) AS n (event_id, principal, seats)""",
    (texts, texts, numbers),
)

CHANGED_COUNTS: Final[Insert] = (
    """
    UPDATE seat_counts AS c SET seats = n.seats
    FROM unnest(%s::text[], %s::text[], %s::int[], %s::int[]) AS n (event_id, principal, seats, former)
    WHERE c.event_id = n.event_id AND c.principal = n.principal AND c.seats = n.former""",
    (texts, texts, numbers, numbers),
)

NEW_BLOCKS: Final[Insert] = (
    """
    INSERT INTO blocks (event_id, block, section, layout, price_minor, currency, accessible, general_admission,
        category, priced)
    SELECT event_id, block, section, layout::jsonb, price_minor, currency, accessible::text[], general_admission,
        category, priced::jsonb
    FROM unnest(%s::text[], %s::int[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::boolean[],
        %s::text[], %s::text[])
        AS n (event_id, block, section, layout, price_minor, currency, accessible, general_admission, category,
        priced)""",
    (texts, numbers, texts, texts, numbers, texts, texts, texts, texts, texts),
)

NEW_SEATS: Final[Insert] = (
    """
    INSERT INTO seats (event_id, seat_id, block, position, status, version, booking_id)
    SELECT event_id, seat_id, block, position, status::"char", version, booking_id
    FROM unnest(%s::text[], %s::text[], %s::int[], %s::int[], %s::text[], %s::bigint[], %s::text[])
        AS n (event_id, seat_id, block, position, status, version, booking_id)""",
    (texts, texts, numbers, numbers, texts, numbers, texts),
)

CHANGED_SEATS: Final[Insert] = (
    """
    UPDATE seats AS s SET status = n.status::"char", version = n.version, booking_id = n.booking_id
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::bigint[])
        AS n (event_id, seat_id, status, version, booking_id, former)
    WHERE s.event_id = n.event_id AND s.seat_id = n.seat_id AND s.version = n.former""",
    (texts, texts, texts, numbers, texts, numbers),
)

_BOOKING: Final = (
    texts,
    texts,
    numbers,
    texts,
    numbers,
    texts,
    texts,
    texts,
    numbers,
    numbers,
    texts,
    numbers,
    numbers,
    texts,
)

NEW_BOOKINGS: Final[Insert] = (
    """
    INSERT INTO bookings (booking_id, event_id, log_partition, principal, hold_seconds, status, reason, seat_ids,
        expires_at_ms, due_at_ms, extended, attempt, version, check_ins)
    SELECT booking_id, event_id, log_partition, principal, hold_seconds, status, reason, seat_ids::text[],
        expires_at_ms, due_at_ms, extended, attempt, version, check_ins::jsonb
    FROM unnest(%s::text[], %s::text[], %s::int[], %s::text[], %s::int[], %s::text[], %s::text[], %s::text[],
        %s::bigint[], %s::bigint[], %s::boolean[], %s::int[], %s::bigint[], %s::text[])
        AS n (booking_id, event_id, log_partition, principal, hold_seconds, status, reason, seat_ids,
        expires_at_ms, due_at_ms, extended, attempt, version, check_ins)""",
    _BOOKING,
)

CHANGED_BOOKINGS: Final[Insert] = (
    """
    UPDATE bookings AS b SET status = n.status, reason = n.reason, seat_ids = n.seat_ids::text[],
        expires_at_ms = n.expires_at_ms, due_at_ms = n.due_at_ms, extended = n.extended, attempt = n.attempt,
        version = n.version, check_ins = n.check_ins::jsonb
    FROM unnest(%s::text[], %s::text[], %s::int[], %s::text[], %s::int[], %s::text[], %s::text[], %s::text[],
        %s::bigint[], %s::bigint[], %s::boolean[], %s::int[], %s::bigint[], %s::text[], %s::bigint[])
        AS n (booking_id, event_id, log_partition, principal, hold_seconds, status, reason, seat_ids,
        expires_at_ms, due_at_ms, extended, attempt, version, check_ins, former)
    WHERE b.booking_id = n.booking_id AND b.version = n.former""",
    (*_BOOKING, numbers),
)

# Lists within a row travel as text, since unnest would flatten an array of arrays. Identities follow the log's order.
OUTCOMES: Final[Insert] = (
    """
    INSERT INTO outcomes (command_id, kind, event_id, principal, status, reason, seat_ids, conflicts, changes,
        log_partition, log_offset, requested_at, decided_at, rules_version, booking_id, booking, topic_no)
    SELECT command_id, kind, event_id, principal, status, reason, seat_ids::text[], conflicts::text[], changes::jsonb,
        log_partition, log_offset, 'epoch'::timestamptz + requested_ms * '1 ms'::interval,
        'epoch'::timestamptz + decided_ms * '1 ms'::interval, rules_version, booking_id, booking::jsonb,
        (SELECT topic_no FROM topics WHERE topic_id = %s)
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::text[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::int[],
        %s::text[], %s::text[])
        AS n (command_id, kind, event_id, principal, status, reason, seat_ids, conflicts, changes,
        log_partition, log_offset, requested_ms, decided_ms, rules_version, booking_id, booking)""",
    (shared, *[texts] * 9, *[numbers] * 5, texts, texts),
)

PAYMENT_STARTS: Final[Insert] = (
    """
    INSERT INTO payment_starts (command_id, booking_id, attempt, token, currency, seat_ids, prices)
    SELECT command_id, booking_id, attempt, token, currency, seat_ids::text[], prices::bigint[]
    FROM unnest(%s::text[], %s::text[], %s::int[], %s::text[], %s::text[], %s::text[], %s::text[])
        AS n (command_id, booking_id, attempt, token, currency, seat_ids, prices)""",
    (texts, texts, numbers, *[texts] * 4),
)

DEAD_LETTERS: Final[Insert] = (
    """
    INSERT INTO dead_letters (topic_id, log_partition, log_offset, key, value, headers, reason)
    SELECT topic_id, log_partition, log_offset, decode(key, 'hex'), decode(value, 'hex'), headers::jsonb, reason
    FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])
        AS n (topic_id, log_partition, log_offset, key, value, headers, reason)""",
    (texts, numbers, numbers, texts, texts, texts, texts),
)
