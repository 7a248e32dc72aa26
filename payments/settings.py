"""Settings of payments: where the ledger, the log and the provider are, and the secrets between us."""

from psycopg.conninfo import make_conninfo
from pydantic import Base64Bytes, Field, SecretStr

from contracts.topics import BOOKING_REQUESTS, MAX_PARTITIONS
from runtime.settings import HttpSettings


class PaymentsSettings(HttpSettings):
    """Addresses hold no secrets. ``payment_token_key`` (base64) is what write_api seals tokens under.

    ``payment_provider_url``: the API of the built-in test provider, or of one that speaks the same;
    ``payment_webhook_secret``: in the form of the Standard Webhooks specification, ``whsec_`` and base64.
    """

    postgres_url: str
    postgres_password: SecretStr = SecretStr("")
    kafka_bootstrap: str
    topic: str = BOOKING_REQUESTS
    partitions: int = Field(default=8, ge=1, le=MAX_PARTITIONS)
    payment_token_key: Base64Bytes = Field(repr=False, min_length=32)
    payment_provider_url: str
    payment_provider_key: SecretStr
    payment_webhook_secret: SecretStr

    @property
    def conninfo(self) -> str:
        """The ledger's address with the password in it; never logged."""
        password = self.postgres_password.get_secret_value()
        return make_conninfo(self.postgres_url, **({"password": password} if password else {}))
