"""Unlogged: the write API as it is, but that nothing is put on the log: what accepting a booking costs without Kafka.

``python -m loadtest.bench.unlogged`` with the settings of ``write_api``; the benchmark holds the real one against it.
Everything but the append is the service's own code. What it answers is not true, since nobody has the bookings that it
accepts: it must never serve anybody but the benchmark.
"""

import asyncio
from unittest.mock import patch

from runtime import http, logs, settings
from runtime.producer import Acknowledgement, Producer
from write_api import app
from write_api.settings import WriteApiSettings


class Unlogged(Producer):
    """Acknowledges at once what it was to send, and asks the log now and then whether it is there, as its parent."""

    def send(
        self,
        partition: int,
        key: bytes | None,  # noqa: ARG002 - nothing is sent
        value: bytes,  # noqa: ARG002
        headers: list[tuple[str, str | bytes | None]],  # noqa: ARG002
    ) -> asyncio.Future[Acknowledgement]:
        """Return an acknowledgement that is there already."""
        future: asyncio.Future[Acknowledgement] = asyncio.get_running_loop().create_future()
        future.set_result(Acknowledgement(partition, offset=0))
        return future


def main() -> None:
    """Serve."""
    loaded = settings.load(WriteApiSettings)
    logs.configure("unlogged", "WARNING")
    with patch.object(app, "Producer", Unlogged):
        made = app.create_app(loaded)
    http.serve(made, loaded.http_host, loaded.http_port)


if __name__ == "__main__":
    main()
