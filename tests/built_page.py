"""The page as it is in the tree: where its sources and its built files are, and what builds it anew.

Unit tests hold its record against the files; the integration test builds it again.
"""

from pathlib import Path
from typing import Final

WEB: Final = Path(__file__).parents[1] / "web"
DIST: Final = WEB / "dist"
COMMAND: Final = "cd web && npm ci && npm run build"
