"""Settings of the test provider: its books, and whom it tells."""

from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from runtime.settings import HttpSettings


class TestProviderSettings(HttpSettings):
    """Addresses hold no secrets. ``payment_webhook_url``: where webhooks are taken."""

    postgres_url: str
    postgres_password: SecretStr = SecretStr("")
    payment_webhook_url: str
    payment_provider_key: SecretStr
    payment_webhook_secret: SecretStr

    @property
    def conninfo(self) -> str:
        """The books' address with the password in it; never logged."""
        password = self.postgres_password.get_secret_value()
        return make_conninfo(self.postgres_url, **({"password": password} if password else {}))
