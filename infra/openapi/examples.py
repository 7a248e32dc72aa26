"""A call to try for each method and path, as the page and the document show it."""

from typing import Final

SAMPLES: Final = {
    ("post", "/api/book"): """\
curl -i http://localhost:8080/api/book \\
  -H 'Content-Type: application/json' \\
  -d '{"userId": "user-123", "eventId": "concert123", "seatId": "A2"}'""",
    ("get", "/api/bookings/{booking_id}"): "curl http://localhost:8080/api/bookings/$BOOKING_ID",
    ("delete", "/api/bookings/{booking_id}"): "curl -X DELETE http://localhost:8080/api/bookings/$BOOKING_ID",
    (
        "post",
        "/api/bookings/{booking_id}/extension",
    ): "curl -X POST http://localhost:8080/api/bookings/$BOOKING_ID/extension",
    ("get", "/api/commands/{command_id}"): "curl http://localhost:8080/api/commands/$COMMAND_ID",
    ("get", "/api/events"): "curl http://localhost:8080/api/events",
    ("get", "/api/events/{event_id}"): "curl http://localhost:8080/api/events/concert123",
    (
        "get",
        "/api/events/{event_id}/sections/{section}",
    ): "curl http://localhost:8080/api/events/concert123/sections/main",
    ("get", "/api/events/{event_id}/availability"): "curl http://localhost:8080/api/events/concert123/availability",
    ("get", "/api/events/{event_id}/stream"): "curl -N http://localhost:8080/api/events/concert123/stream",
    ("get", "/api/bookings/{booking_id}/stream"): "curl -N http://localhost:8080/api/bookings/$BOOKING_ID/stream",
    ("get", "/health"): "curl http://localhost:8080/health",
}
