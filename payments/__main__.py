"""``python -m payments``: follow the ledger, ask the provider, answer on the log."""

from payments.app import create_app
from payments.settings import PaymentsSettings
from runtime import http, logs, settings


def main() -> None:
    """Load settings, configure logging, run."""
    loaded = settings.load(PaymentsSettings)
    logs.configure("payments", loaded.log_level)
    http.serve(create_app(loaded), loaded.http_host, loaded.http_port)


if __name__ == "__main__":
    main()
