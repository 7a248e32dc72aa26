"""A call to try for each path, as the page and the document show it."""

from typing import Final

SAMPLES: Final = {
    "/api/book": """\
curl -i http://localhost:8080/api/book \\
  -H 'Content-Type: application/json' \\
  -d '{"userId": "user-123", "eventId": "concert123", "seatId": "A2"}'""",
    "/api/bookings/{booking_id}": "curl http://localhost:8080/api/bookings/$BOOKING_ID",
    "/api/events": "curl http://localhost:8080/api/events",
    "/api/events/{event_id}": "curl http://localhost:8080/api/events/concert123",
    "/api/events/{event_id}/sections/{section}": "curl http://localhost:8080/api/events/concert123/sections/main",
    "/api/events/{event_id}/availability": "curl http://localhost:8080/api/events/concert123/availability",
    "/health": "curl http://localhost:8080/health",
}
