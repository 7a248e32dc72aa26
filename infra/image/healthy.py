"""The health check of every Python container: exit 0 when the process in it says that it is ready.

Compose runs this file every few seconds beside the service, so it starts in milliseconds: no site-packages, no HTTP
client. It must never wait longer than compose does.
"""

import os
import socket
import sys
from typing import Final

WITHIN_S: Final = 2.0
_READY: Final = b" 200 "
_STATUS_LINE_BYTES: Final = 64


def main() -> int:
    """Ask ``/health/ready`` on the container's own port."""
    address = ("127.0.0.1", int(os.environ["FRONTROW_HTTP_PORT"]))
    try:
        with socket.create_connection(address, timeout=WITHIN_S) as connection:
            connection.sendall(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = connection.recv(_STATUS_LINE_BYTES)
    except OSError as error:
        print(error)
        return 1
    return 0 if _READY in answer.split(b"\r\n")[0] else 1


if __name__ == "__main__":
    sys.exit(main())
