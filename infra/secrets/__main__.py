"""Make the missing secrets: ``python3 -m infra.secrets <home>``, and options. Standard library only."""

import argparse
import sys
from pathlib import Path

from infra.secrets.files import generate
from infra.secrets.project import OtherProjectError, claim


def main() -> int:
    """Run the command; returns the process' exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m infra.secrets", description="Make the secrets that are missing.")
    parser.add_argument("home", type=Path, help="the state folder, usually .frontrow")
    parser.add_argument("--owner", type=int, help="user and group id that the files are given to (root only)")
    parser.add_argument("--project", help="the compose project whose volumes will know the secrets")
    arguments = parser.parse_args()
    try:
        if arguments.project:
            claim(arguments.home, arguments.project, owner=arguments.owner)
        made = generate(arguments.home, owner=arguments.owner)
    except OtherProjectError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Secrets could not be written: {error}.", file=sys.stderr)
        return 1
    print(f"secrets: {made} made" if made else "secrets: all there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
