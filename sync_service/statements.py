"""Statements: the SQL that the projector sends.

It reads outcomes, kafka_offsets, events, blocks, seats and ledger, and of accounts what they are called.

They look rows up by a key or by the feed's order, so an index is right whatever the tables' statistics say; on a fresh
install those say that the tables are empty. ``SESSION_OPTIONS`` hold it, and
``test_the_feed_is_read_by_its_index_however_the_tables_look`` checks it.
"""

from typing import Final

SESSION_OPTIONS: Final = (
    "-c enable_seqscan=off -c enable_bitmapscan=off -c enable_sort=off"
    # What is switched off counts as very dear, and dear plans get compiled, which takes longer than they run.
    " -c jit=off"
    " -c TimeZone=UTC"
    # A projector that is frozen loses its session, with it the lock, and the one that stands by takes over.
    " -c idle_session_timeout=10s"
    " -c statement_timeout=30s"
)

POLL: Final = """
    SELECT NULL AS tx, NULL AS id, NULL AS command_id, NULL AS kind, NULL AS event_id, NULL AS principal,
        NULL AS status, ledger.incarnation::text AS reason, NULL::text[] AS seat_ids, NULL::text[] AS conflicts,
        (SELECT jsonb_agg(jsonb_build_array(latest.log_partition, latest.log_time_ms)) FROM (
            SELECT DISTINCT ON (log_partition) log_partition, log_time_ms
            FROM kafka_offsets WHERE tx < pg_snapshot_xmin(pg_current_snapshot())
            ORDER BY log_partition, tx DESC
        ) AS latest) AS changes,
        NULL::int AS log_partition, NULL::timestamptz AS requested_at, NULL::timestamptz AS decided_at,
        NULL AS booking_id, NULL::jsonb AS booking
    FROM ledger
    UNION ALL
    (SELECT tx, id, command_id, kind, event_id, principal, status, reason, seat_ids, conflicts, changes,
        log_partition, requested_at, decided_at, booking_id, booking
    FROM outcomes
    WHERE (tx, id) > (%(tx)s::xid8, %(id)s::bigint) AND tx < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY tx, id
    LIMIT %(limit)s)
"""
"""The feed after a cursor, below the horizon, in one statement and therefore one snapshot.

Every transaction below the horizon has ended, so none can still commit a row that sorts before one we have seen: this
cannot skip a late commit, which a sequence, a timestamp or ``id >`` alone does (test:
``test_a_transaction_that_commits_late_is_still_projected``). The first row has tx NULL and carries what else belongs to
the snapshot: the ledger's incarnation, and how far each partition is decided. An offsets row counts only when its own
transaction is below the horizon, since only then are its outcomes in the feed; of a topic that was deleted and made
again the latest counts.
"""

EVENT: Final = """
    SELECT event_id, name, kind, venue, time_zone, date, log_partition, version, status, organiser, description, place,
        hold_seconds, max_seats_per_user, on_sale_at_ms, off_sale_at_ms, production_id, production_name, origin,
        destination, departure, arrival
    FROM events WHERE event_id = %s AND status <> 'draft'
"""

# What a command owns it keeps back: the organiser blocked it.
BLOCKS: Final = """
    SELECT b.block, b.section, s.status, s.versions, b.category, b.price_minor, b.currency,
        coalesce((
            SELECT jsonb_agg(jsonb_build_array(p.own -> 'category', p.own -> 'price_minor', (
                SELECT jsonb_agg(position) FROM seats AS one
                WHERE one.event_id = b.event_id
                    AND one.seat_id IN (SELECT jsonb_array_elements_text(p.own -> 'seat_ids'))
            )) ORDER BY p.n)
            FROM jsonb_array_elements(b.priced) WITH ORDINALITY AS p (own, n)
        ), '[]')
    FROM blocks b CROSS JOIN LATERAL (
        SELECT string_agg(CASE WHEN booking_id >= 'cm_' AND booking_id < 'cm`' THEN upper(status::text)
            ELSE status::text END, '' ORDER BY position), array_agg(version ORDER BY position)
        FROM seats WHERE event_id = b.event_id AND block = b.block
    ) AS s (status, versions)
    WHERE b.event_id = %s ORDER BY b.block
"""

LAYOUTS: Final = """
    SELECT block, section, layout, price_minor, currency, accessible, general_admission, category, priced
    FROM blocks WHERE event_id = %s AND block >= %s
    ORDER BY block LIMIT %s
"""

ACCOUNT_CHANGES: Final = """
    SELECT c.tx, c.id, c.principal, a.user_id
    FROM account_changes AS c LEFT JOIN accounts AS a USING (principal)
    WHERE (c.tx, c.id) > (%s::xid8, %s::bigint) AND c.tx < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY c.tx, c.id
    LIMIT %s
"""
HAS_ACCOUNT_CHANGE: Final = "SELECT EXISTS (SELECT FROM account_changes WHERE tx = %s::xid8 AND id = %s)"

INCARNATION: Final = "SELECT incarnation::text FROM ledger"
HAS_ROW: Final = """
    SELECT EXISTS (SELECT FROM outcomes WHERE tx = %s::xid8 AND id = %s
        AND coalesce(%s::text, command_id, booking_id) = coalesce(command_id, booking_id))"""

EVENT_IDS: Final = """
    SELECT event_id FROM events WHERE event_id > %s AND status <> 'draft' ORDER BY event_id LIMIT %s"""
COUNTS: Final = """
    SELECT count(*) FILTER (WHERE kind = 'book_seats'), count(*) FILTER (WHERE kind <> 'book_seats')
    FROM outcomes WHERE (tx, id) <= (%s::xid8, %s::bigint) AND command_id IS NOT NULL"""

TRY_LOCK: Final = "SELECT pg_try_advisory_lock(1179799383, %s)"
LOCK: Final = "SELECT pg_advisory_lock(1179799383, %s)"
TRY_LOCK_SHARED_BRIEFLY: Final = "SELECT pg_try_advisory_xact_lock_shared(1179799383, %s)"
PROJECTOR: Final = 1
"""Second key of the lock that the one active projector holds; the first keeps ours apart from anybody else's."""
REBUILD: Final = 2
"""Second key of the lock by which a rebuild asks the active projector to step aside."""
REBUILD_AT_WORK: Final = 3
"""Second key of the lock that keeps two rebuilds apart."""
