"""``python -m write_api``: serve the write API."""

from runtime import http, logs, settings
from write_api.app import create_app
from write_api.settings import WriteApiSettings


def main() -> None:
    """Load settings, configure logging, run."""
    loaded = settings.load(WriteApiSettings)
    logs.configure("write_api", loaded.log_level)
    http.serve(create_app(loaded), loaded.http_host, loaded.http_port)


if __name__ == "__main__":
    main()
