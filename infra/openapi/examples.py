"""A call to try for each method and path, as the page and the document show it."""

from typing import Final

_AS_ANNA: Final = '-H "Authorization: Bearer $ACCESS_TOKEN"'
_EVENT: Final = "http://localhost:8080/api/events/$EVENT_ID"

_WEBHOOK: Final = "/api/webhooks/{webhook_id}"
_OF_IT: Final = "http://localhost:8080/api/webhooks/$WEBHOOK_ID"

SAMPLES: Final = {
    ("post", "/api/book"): """\
curl -i http://localhost:8080/api/book \\
  -H 'Content-Type: application/json' \\
  -d '{"userId": "user-123", "eventId": "concert123", "seatId": "A2"}'""",
    ("get", "/api/bookings"): f"curl {_AS_ANNA} 'http://localhost:8080/api/bookings?status=confirmed'",
    ("get", "/api/bookings/{booking_id}"): "curl http://localhost:8080/api/bookings/$BOOKING_ID",
    ("delete", "/api/bookings/{booking_id}"): "curl -X DELETE http://localhost:8080/api/bookings/$BOOKING_ID",
    (
        "post",
        "/api/bookings/{booking_id}/extension",
    ): "curl -X POST http://localhost:8080/api/bookings/$BOOKING_ID/extension",
    ("post", "/api/bookings/{booking_id}/payment"): """\
curl -i http://localhost:8080/api/bookings/$BOOKING_ID/payment \\
  -H 'Content-Type: application/json' \\
  -d '{"paymentToken": "tok_success"}'""",
    (
        "get",
        "/api/bookings/{booking_id}/ticket",
    ): "curl -o ticket.pdf 'http://localhost:8080/api/bookings/'$BOOKING_ID'/ticket?format=pdf'",
    (
        "get",
        "/api/bookings/{booking_id}/calendar",
    ): "curl -o booking.ics http://localhost:8080/api/bookings/$BOOKING_ID/calendar",
    ("get", "/api/tickets/keys"): "curl http://localhost:8080/api/tickets/keys",
    ("get", "/api/commands/{command_id}"): "curl http://localhost:8080/api/commands/$COMMAND_ID",
    ("post", "/api/accounts"): """\
curl -i http://localhost:8080/api/accounts \\
  -H 'Content-Type: application/json' \\
  -d '{"user_id": "anna", "password": "correct horse battery staple", "display_name": "Anna"}'""",
    ("get", "/api/accounts/me"): f"curl {_AS_ANNA} http://localhost:8080/api/accounts/me",
    ("get", "/api/accounts/me/events"): f"curl {_AS_ANNA} http://localhost:8080/api/accounts/me/events",
    ("delete", "/api/accounts/me"): f"curl -X DELETE {_AS_ANNA} http://localhost:8080/api/accounts/me",
    ("put", "/api/accounts/{user_id}/role"): f"""\
curl -X PUT {_AS_ANNA} http://localhost:8080/api/accounts/anna/role \\
  -H 'Content-Type: application/json' -d '{{"role": "organiser"}}'""",
    ("post", "/api/sessions"): """\
curl -i http://localhost:8080/api/sessions \\
  -H 'Content-Type: application/json' -d '{"user_id": "anna", "password": "correct horse battery staple"}'""",
    ("get", "/api/sessions"): f"curl {_AS_ANNA} http://localhost:8080/api/sessions",
    ("post", "/api/sessions/refresh"): """\
curl http://localhost:8080/api/sessions/refresh \\
  -H 'Content-Type: application/json' -d '{"refresh_token": "'$REFRESH_TOKEN'"}'""",
    ("delete", "/api/sessions/current"): f"curl -X DELETE {_AS_ANNA} http://localhost:8080/api/sessions/current",
    (
        "delete",
        "/api/sessions/{session_id}",
    ): f"curl -X DELETE {_AS_ANNA} http://localhost:8080/api/sessions/$SESSION_ID",
    ("post", "/api/password-resets"): """\
curl -i http://localhost:8080/api/password-resets \\
  -H 'Content-Type: application/json' -d '{"user_id": "anna"}'""",
    ("post", "/api/password-resets/confirmation"): """\
curl -i http://localhost:8080/api/password-resets/confirmation \\
  -H 'Content-Type: application/json' -d '{"token": "'$TOKEN'", "password": "another long password"}'""",
    ("post", "/api/webhooks"): f"""\
curl -i {_AS_ANNA} http://localhost:8080/api/webhooks \\
  -H 'Content-Type: application/json' -d '{{"url": "https://box-office.example.org/frontrow"}}'""",
    ("get", "/api/webhooks"): f"curl {_AS_ANNA} http://localhost:8080/api/webhooks",
    ("get", f"{_WEBHOOK}"): f"curl {_AS_ANNA} {_OF_IT}",
    ("delete", f"{_WEBHOOK}"): f"curl -X DELETE {_AS_ANNA} {_OF_IT}",
    ("post", f"{_WEBHOOK}/secret"): f"curl -X POST {_AS_ANNA} {_OF_IT}/secret",
    ("post", f"{_WEBHOOK}/activation"): f"curl -X POST {_AS_ANNA} {_OF_IT}/activation",
    ("post", f"{_WEBHOOK}/test"): f"curl -X POST {_AS_ANNA} {_OF_IT}/test",
    ("get", f"{_WEBHOOK}/deliveries"): f"curl {_AS_ANNA} '{_OF_IT}/deliveries?status=dead'",
    ("post", f"{_WEBHOOK}/deliveries/replay"): f"curl -X POST {_AS_ANNA} {_OF_IT}/deliveries/replay",
    (
        "post",
        f"{_WEBHOOK}/deliveries/{{delivery_id}}/replay",
    ): f"curl -X POST {_AS_ANNA} {_OF_IT}/deliveries/$DELIVERY_ID/replay",
    ("get", "/api/events"): "curl 'http://localhost:8080/api/events?kind=train&origin=Vienna&day=2027-06-01'",
    ("post", "/api/events"): f"""\
curl -i {_AS_ANNA} http://localhost:8080/api/events \\
  -H 'Content-Type: application/json' -H 'Idempotency-Key: my-first-event' \\
  -d '{{"name": "An evening", "date": "2027-05-01T19:00:00+02:00", "time_zone": "Europe/Vienna", "venue": "The hall",
       "sections": [{{"section": "stalls", "price_minor": 6500, "currency": "EUR",
                     "rows": [{{"row": "A", "count": 20}}, {{"row": "B", "count": 22}}]}}]}}'""",
    ("patch", "/api/events/{event_id}"): f"""\
curl -i -X PATCH {_AS_ANNA} http://localhost:8080/api/events/$EVENT_ID \\
  -H 'Content-Type: application/json' -d '{{"date": "2027-05-02T19:00:00+02:00"}}'""",
    ("post", "/api/events/{event_id}/seats"): f"""\
curl -i {_AS_ANNA} 'http://localhost:8080/api/events/'$EVENT_ID'/seats?dry_run=true' \\
  -H 'Content-Type: text/csv' --data-binary @seats.csv""",
    ("post", "/api/events/{event_id}/open"): f"curl -X POST {_AS_ANNA} {_EVENT}/open",
    ("post", "/api/events/{event_id}/close"): f"curl -X POST {_AS_ANNA} {_EVENT}/close",
    ("post", "/api/events/{event_id}/cancel"): f"curl -X POST {_AS_ANNA} {_EVENT}/cancel",
    ("post", "/api/events/{event_id}/block"): f"""\
curl -i {_AS_ANNA} {_EVENT}/block \\
  -H 'Content-Type: application/json' -d '{{"seat_ids": ["A1", "A2"], "purpose": "kill"}}'""",
    ("post", "/api/events/{event_id}/release"): f"""\
curl -i {_AS_ANNA} {_EVENT}/release \\
  -H 'Content-Type: application/json' -d '{{"seat_ids": ["A1"]}}'""",
    ("get", "/api/events/{event_id}/bookings"): f"curl {_AS_ANNA} -H 'Accept: text/csv' {_EVENT}/bookings",
    ("post", "/api/events/{event_id}/check-ins"): f"""\
curl {_AS_ANNA} {_EVENT}/check-ins -H 'Prefer: wait=2' \\
  -H 'Content-Type: application/json' -d '{{"code": "'$CODE'", "gate": "north"}}'""",
    ("get", "/api/events/{event_id}/sales"): f"curl {_AS_ANNA} {_EVENT}/sales",
    ("get", "/api/productions"): "curl http://localhost:8080/api/productions",
    ("get", "/api/productions/{production_id}"): "curl http://localhost:8080/api/productions/night-train",
    ("get", "/api/events/{event_id}"): "curl http://localhost:8080/api/events/concert123",
    (
        "get",
        "/api/events/{event_id}/sections/{section}",
    ): "curl http://localhost:8080/api/events/concert123/sections/main",
    ("get", "/api/events/{event_id}/availability"): "curl http://localhost:8080/api/events/concert123/availability",
    ("get", "/api/events/{event_id}/layout"): "curl http://localhost:8080/api/events/concert123/layout",
    ("get", "/api/events/{event_id}/stream"): "curl -N http://localhost:8080/api/events/concert123/stream",
    ("get", "/api/bookings/{booking_id}/stream"): "curl -N http://localhost:8080/api/bookings/$BOOKING_ID/stream",
    ("get", "/api/system"): f"curl {_AS_ANNA} http://localhost:8080/api/system",
    ("get", "/api/dead-letters"): f"curl {_AS_ANNA} http://localhost:8080/api/dead-letters",
    (
        "post",
        "/api/dead-letters/{letter_id}/replay",
    ): f"curl -X POST {_AS_ANNA} http://localhost:8080/api/dead-letters/$LETTER_ID/replay",
    ("get", "/api/audit"): "curl http://localhost:8080/api/audit",
    ("get", "/health"): "curl http://localhost:8080/health",
}
