"""``python -m read_api``: serve the read API."""

from read_api.app import create_app
from read_api.settings import ReadApiSettings
from runtime import http, logs, settings


def main() -> None:
    """Load settings, configure logging, run."""
    loaded = settings.load(ReadApiSettings)
    logs.configure("read_api", loaded.log_level)
    http.serve(create_app(loaded), loaded.http_host, loaded.http_port)


if __name__ == "__main__":
    main()
