"""Which compose project a state folder is of: its volumes know the folder's secrets, and no other project's do.

``python -m infra.secrets`` enters here before it makes any, and whoever runs something in the project's containers;
``start-services.sh`` reads the same file. So a project of another name, with volumes that are empty, never stands in
silently for the one that has the data.
"""

import os
from pathlib import Path
from typing import Final

_FILE: Final = "docker"
FIRST_NAME: Final = "frontrow"
"""The project's fixed name before it was written down; the file of that time is empty."""


class OtherProjectError(Exception):
    """The folder is another project's."""

    def __init__(self, known: str, wanted: str) -> None:
        super().__init__(
            f"The data of this state folder are in the compose project {known}, not in {wanted}. "
            f"Go on with it: COMPOSE_PROJECT_NAME={known}; or use another FRONTROW_HOME beside another project."
        )


def project_of(home: Path) -> str | None:
    """Return the project that ``home`` is of, if it is any one's yet."""
    file = home / _FILE
    return (file.read_text().strip() or FIRST_NAME) if file.exists() else None


def claim(home: Path, project: str, owner: int | None = None) -> None:
    """Write down that ``home`` is this project's, unless it is so already.

    Raises:
        OtherProjectError: it is another one's.
    """
    known = project_of(home)
    if known is not None:
        if known != project:
            raise OtherProjectError(known, project)
        return
    file = home / _FILE
    file.write_text(f"{project}\n")
    if owner is not None:
        os.chown(file, owner, owner)
