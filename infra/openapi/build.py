"""``python -m infra.openapi.build``: write the API's document, its page and the page's style for the gateway.

The same sources give the same bytes; the test of this room compares them with the committed files.
"""

import json
import tomllib
from pathlib import Path
from typing import Final

from infra.openapi.document import Document, merge
from infra.openapi.page import render
from infra.openapi.services import documents
from infra.openapi.style import STYLE

CHECKOUT: Final = Path(__file__).parents[2]
STATIC: Final = CHECKOUT / "gateway" / "static"


def built() -> dict[str, str]:
    """Return the text of each file by its name."""
    document = merge(documents(), _version())
    return {"openapi.json": _json(document), "docs.html": render(document), "docs.css": STYLE}


def _json(document: Document) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _version() -> str:
    version = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]
    return str(version)


def main() -> None:
    """Write the files."""
    STATIC.mkdir(exist_ok=True)
    for name, text in built().items():
        (STATIC / name).write_text(text)
        print(f"{STATIC / name}: {len(text)} characters")


if __name__ == "__main__":
    main()
