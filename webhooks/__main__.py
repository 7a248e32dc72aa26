"""``python -m webhooks``: follow the feed, deliver, and serve the calls."""

from runtime import http, logs, settings
from webhooks.app import create_app
from webhooks.settings import WebhooksSettings


def main() -> None:
    """Load settings, configure logging, run."""
    loaded = settings.load(WebhooksSettings)
    logs.configure("webhooks", loaded.log_level)
    http.serve(create_app(loaded), loaded.http_host, loaded.http_port)


if __name__ == "__main__":
    main()
