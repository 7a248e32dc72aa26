"""Reads JSON schemas for people: the fields of a body, and a body as an example. Pure; ``page`` enters here."""

from dataclasses import dataclass
from typing import Any, Final

Document = dict[str, Any]

EXAMPLES: Final[dict[str, Any]] = {
    "_id": "concert123",
    "password": "correct horse battery staple",
    "displayName": "Anna",
    "display_name": "Anna",
    "email": "anna@example.org",
    "role": "customer",
    "access_token": "eyJhbGciOi…",
    "token_type": "Bearer",
    "expires_in": 900,
    "refresh_token": "rt_Yk3v…",
    "refreshToken": "rt_Yk3v…",
    "token": "Yk3v…",
    "session_id": "x7Qf…",
    "user_agent": "Mozilla/5.0 …",
    "created_at": "2027-01-02T03:04:05Z",
    "refreshed_at": "2027-01-02T03:04:05Z",
    "id": "wh_3qGm…",
    "url": "https://box-office.example.org/frontrow",
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "events": ["booking.confirmed", "booking.cancelled", "event.sold_out"],
    "disabled_reason": None,
    "disabled_at": None,
    "failing_since": None,
    "former_secret_until": None,
    "event_id": "concert123",
    "eventId": "concert123",
    "userId": "user-123",
    "user_id": None,
    "seatId": "A2",
    "paymentToken": "tok_success",
    "seat_id": "A2",
    "seat_ids": ["A2"],
    "booking_id": "bk_AQGa…",
    "status_url": "/api/bookings/bk_AQGa…",
    "command_id": "cm_AQGa…",
    "target": "bk_AQGa…",
    "message": "Booking request received and is being processed.",
    "date": "2027-05-01T19:00:00Z",
    "name": "Event concert123",
    "kind": "concert",
    "venue": "Riverside Hall, Vienna",
    "time_zone": "Europe/Vienna",
    "section": "main",
    "seats_total": 1000,
    "seats_available": 998,
    "version": 12,
    "price_minor": 6500,
    "currency": "EUR",
    "requested_at": "2027-01-02T03:04:05.678Z",
    "decided_at": "2027-01-02T03:04:05.701Z",
    "expires_at": None,
    "position": "745-12",
    "since": "2027-01-02T03:04:05.678Z",
    "reason": None,
    "conflicts": [],
    "detail": "",
    "degraded": [],
    "as_of": "2027-01-02T03:04:05.678Z",
    "at": "2027-01-02T03:04:05.678Z",
    "seconds": 4.2,
    "progress": 0.4,
    "oldest_undecided_s": 0.0,
    "oldest_unprojected_s": 0.1,
    "waiting_for": None,
    "stops_sales": False,
    "violations": 0,
    "broken": [],
}
"""Values of fields whose schema cannot tell a good one."""
STATUSES: Final = {
    "Booking": "confirmed",
    "CommandOutcome": "done",
    "Event": "available",
    "SectionAvailability": "aab…",
    "Webhook": "active",
    "NewWebhook": "active",
    "Delivery": "delivered",
    "Health": "ok",
    "Report": "watching",
    "Check": "ok",
}
"""The field ``status`` means something else in each of these."""
MAX_DEPTH: Final = 6
"""Deeper than any body of ours; a schema that contains itself ends here."""


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a table of fields; a nested field's name has dots, and ``[]`` for the items of a list."""

    name: str
    kind: str
    meaning: str


def fields(document: Document, schema: dict[str, Any], prefix: str = "", depth: int = 0) -> list[Field]:
    """Return the fields of a body, nested ones after the field that holds them."""
    schema = _plain(document, schema)
    if depth > MAX_DEPTH:
        return []
    if schema.get("type") == "array":
        return fields(document, schema["items"], f"{prefix}[]", depth + 1)
    required = schema.get("required", [])
    found = []
    for name, given in schema.get("properties", {}).items():
        one = _plain(document, given)
        path = f"{prefix}.{name}" if prefix else name
        meaning = [] if name in required else ["optional"]
        meaning += [_bounds(one)] if _bounds(one) else []
        found.append(Field(path, _kind(document, given), ", ".join(meaning)))
        found += fields(document, one, path, depth + 1)
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        found += fields(document, extra, f"{prefix}.*", depth + 1)
    return found


def example(document: Document, schema: dict[str, Any], name: str = "", depth: int = 0) -> Any:  # noqa: ANN401 - any JSON
    """Return a body that the schema describes."""
    owner = schema.get("$ref", "").rpartition("/")[2]
    schema = _plain(document, schema)
    if name in EXAMPLES:
        return EXAMPLES[name]
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if schema.get("type") == "array" and depth < MAX_DEPTH:
        return [example(document, schema["items"], depth=depth + 1)]
    if "properties" in schema and depth < MAX_DEPTH:
        body = {key: example(document, one, key, depth + 1) for key, one in schema["properties"].items()}
        if "status" in body and owner in STATUSES:
            body["status"] = STATUSES[owner]
        return body
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        return {"accept": example(document, extra, depth=depth + 1)}
    return {"string": "", "integer": 0, "boolean": True}.get(schema.get("type", ""))


def _plain(document: Document, schema: dict[str, Any]) -> dict[str, Any]:
    """Follow references, and take the one real alternative of something that may be null."""
    while True:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif real := [one for one in schema.get("anyOf", []) if one.get("type") != "null"]:
            schema = real[0]
        else:
            return schema


def _kind(document: Document, schema: dict[str, Any]) -> str:
    plain = _plain(document, schema)
    nullable = any(one.get("type") == "null" for one in schema.get("anyOf", []))
    if "enum" in plain:
        kind = " | ".join(plain["enum"])
    elif "const" in plain:
        kind = str(plain["const"])
    elif plain.get("type") == "array":
        kind = f"list of {_kind(document, plain['items'])}"
    else:
        kind = str(plain.get("type", "any"))
    return f"{kind} or null" if nullable and kind != "null" else kind


def _bounds(schema: dict[str, Any]) -> str:
    if "pattern" in schema:
        return f"`{schema['pattern']}`"
    low, high = schema.get("minItems"), schema.get("maxItems")
    return f"{low or 0} to {high}" if high is not None else ""
