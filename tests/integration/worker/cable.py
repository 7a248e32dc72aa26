"""A cable between a worker and a store, which a test can cut, freeze and mend."""

import socket
import threading
from contextlib import suppress
from typing import Self

PIECE = 65_536


class Cable:
    """Forwards TCP connections on a port of its own to ``host:port`` while it is whole."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._whole = True
        self._flows = threading.Event()
        self._flows.set()
        self.refused = 0
        self._ends: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.cut()
        self._listener.close()

    def cut(self) -> None:
        """Break every connection, and every new one at once."""
        with self._lock:
            self._whole = False
            for end in self._ends:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
            self._ends.clear()
        self._flows.set()

    def freeze(self) -> None:
        """Keep connections and take new ones, but pass nothing on, as a server that hangs."""
        self._flows.clear()

    def mend(self) -> None:
        """Let new connections through again."""
        with self._lock:
            self._whole = True
        self._flows.set()

    def _accept(self) -> None:
        with suppress(OSError):  # the listener is closed when the test ends
            while True:
                near, _address = self._listener.accept()
                self._join(near)

    def _join(self, near: socket.socket) -> None:
        with self._lock:
            if not self._whole:
                self.refused += 1
                near.close()
                return
            far = socket.create_connection(self._target)
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._ends += [near, far]
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=_forward, args=(one, other, self._flows), daemon=True).start()


def _forward(one: socket.socket, other: socket.socket, flows: threading.Event) -> None:
    with suppress(OSError):
        while piece := one.recv(PIECE):
            flows.wait()
            other.sendall(piece)
    with suppress(OSError):
        other.shutdown(socket.SHUT_RDWR)
