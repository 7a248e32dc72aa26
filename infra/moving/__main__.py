"""``python3 -m infra.moving``: the parts of backup and restore that compose runs in its one-shot. Standard library.

``finish HOME FOLDER BEFORE AFTER POSTGRES PARTITIONS`` ends a backup; ``check FOLDER PARTITIONS POSTGRES`` says whether
one can be restored here, ``place HOME FOLDER PARTITIONS`` brings its secrets, ``mark FOLDER PARTITIONS`` prints the SQL
that a restored ledger is given. Natively ``infra.native.moving`` does the same in one process.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from infra.moving import folder
from infra.moving.folder import BackupError


def main() -> int:
    """Run one part; returns the process' exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m infra.moving")
    parts = parser.add_subparsers(dest="part", required=True)
    finish = parts.add_parser("finish")
    finish.add_argument("home", type=Path)
    finish.add_argument("folder", type=Path)
    finish.add_argument("before", type=json.loads)
    finish.add_argument("after", type=json.loads)
    finish.add_argument("postgres")
    finish.add_argument("partitions", type=int)
    finish.add_argument("--without-secrets", action="store_true")
    finish.add_argument("--owner", type=int)
    place = parts.add_parser("place")
    place.add_argument("home", type=Path)
    check = parts.add_parser("check")
    for part in (place, check, parts.add_parser("mark")):
        part.add_argument("folder", type=Path)
        part.add_argument("partitions", type=int)
    check.add_argument("postgres")
    asked = parser.parse_args()
    try:
        _run(asked)
    except BackupError as error:
        print(f"{error.sentence}\n{error.remedy}", file=sys.stderr)
        return 1
    return 0


def _run(asked: argparse.Namespace) -> None:
    match asked.part:
        case "finish":
            said = {
                "postgres": asked.postgres,
                "partitions": asked.partitions,
                "topic_id": asked.after["topic_id"],
                "undecided": folder.undecided(asked.before, asked.after),
            }
            manifest = folder.finish(asked.folder, asked.home, said, with_secrets=not asked.without_secrets)
            if asked.owner is not None:  # so that whoever asked for the backup can carry it away
                for path in (asked.folder, *asked.folder.rglob("*")):
                    os.chown(path, asked.owner, asked.owner)
            print(folder.summary(manifest))
        case "check":
            manifest = folder.verified(asked.folder, asked.partitions)
            folder.require_version(manifest, [asked.postgres])
            print(folder.summary(manifest))
        case "place":
            folder.verified(asked.folder, asked.partitions)
            print(f"{folder.place_secrets(asked.folder, asked.home)} secrets came along")
        case "mark":
            print(";\n".join(folder.mark(folder.verified(asked.folder, asked.partitions))) + ";")


if __name__ == "__main__":
    sys.exit(main())
