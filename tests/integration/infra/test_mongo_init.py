"""The replica set of one node comes up wherever its server is now."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from infra.mongo.init import REPLICA_SET, initiate

BUNDLED = Path(sys.prefix).glob("lib/python*/site-packages/fiftyone/db/bin/mongod")
MONGOD = shutil.which("mongod") or str(next(BUNDLED, "mongod"))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def _server(data: Path) -> Iterator[str]:
    port = _free_port()
    options = [
        f"--port={port}",
        f"--dbpath={data}",
        f"--replSet={REPLICA_SET}",
        "--bind_ip=127.0.0.1",
        "--nounixsocket",
    ]
    process = subprocess.Popen([MONGOD, *options, "--quiet"], stdout=subprocess.DEVNULL)
    try:
        yield f"mongodb://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def test_a_set_that_was_made_at_another_port_takes_writes_again(tmp_path: Path) -> None:
    with _server(tmp_path) as first:
        initiate(first, "frontrow", "", {}, wait_s=20)
    with _server(tmp_path) as second:
        initiate(second, "frontrow", "", {}, wait_s=20)
        with MongoClient[dict[str, Any]](second, directConnection=True) as client:
            client.frontrow.sign.insert_one({"of": "life"})
