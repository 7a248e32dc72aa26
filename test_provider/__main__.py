"""``python -m test_provider``: serve the test provider."""

from runtime import http, logs, settings
from test_provider.app import create_app
from test_provider.settings import TestProviderSettings


def main() -> None:
    """Load settings, configure logging, run."""
    loaded = settings.load(TestProviderSettings)
    logs.configure("test_provider", loaded.log_level)
    http.serve(create_app(loaded), loaded.http_host, loaded.http_port)


if __name__ == "__main__":
    main()
