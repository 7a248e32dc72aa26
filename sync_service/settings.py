"""Settings of sync_service: where the ledger and the view are, and as whom it enters them."""

from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from runtime.settings import HttpSettings


class SyncServiceSettings(HttpSettings):
    """Addresses hold no secrets; an empty ``mongo_user`` or password means that the server asks for none (tests)."""

    postgres_url: str
    postgres_password: SecretStr = SecretStr("")
    mongo_url: str
    mongo_database: str
    mongo_user: str = ""
    mongo_password: SecretStr = SecretStr("")

    @property
    def ledger_conninfo(self) -> str:
        """The ledger's address with the password in it; never logged."""
        password = self.postgres_password.get_secret_value()
        return make_conninfo(self.postgres_url, **({"password": password} if password else {}))
