"""``make audit``: the invariant checker against the running platform, wherever that runs.

It waits a moment for what is under way, reads only, and exits 1 with a sentence per violation, or 2 when a store is
away. It does not ask for health first: what is right is asked most when something is not well.
"""

import sys
from typing import Final

from loadtest.running import default_url, find

WITHIN_S: Final = 600.0
WAIT_S: Final = 30
"""How long what is under way may take to be decided and shown."""


def main() -> int:
    """Run the checker; returns the process' exit status."""
    platform = find(default_url(), healthy=False)
    return platform.run("audit", "audit", ["--wait", str(WAIT_S)], within_s=WITHIN_S)


if __name__ == "__main__":
    sys.exit(main())
