"""The table of sabotages. ``before`` stands exactly once in its file, or the row is out of date and fails.

Choose the smallest change that makes the mistake, and the fastest test that notices; a test of the whole platform only
where nothing smaller can.
"""

from dataclasses import dataclass
from typing import Final

LINT: Final = "lint-imports"
"""The catcher of what no module may import."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One place of one file, and what it becomes."""

    file: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Sabotage:
    """One mistake. ``caught_by``: a test as pytest names it, or ``LINT``."""

    name: str
    edits: tuple[Edit, ...]
    caught_by: str


_WORKER: Final = "tests/integration/worker"
_SYNC: Final = "tests/integration/sync_service"
_WRITE: Final = "tests/integration/write_api"
_READ: Final = "tests/integration/read_api"
_WEBHOOKS: Final = "tests/integration/webhooks"
_PAYMENTS: Final = "tests/unit/payments"
_GATEWAY: Final = "tests/integration/gateway"
_RULES: Final = "tests/unit/worker"

_NO_GAP_SEEN: Final = Edit("worker/batch.py", "        if entry.offset != expected:\n", "        if False:\n")
"""Without it an error that is swallowed is harmless: what it left out is read again."""


SABOTAGES: Final = (
    Sabotage(
        "the offset is committed before what was decided",
        (
            Edit(
                "worker/ledger.py",
                "            sent = _write(connection, decide(found))\n",
                '            connection.execute("COMMIT")\n            connection.execute("BEGIN")\n'
                "            sent = _write(connection, decide(found))\n",
            ),
        ),
        f"{_WORKER}/test_batches.py::test_a_wrong_row_count_is_a_bug_and_leaves_nothing_behind",
    ),
    Sabotage(
        "the command line sends a request before its key is on the disk",
        (
            Edit(
                "frontrow_cli/wishes.py",
                '        private_files.write(path, {"key": wish.key, "what": whole, "at": time.time()})\n',
                '        private_files.write(path, {"key": "", "what": {}, "at": time.time()})\n',
            ),
        ),
        "tests/unit/frontrow_cli/test_wishes.py::test_the_key_is_on_the_disk_before_the_request_is_sent",
    ),
    Sabotage(
        "a stream that was lost begins anew, and what was missed is not told",
        (
            Edit(
                "frontrow_client/following.py",
                '**({"Last-Event-ID": mark} if mark else {})',
                "**{}",
            ),
        ),
        "tests/unit/frontrow_client/test_following.py::test_a_line_that_is_lost_or_silent_is_taken_up_with_the_last_id",
    ),
    Sabotage(
        "one read API is asked whether it lives, and any for the stream",
        (Edit("gateway/nginx.conf.template", "http://$lives_at$", "http://read_api$"),),
        "tests/integration/gateway/test_streams.py"
        "::test_a_stream_is_never_asked_of_a_frozen_service_while_another_one_lives",
    ),
    Sabotage(
        "the admin client is asked while nobody answers",
        (
            Edit(
                "worker/consumer.py",
                "            self._admin.list_topics(self.topic, ANSWERS_WITHIN_S)\n",
                "            pass\n",
            ),
        ),
        "tests/faults/test_processes_die.py::test_after_kill_9_of_the_log_it_takes_bookings_again_and_nobody_else_died",
    ),
    Sabotage(
        "202 before the acknowledgement",
        (
            Edit(
                "write_api/booking.py",
                "        try:\n            await self._log.append(command)\n",
                "        try:\n"
                "            self._log.append(command).add_done_callback(lambda sent: sent.exception())\n",
            ),
        ),
        f"{_WRITE}/test_log_away.py::test_a_frozen_broker_makes_nobody_wait_and_nobody_a_liar",
    ),
    Sabotage(
        "the view's version guard dropped",
        (
            Edit(
                "runtime/mongo.py",
                '{"_id": document["_id"], "version": {"$lt": document["version"]}}',
                '{"_id": document["_id"]}',
            ),
        ),
        f"{_SYNC}/test_view.py::test_an_older_block_never_replaces_a_newer_one",
    ),
    Sabotage(
        "an answer of the gateway with a header of its own, and none of the others",
        (
            Edit(
                "gateway/nginx.conf.template",
                "            alias ${GATEWAY_STATIC_DIR}/openapi.json;\n",
                "            alias ${GATEWAY_STATIC_DIR}/openapi.json;\n            add_header X-Own yes;\n",
            ),
        ),
        f"{_GATEWAY}/test_security_headers.py::test_what_the_gateway_says_by_itself_is_guarded",
    ),
    Sabotage(
        "plain HTTP left to NGINX's own page where TLS is on",
        (Edit("gateway/nginx.conf.template", "        error_page 497 = /_problem/no-tls;\n", ""),),
        f"{_GATEWAY}/test_tls.py::test_who_reads_without_tls_is_sent_to_the_same_address_by_tls",
    ),
    Sabotage(
        "a client believed that says where it comes from",
        (
            Edit(
                "gateway/nginx.conf.template",
                "only NGINX knows who is connected.\n        proxy_set_header X-Forwarded-For $remote_addr;\n",
                "only NGINX knows who is connected.\n",
            ),
        ),
        f"{_GATEWAY}/test_credentials.py::test_no_client_says_where_it_comes_from",
    ),
    Sabotage(
        "a cookie that counts whoever made the browser send it",
        (
            Edit(
                "runtime/credentials.py",
                'scope["method"] not in _SAFE_METHODS and not _from_own_site(scope)',
                'scope["method"] not in _SAFE_METHODS and not scope',
            ),
        ),
        "tests/unit/runtime/test_credentials.py::test_what_another_site_made_a_browser_send_changes_nothing",
    ),
    Sabotage(
        "a formula in an export",
        (
            Edit(
                "read_api/event_bookings.py",
                """return f"'{text}" if text.startswith(FORMULA) else text""",
                "return text",
            ),
        ),
        "tests/unit/read_api/test_event_bookings.py::test_no_cell_of_an_export_is_a_formula",
    ),
    Sabotage(
        "a worker that may touch every key of Redis",
        (Edit("infra/secrets/files.py", '"~frontrow:seat-lock:* ', '"~* '),),
        # The Redis that a sabotage borrows was started before it: what a user may do there is as it was.
        "tests/integration/infra/test_store_users.py::test_the_page_names_every_user_of_redis",
    ),
    Sabotage(
        "a projector that may read addresses and passwords' hashes",
        (
            Edit(
                "infra/postgres/migrations/0022-names.sql",
                "GRANT SELECT (principal, user_id) ON accounts TO frontrow_sync_service, frontrow_audit;",
                "GRANT SELECT ON accounts TO frontrow_sync_service, frontrow_audit;",
            ),
        ),
        "tests/integration/infra/test_grants.py::test_the_page_says_what_every_role_may_do_with_every_table",
    ),
    Sabotage(
        "the feed read by id instead of below the horizon",
        (
            Edit(
                "sync_service/statements.py",
                "    WHERE (tx, id) > (%(tx)s::xid8, %(id)s::bigint) AND tx < pg_snapshot_xmin(pg_current_snapshot())\n"
                "    ORDER BY tx, id\n",
                "    WHERE id > %(id)s::bigint AND %(tx)s IS NOT NULL\n    ORDER BY id\n",
            ),
        ),
        f"{_SYNC}/test_projecting.py::test_a_transaction_that_commits_late_is_still_projected",
    ),
    Sabotage(
        "the feed read by position but above the horizon",
        (
            Edit(
                "sync_service/statements.py",
                "(%(tx)s::xid8, %(id)s::bigint) AND tx < pg_snapshot_xmin(pg_current_snapshot())",
                "(%(tx)s::xid8, %(id)s::bigint)",
            ),
        ),
        f"{_SYNC}/test_projecting.py::test_a_transaction_that_commits_late_is_still_projected",
    ),
    Sabotage(
        "a booking refused because a seat's lock is held",
        (
            Edit(
                "worker/locks.py",
                "            metrics.CONTENDED.inc(sum(map(len, tokens.values())) - taken)\n",
                "            metrics.CONTENDED.inc(sum(map(len, tokens.values())) - taken)\n"
                "        self.missed = taken is not None and taken < sum(map(len, tokens.values()))\n",
            ),
            Edit(
                "worker/settler.py",
                "        self._locks.take(tokens)\n",
                "        self._locks.take(tokens)\n        if tokens and self._locks.missed:\n"
                '            entries = [_condemned(e, ValueError("locked")) if isinstance(e.command, BookSeats) else e'
                " for e in entries]\n",
            ),
        ),
        f"{_WORKER}/test_locks.py::test_a_held_lock_refuses_nobody",
    ),
    Sabotage(
        "a lock freed without its token",
        (Edit("worker/locks.py", "  if held[i] == ARGV[i] then", "  if held[i] then"),),
        f"{_WORKER}/test_locks.py::test_only_its_holder_frees_a_lock",
    ),
    Sabotage(
        "the compare-and-set of the offsets skipped",
        (
            Edit(
                "worker/statements.py",
                "o.log_partition = m.log_partition AND o.next_offset = m.first_offset",
                "o.log_partition = m.log_partition AND m.first_offset >= 0",
            ),
        ),
        f"{_WORKER}/test_ownership.py::test_two_workers_race_for_one_partition",
    ),
    Sabotage(
        "a database error swallowed, and the gap that it leaves moved over",
        (
            Edit(
                "worker/settler.py",
                "                fault = fault_of(error)\n                in_the_way",
                "                return []\n                fault = fault_of(error)\n                in_the_way",
            ),
            _NO_GAP_SEEN,
        ),
        f"{_WORKER}/test_outages.py::test_bookings_are_decided_when_postgresql_is_back",
    ),
    Sabotage(
        "a transaction in the way taken for poison",
        (
            Edit("worker/faults.py", "    errors.LockNotAvailable,\n", ""),
            Edit(
                "worker/faults.py",
                "_POISON = (psycopg.DataError,",
                "_POISON = (errors.LockNotAvailable, psycopg.DataError,",
            ),
        ),
        f"{_RULES}/test_faults.py::test_a_transaction_in_the_way_is_no_poison",
    ),
    Sabotage(
        "holds ended by the wall clock",
        (
            Edit(
                "worker/batch.py",
                "        each = last[entry.partition] = Timed(entry, entry.command, max(now_ms, entry.stamp_ms))\n",
                "        wall_ms = __import__('time').time_ns() // 1_000_000\n"
                "        each = last[entry.partition] = Timed(entry, entry.command, max(now_ms, wall_ms))\n",
            ),
        ),
        f"{_WORKER}/test_batches.py::test_a_batch_of_ticks_moves_the_offset_and_the_time",
    ),
    Sabotage(
        "decided from the view",
        (
            Edit(
                "worker/settler.py",
                "from worker import metrics\n",
                "from runtime.mongo import Mongo  # to look whether the seat is shown as free\n"
                "from worker import metrics\n",
            ),
        ),
        LINT,
    ),
    Sabotage(
        "row counts not asserted",
        (Edit("worker/ledger.py", "                if cursor.rowcount != expected:", "                if False:"),),
        f"{_WORKER}/test_batches.py::test_a_wrong_row_count_is_a_bug_and_leaves_nothing_behind",
    ),
    Sabotage(
        "no bound on how late a command may come",
        (
            Edit(
                "worker/rules.py",
                "    if not command.keyed and log_time_ms > command.issued_at_ms + ACCEPTANCE_BOUND_MS:\n"
                "        return NEVER_ACCEPTED\n",
                "",
            ),
        ),
        f"{_RULES}/test_rules.py::test_a_command_is_accepted_up_to_the_bound_and_not_after",
    ),
    Sabotage(
        "an id under a key thrown with dice",
        (
            Edit(
                "write_api/idempotency.py",
                "        return self._log.derive(prefix, partition, derived_dice(self._key, principal, scope, key))",
                '        dice = __import__("os").urandom(len(derived_dice(self._key, principal, scope, key)))\n'
                "        return self._log.derive(prefix, partition, dice)",
            ),
        ),
        f"{_WRITE}/test_idempotency.py::test_the_same_request_under_the_same_key_is_the_same_booking",
    ),
    Sabotage(
        "an id under a key that forgets for whom it is",
        (
            Edit(
                "write_api/idempotency.py",
                "derived_dice(self._key, principal, scope, key)",
                'derived_dice(self._key, "", scope, key)',
            ),
        ),
        f"{_WRITE}/test_idempotency.py::test_another_caller_or_event_or_key_is_another_booking",
    ),
    Sabotage(
        "holds ended out of order",
        (
            Edit(
                "worker/deciding.py",
                "            at_ms, booking_id = heapq.heappop(due)\n",
                "            at_ms, booking_id = due.pop(max(n for n, d in enumerate(due) if d[0] <= log_time_ms))\n",
            ),
        ),
        f"{_RULES}/test_deciding.py::test_holds_end_in_order_of_time_and_id_and_so_many_a_tick",
    ),
    Sabotage(
        "a dead letter without an outcome",
        (
            Edit(
                "worker/batch.py",
                "        if decision is not None:\n            for effect",
                "        if decision is not None and not isinstance(command, Unreadable):\n            for effect",
            ),
        ),
        f"{_WORKER}/test_bad_messages.py::test_a_broken_message_with_an_issued_id_fails_under_that_id",
    ),
    Sabotage(
        "poison takes its whole batch with it",
        (
            Edit(
                "worker/settler.py",
                "                elif len(entries) == 1:\n"
                "                    entries = [_condemned(entries[0], error)]\n",
                "                elif entries:\n"
                "                    entries = [_condemned(entry, error) for entry in entries]\n",
            ),
        ),
        f"{_WORKER}/test_bad_messages.py::test_a_command_that_the_ledger_cannot_keep_fails_alone",
    ),
    Sabotage(
        "the cursor moved before the view's write",
        (
            Edit(
                "sync_service/projector.py",
                "        if batch is not None:\n            await self._before_write()\n",
                "        if batch is not None:\n            await self._advance(poll, batch)\n"
                "            await self._before_write()\n",
            ),
        ),
        f"{_SYNC}/test_faults.py::test_a_projector_killed_before_its_write_leaves_nothing_stale",
    ),
    Sabotage(
        "a block not marked when a row is read again",
        (
            Edit(
                "sync_service/projection.py",
                "            event.blocks[block].change(position, status, version)\n            dirty.add(block)\n",
                "            if event.blocks[block].versions[position] < version:\n                dirty.add(block)\n"
                "            event.blocks[block].change(position, status, version)\n",
            ),
        ),
        "tests/unit/sync_service/test_projection.py::test_a_row_that_is_read_again_marks_its_block_again",
    ),
    Sabotage(
        "a cursor set whatever it was",
        (
            Edit(
                "sync_service/view.py",
                '            "cursor.tx": str(from_.tx),\n            "cursor.id": from_.id,\n',
                "",
            ),
        ),
        f"{_SYNC}/test_view.py::test_the_cursor_moves_only_from_where_it_was_left",
    ),
    Sabotage(
        "a view projected onto a ledger that lost its tail",
        (
            Edit(
                "sync_service/service.py",
                "    if cursor.position != START and not await ledger.has(cursor):",
                "    if False:",
            ),
        ),
        f"{_SYNC}/test_rebuild.py::test_a_view_that_has_seen_a_row_which_the_ledger_lost_is_refused",
    ),
    Sabotage(
        "a cursor that looks at the place and not at what stands there",
        (
            Edit(
                "sync_service/statements.py",
                "\n        AND coalesce(%s::text, command_id, booking_id) = coalesce(command_id, booking_id))",
                " AND coalesce(%s::text, '') IS NOT NULL)",
            ),
        ),
        f"{_SYNC}/test_rebuild.py::test_a_view_whose_last_row_is_another_outcome_in_the_ledger_is_refused",
    ),
    Sabotage(
        "two projectors at once",
        (
            Edit(
                "sync_service/ledger.py",
                "        return bool(await self._one(statements.TRY_LOCK, (statements.PROJECTOR,)))",
                "        return bool(await self._one(statements.TRY_LOCK, (statements.PROJECTOR,))) or True",
            ),
        ),
        f"{_SYNC}/test_ledger.py::test_one_session_at_a_time_holds_the_lock",
    ),
    Sabotage(
        "a command that comes again decided again",
        (
            Edit(
                "worker/deciding.py",
                "        if command_id is None or command_id in self.decided:\n",
                "        if command_id is None:\n",
            ),
        ),
        f"{_WORKER}/test_deciding.py::test_a_redelivered_request_gets_the_same_outcome",
    ),
    Sabotage(
        "offsets kept by the topic's name",
        (
            Edit(
                "worker/consumer.py",
                "        return str(description.topic_id), len(description.partitions)",
                "        return self.topic, len(description.partitions)",
            ),
        ),
        f"{_WORKER}/test_logs.py::test_a_topic_made_anew_under_its_name_is_another_log",
    ),
    Sabotage(
        "the last decided message not looked at again",
        (
            Edit(
                "worker/consumer.py",
                "        if mark_of(message.timestamp()[1], message.value()) != mark:\n",
                "        if False:\n",
            ),
        ),
        f"{_WORKER}/test_logs.py::test_a_worker_stops_loudly_when_the_log_lost_its_end_and_grew_again",
    ),
    Sabotage(
        "outcomes announced before their commit",
        (
            Edit(
                "worker/loop.py",
                "        for settled in self._settler.settle(entries):\n",
                "        self._announcer.announce(entries)\n        for settled in self._settler.settle(entries):\n",
            ),
            Edit("worker/loop.py", "is told again.\n        self._announcer.announce(entries)\n", "is told again.\n"),
        ),
        f"{_WORKER}/test_announcing.py::test_who_waits_is_told_what_is_committed_with_its_position",
    ),
    Sabotage(
        "a booking resent by the gateway",
        (
            Edit(
                "gateway/nginx.conf.template",
                "    proxy_next_upstream error timeout;\n",
                "    proxy_next_upstream error timeout non_idempotent;\n",
            ),
        ),
        "tests/integration/gateway/test_lost_services.py::test_a_booking_whose_service_dies_is_not_sent_again",
    ),
    Sabotage(
        "time that runs back with the broker's clock",
        (
            Edit(
                "worker/batch.py",
                "        each = last[entry.partition] = Timed(entry, entry.command, max(now_ms, entry.stamp_ms))\n",
                "        each = last[entry.partition] = Timed(entry, entry.command, entry.stamp_ms)\n",
            ),
        ),
        f"{_WORKER}/test_batches.py::test_time_never_runs_back_when_a_broker_s_clock_does",
    ),
    Sabotage(
        "seats of a cancelled booking given back again",
        (
            Edit(
                "worker/life_cycle.py",
                "    if booking.status is BookingStatus.CANCELLED:\n        return _DONE\n"
                "    given_back = command.seat_ids or booking.seat_ids\n"
                "    if not booking.has_seats:\n        return _WRONG_STATE\n",
                "    given_back = command.seat_ids or booking.seat_ids\n",
            ),
        ),
        f"{_RULES}/test_life_cycle.py::test_what_has_seats_can_be_cancelled_and_gives_them_back_once",
    ),
    Sabotage(
        "an id whose check value nobody checks",
        (
            Edit(
                "contracts/ids.py",
                " or not hmac.compare_digest(check, self._check(key_id, prefix, body)):",
                " or not check:",
            ),
        ),
        "tests/unit/contracts/test_ids.py::test_another_installations_ids_were_never_issued_here",
    ),
    Sabotage(
        "a rebuilt view is shown though it differs from the old one",
        (
            Edit(
                "sync_service/rebuild.py",
                "not dry_run and (accept_differences or not report.differences)",
                "not dry_run",
            ),
        ),
        f"{_SYNC}/test_rebuild.py::test_a_rebuild_repairs_what_the_version_guards_would_keep",
    ),
    Sabotage(
        "a payment started again by a replay",
        (
            Edit(
                "contracts/dead_letters.py",
                "    if isinstance(command, StartPayment | SettlePayment):\n        return Obstacle.ABOUT_MONEY\n",
                "",
            ),
        ),
        "tests/unit/contracts/test_dead_letters.py::test_nobody_else_says_again_what_is_about_money",
    ),
    Sabotage(
        "a letter replayed although its request was decided from another message",
        (
            Edit(
                "contracts/dead_letters.py",
                "    if any((each.status, each.reason) != (Status.FAILED, Reason.UNPROCESSABLE) for each in told):\n"
                "        return Obstacle.DECIDED\n",
                "",
            ),
        ),
        "tests/unit/contracts/test_dead_letters.py::test_what_was_decided_from_another_message_is_not_done_twice",
    ),
    Sabotage(
        "another log taken for the one that a restored ledger decided",
        (
            Edit(
                "audit/tail.py",
                "        elif None not in (at.mark, log.mark) and at.mark != log.mark:\n",
                "        elif at.mark != at.mark:\n",
            ),
        ),
        "tests/unit/audit/test_tail.py::test_a_log_with_another_message_before_our_place_is_another_log",
    ),
    Sabotage(
        "a restored ledger that takes itself for the former one",
        (
            Edit(
                "infra/moving/folder.py",
                '        "UPDATE ledger SET incarnation = gen_random_uuid()",\n',
                "",
            ),
        ),
        "tests/unit/infra/test_moving.py::test_a_restored_ledger_is_another_one_and_knows_what_it_came_from",
    ),
    Sabotage(
        "a batch that begins after the offset that is next",
        (_NO_GAP_SEEN,),
        f"{_WORKER}/test_logs.py::test_what_waited_for_its_turn_does_not_outlive_a_ledger_that_was_set_back",
    ),
    Sabotage(
        "money taken before the booking is confirmed",
        (
            Edit(
                "payments/steps.py",
                "    if payment.is_confirmed:\n        return Capture()\n",
                "    if payment.is_confirmed or payment.is_paying:\n        return Capture()\n",
            ),
        ),
        f"{_PAYMENTS}/test_interleavings.py"
        "::test_no_interleaving_captures_what_is_not_confirmed_or_twice_or_refunds_too_much",
    ),
    Sabotage(
        "a payment that forgets that it has asked the provider",
        (
            Edit(
                "payments/steps.py", "            return replace(payment, asked=True)\n", "            return payment\n"
            ),
        ),
        f"{_PAYMENTS}/test_interleavings.py::test_an_authorisation_whose_answer_was_lost_is_found_and_voided",
    ),
    Sabotage(
        "a refund asked for by what it is and not by what they are together",
        (
            Edit(
                "payments/steps.py",
                "            return replace(payment, refund_asked_minor=step.total_minor)\n",
                "            return payment\n",
            ),
        ),
        f"{_PAYMENTS}/test_interleavings.py"
        "::test_a_refund_whose_answer_was_lost_is_not_given_twice_when_more_is_given_back",
    ),
    Sabotage(
        "a payment that a backup forgot, and nobody recalls",
        (
            Edit(
                "payments/payment.py",
                "    if payment.told is not None:\n        return payment\n",
                "    return payment\n",
            ),
        ),
        f"{_PAYMENTS}/test_steps.py"
        "::test_an_authorisation_that_the_log_has_and_a_backup_has_not_is_asked_for_again_and_ends_as_it_must",
    ),
    Sabotage(
        "payments put off by the process' own clock",
        (
            Edit(
                "payments/store.py",
                "    return int(moment)\n",
                '    return int(moment and __import__("time").time_ns() // 1_000_000)\n',
            ),
        ),
        "tests/integration/payments/test_store.py::test_a_clock_that_is_ahead_puts_no_payment_off",
    ),
    Sabotage(
        "a payment token on the log in clear",
        (
            Edit(
                "write_api/booking_commands.py",
                "        sealed = self._seal.seal(body.payment_token, booking_id)\n",
                "        sealed = body.payment_token\n",
            ),
        ),
        f"{_WRITE}/test_booking_commands.py::test_a_payment_is_started_by_a_command_whose_token_is_sealed",
    ),
    Sabotage(
        "what somebody else signed taken for the provider's word",
        (
            Edit(
                "payments/webhooks.py",
                "            self._signature.verify(body, headers, json_parse=False)\n",
                "            self._signature.sign\n",
            ),
        ),
        "tests/integration/payments/test_webhooks.py::test_what_the_provider_did_not_sign_changes_nothing",
    ),
    Sabotage(
        "a delivery noted as delivered before it is sent",
        (
            Edit(
                "webhooks/deliverer.py",
                "            answer = await self._sender.send(",
                "            self._ended.append(_Ended(delivery, Answer(204)))\n"
                "            await self._write()\n"
                "            answer = await self._sender.send(",
            ),
        ),
        f"{_WEBHOOKS}/test_deliverer.py::test_a_failure_is_tried_again_under_the_same_id_with_the_time_of_the_attempt",
    ),
    Sabotage(
        "who stands by delivers too",
        (Edit("webhooks/deliverer.py", "        if not self._active():\n", "        if False:\n"),),
        f"{_WEBHOOKS}/test_deliverer.py::test_one_that_stands_by_sends_nothing",
    ),
    Sabotage(
        "attempts put off by the process' own clock",
        (
            Edit(
                "webhooks/deliverer.py",
                "            now = await deliveries.now(connection)\n",
                "            now = datetime.now().astimezone()\n",
            ),
        ),
        f"{_WEBHOOKS}/test_deliverer.py::test_a_process_whose_clock_is_wrong_puts_nobody_off",
    ),
    Sabotage(
        "whoever was overtaken writes down what came of it",
        (
            Edit(
                "webhooks/deliveries.py",
                "d.delivery_id = r.delivery_id AND d.attempts = r.attempts - 1 AND d.status = 'pending'",
                "d.delivery_id = r.delivery_id",
            ),
        ),
        f"{_WEBHOOKS}/test_deliverer.py::test_whoever_was_overtaken_changes_nothing",
    ),
    Sabotage(
        "deliveries into our own network",
        (
            Edit(
                "webhooks/network.py",
                "        if not self._allow_private and not all(map(is_public, found)):\n",
                "        if not self._allow_private and not any(map(is_public, found)):\n",
            ),
        ),
        f"{_WEBHOOKS}/test_sending.py::test_a_name_with_one_address_of_our_network_is_not_sent_to_at_all",
    ),
    Sabotage(
        "a stream's snapshot read before it is watched for what changes",
        (
            Edit("read_api/live/hub.py", "        self._early[key] = subject\n", ""),
            Edit(
                "read_api/live/hub.py",
                "            subject.take(await subject.read())\n        finally:\n            del self._early[key]\n",
                "            subject.take(await subject.read())\n        finally:\n            pass\n",
            ),
        ),
        f"{_READ}/test_streams.py::test_what_changes_while_a_stream_s_snapshot_is_read_is_told",
    ),
    Sabotage(
        "a refresh token that is used again and again",
        (
            Edit(
                "write_api/session_rows.py",
                "            if used and not (lately and successor_is_next):\n",
                "            if used and not lately:\n",
            ),
        ),
        f"{_WRITE}/test_session_rows.py::test_one_that_comes_again_after_its_successor_was_used_ends_the_session",
    ),
    Sabotage(
        "a session of a password that was changed meanwhile",
        (
            Edit(
                "write_api/session_rows.py",
                "            if not still.rowcount:\n                return False\n",
                "            if not still.rowcount:\n                pass\n",
            ),
        ),
        f"{_WRITE}/test_session_rows.py::test_a_password_that_was_changed_meanwhile_begins_no_session",
    ),
    Sabotage(
        "an account's booking changed by whoever knows its id",
        (
            Edit(
                "contracts/rights.py",
                "    if is_account(owner):\n        return None\n",
                "",
            ),
        ),
        "tests/unit/contracts/test_rights.py"
        "::test_an_accounts_booking_is_its_owners_and_may_be_cancelled_by_who_runs_the_event",
    ),
    Sabotage(
        "an event changed by somebody else's organiser",
        (
            Edit(
                "worker/event_rules.py",
                "command.operator or command.by == hall.organiser\n",
                "command.operator or bool(command.by)\n",
            ),
        ),
        f"{_RULES}/test_event_rules.py::test_only_its_organiser_and_operators_are_heard",
    ),
    Sabotage(
        "a sale that goes on after its event was called off",
        (
            Edit(
                "worker/rules.py",
                "CANCELLED: Reason.EVENT_CANCELLED}.get(",
                "CANCELLED: None}.get(",
            ),
        ),
        f"{_RULES}/test_event_rules.py::test_bookings_are_taken_while_the_sale_is_open",
    ),
    Sabotage(
        "an announcement refused of which the log has a part",
        (Edit("write_api/accepting.py", "        if begun:\n", "        if False:\n"),),
        "tests/unit/write_api/test_accepting.py::test_a_request_of_which_the_log_has_a_part_was_not_refused",
    ),
    Sabotage(
        "bookings are taken however long they waited to be read",
        (Edit("write_api/booking.py", "        self._overload.check_start(headers.get(STARTED))\n", ""),),
        f"{_WRITE}/test_overload.py"
        "::test_what_waited_for_too_long_to_be_read_is_refused_and_a_clock_that_is_wrong_refuses_nobody",
    ),
    Sabotage(
        "bookings are taken however long those before them wait",
        (
            Edit(
                "write_api/booking.py",
                "        self._overload.check(self._log.partition_of(asked.event_id))\n",
                "",
            ),
        ),
        f"{_WRITE}/test_overload.py::test_what_would_wait_too_long_is_refused_and_taken_again_once_it_would_not",
    ),
    Sabotage(
        "the gateway passes on as many seat maps at once as come",
        (Edit("gateway/nginx.conf.template", "            limit_conn organising 50;\n", ""),),
        "tests/integration/gateway/test_overload.py"
        "::test_what_is_more_than_can_be_answered_in_time_is_refused_at_once_and_not_passed_on",
    ),
    Sabotage(
        "the lag is judged by how long others waited, not by how long who comes will",
        (
            Edit(
                "write_api/lag.py",
                "waiting * (now - then) / (decided - before) if noticed else 0.0",
                "now - self._lengths[0][0] if noticed else 0.0",
            ),
        ),
        "tests/unit/write_api/test_lag.py"
        "::test_what_comes_five_times_too_fast_is_refused_before_an_outcome_would_take_five_seconds",
    ),
    Sabotage(
        "the auditor believes what it found once",
        (
            Edit(
                "audit/auditor/violations.py",
                "(before.looks.get(one.identity, (0, one))[0] + 1, one)",
                "(CONFIRMATIONS, one)",
            ),
        ),
        "tests/unit/audit/auditor/test_violations.py::test_what_is_not_found_in_between_begins_anew",
    ),
    Sabotage(
        "the auditor forgets what became of a booking",
        (
            Edit(
                "audit/auditor/standing.py",
                "            if before.get(booking_id) is not booking:\n",
                "            if booking_id not in before:\n",
            ),
        ),
        "tests/unit/audit/auditor/test_standing.py::test_with_nothing_in_memory_bookings_live_as_with_everything",
    ),
    Sabotage(
        "the auditor tells the public whole ids",
        (
            Edit(
                "audit/auditor/violations.py",
                'f"{found[0][:SHOWN_OF_AN_ID]}…"',
                "found[0]",
            ),
        ),
        "tests/unit/audit/auditor/test_violations.py::test_the_public_is_shown_no_whole_id",
    ),
)
