"""The page of the API for people: one HTML file made of the document; its style lies beside it, nothing outside.

``build`` enters here. Pure. Everything that comes from the document is escaped; of Markdown it knows `code`, *emphasis*
and paragraphs, because our texts use no more.
"""

import html
import json
import re
from collections.abc import Sequence
from typing import Any, Final

from infra.openapi.schemas import example, fields
from infra.openapi.style import STYLE_PATH

Document = dict[str, Any]

_CODE: Final = re.compile(r"`([^`]+)`")
_EMPHASIS: Final = re.compile(r"\*([^*]+)\*")
_METHODS: Final = ("get", "post", "put", "patch", "delete")


def render(document: Document) -> str:
    """Return the page."""
    info = document["info"]
    groups = [(tag, _operations(document, tag["name"])) for tag in document["tags"]]
    body = "\n".join(
        [
            f"<nav><h1>{_text(info['title'])}</h1><p class=quiet>API {_text(info['version'])}</p>",
            f"{_contents(groups)}</nav>",
            "<main>",
            f"<section id=top>{_prose(info['description'])}</section>",
            *(_group(document, tag, operations) for tag, operations in groups),
            _problems(document),
            "</main>",
        ]
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(info['title'])} API</title>\n"
        f'<link rel="stylesheet" href="{STYLE_PATH}">\n</head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _operations(document: Document, tag: str) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in _METHODS and tag in operation.get("tags", [])
    ]


def _contents(groups: list[tuple[dict[str, str], list[tuple[str, str, dict[str, Any]]]]]) -> str:
    parts = []
    for tag, operations in groups:
        links = "".join(
            f'<li><a href="#{_anchor(operation)}">{_method(method)}<span>{_text(path)}</span></a></li>'
            for path, method, operation in operations
        )
        parts.append(f"<h2>{_text(tag['name'])}</h2><ul>{links}</ul>")
    return "".join(parts) + '<h2>errors</h2><ul><li><a href="#problems">The list of problems</a></li></ul>'


def _group(document: Document, tag: dict[str, str], operations: list[tuple[str, str, dict[str, Any]]]) -> str:
    inner = "\n".join(_operation(document, *operation) for operation in operations)
    return f"<h2 class=group>{_text(tag['name'])}</h2>{_prose(tag['description'])}\n{inner}"


def _operation(document: Document, path: str, method: str, operation: dict[str, Any]) -> str:
    parts = [
        f'<section class=operation id="{_anchor(operation)}">',
        f"<h3>{_method(method)} <code>{_text(path)}</code></h3>",
        _prose(operation.get("description") or operation.get("summary", "")),
        _parameters(document, operation.get("parameters", [])),
        _request(document, operation.get("requestBody")),
        *(f"<pre class=try>{_text(sample['source'])}</pre>" for sample in operation.get("x-codeSamples", [])),
        _responses(document, operation["responses"]),
        "</section>",
    ]
    return "\n".join(part for part in parts if part)


def _parameters(document: Document, parameters: list[dict[str, Any]]) -> str:
    rows = []
    for given in parameters:
        one = _resolved(document, given)
        described = "Part of the path." if one["in"] == "path" else one.get("description", "")
        rows.append((f"<code>{_text(one['name'])}</code>", _text(one["in"]), _inline(described)))
    return _table(("parameter", "in", ""), rows)


def _request(document: Document, body: dict[str, Any] | None) -> str:
    if body is None:
        return ""
    schema = body["content"]["application/json"]["schema"]
    return f"<h4>Body</h4>{_fields(document, schema)}"


def _responses(document: Document, responses: dict[str, dict[str, Any]]) -> str:
    parts = ["<h4>Answers</h4>"]
    rows = []
    common = {text.lower() for text in document["x-every-call-may-answer"]}
    for status, response in responses.items():
        if response["description"].lower() in common:
            continue
        names = [name for name in response.get("headers", {}) if name != "X-Request-Id"]
        headers = ", ".join(f"<code>{_text(name)}</code>" for name in names)
        rows.append((f"<b>{_text(status)}</b>", _inline(response["description"]), headers))
    parts.append(_table(("status", "when", "headers"), rows))
    for status, response in responses.items():
        schema = response.get("content", {}).get("application/json", {}).get("schema")
        if status.startswith("2") and schema and fields(document, schema):
            parts.append(f"<pre>{_text(_json(example(document, schema)))}</pre>{_fields(document, schema)}")
        for name, told in response.get("content", {}).get("text/event-stream", {}).get("x-messages", {}).items():
            parts.append(f"<h4>event: {_text(name)}</h4><pre>{_text(_json(example(document, told)))}</pre>")
            parts.append(_fields(document, told))
    return "\n".join(parts)


def _fields(document: Document, schema: dict[str, Any]) -> str:
    rows = [
        (f"<code>{_text(one.name)}</code>", _text(one.kind), _inline(one.meaning)) for one in fields(document, schema)
    ]
    return _table(("field", "type", ""), rows)


def _problems(document: Document) -> str:
    rows = [
        (
            f"<code>{_text(one['type'])}</code>",
            f"<b>{one['status']}</b>",
            _text(one["title"]),
            f"<code>Retry-After: {one['retry_after_s']}</code>" if one["retry_after_s"] else "",
        )
        for one in document["x-problems"]
    ]
    every = ", ".join(text.partition(":")[0] for text in document["x-every-call-may-answer"])
    sample = {
        "type": "/problems/invalid-request",
        "title": "The request has invalid fields",
        "status": 422,
        "detail": "Some fields are not what this call takes.",
        "instance": "5f0c2d8e7a",
        "errors": [{"field": "seatIds", "message": "names a seat twice"}],
    }
    return (
        "<section class=operation id=problems><h2 class=group>errors</h2>"
        "<p>Every error is <code>application/problem+json</code>. <code>errors</code> names the fields of a 422; "
        "<code>booking_id</code> and <code>status_url</code> are there where a booking may exist. "
        f"Every call may also answer {_inline(every)}.</p>"
        f"<pre>{_text(_json(sample))}</pre>{_table(('type', 'status', 'title', ''), rows)}</section>"
    )


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    top = "".join(f"<th>{_text(cell)}</th>" for cell in head)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<div class=wide><table><thead><tr>{top}</tr></thead>\n<tbody>{body}</tbody></table></div>"


def _resolved(document: Document, given: dict[str, Any]) -> dict[str, Any]:
    reference = given.get("$ref")
    if reference is None:
        return given
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def _anchor(operation: dict[str, Any]) -> str:
    return _text(operation["operationId"])


def _method(method: str) -> str:
    return f'<b class="method {method}">{method.upper()}</b>'


def _prose(text: str) -> str:
    return "".join(f"<p>{_inline(part)}</p>" for part in text.split("\n\n") if part.strip())


def _inline(text: str) -> str:
    escaped = _text(text.replace("``", "`"))
    return _EMPHASIS.sub(r"<em>\1</em>", _CODE.sub(r"<code>\1</code>", escaped))


def _text(text: object) -> str:
    return html.escape(str(text))


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
