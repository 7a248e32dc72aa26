"""MongoDB in native mode: a replica set of one node, with authentication, on loopback."""

from pathlib import Path

from infra.mongo.init import REPLICA_SET
from infra.native.home import Home
from infra.native.ports import LOOPBACK
from infra.native.program import Program


def prepare(home: Home) -> None:
    """Make the data folder."""
    (home.data / "mongo").mkdir(mode=0o700, exist_ok=True)


def program(home: Home, port: int, mongod: Path) -> Program:
    """Return the server's program."""
    options = {
        "port": str(port),
        "bind_ip": LOOPBACK,
        "dbpath": str(home.data / "mongo"),
        "replSet": REPLICA_SET,
        "keyFile": str(home.secrets / "mongo" / "frontrow_mongo_keyfile"),  # implies authentication
        "wiredTigerCacheSizeGB": "0.25",
        "oplogSize": "512",  # megabytes; by default 5 % of the disk
    }
    parameters = (
        "diagnosticDataCollectionEnabled=false",  # a write each second that nobody reads
        "shutdownTimeoutMillisForSignaledShutdown=100",  # there is no other node to hand over to
    )
    arguments = [f"--{name}={value}" for name, value in options.items()]
    settings = [f"--setParameter={parameter}" for parameter in parameters]
    return Program("mongo", (mongod, *arguments, "--nounixsocket", "--quiet", *settings), stop_wait_s=30)
