"""TLS at the gateway: one folder is all that is set, and then nothing is done for whoever does not speak it."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from contracts import problems
from tests import certificates
from tests.integration.gateway.conftest import Gateway, serving, started
from tests.integration.gateway.problem import assert_problem


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that FRONTROW_TLS names."""
    return certificates.write_to(tmp_path_factory.mktemp("tls")).parent


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory, certificate: Path) -> Iterator[Gateway]:
    """A gateway that speaks TLS."""
    with started(tmp_path_factory.mktemp("gateway"), tls=certificate) as gateway:
        yield gateway


@pytest.fixture
def over_tls(secure: Gateway, certificate: Path) -> Iterator[httpx.Client]:
    trust = ssl.create_default_context(cafile=str(certificate / "fullchain.pem"))
    with httpx.Client(base_url=secure.url, timeout=10, verify=trust) as client:
        yield client


def test_a_request_comes_by_tls_and_the_service_is_told_so(secure: Gateway, over_tls: httpx.Client) -> None:
    with serving(secure.write_api) as write_api:
        assert over_tls.post("/api/book", json={}).status_code == 200
        assert write_api.received[0].headers["x-forwarded-proto"] == "https"


@pytest.mark.parametrize("path", ["/api/docs", "/nope", "/api/bookings/bk_1"])
def test_a_browser_is_told_to_come_by_nothing_else_for_a_year(over_tls: httpx.Client, path: str) -> None:
    assert over_tls.get(path).headers["Strict-Transport-Security"] == "max-age=31536000"


def test_without_tls_nobody_is_told_to_use_it(client: httpx.Client) -> None:
    assert "Strict-Transport-Security" not in client.get("/api/docs").headers


@pytest.mark.parametrize("path", ["/", "/api/events?q=a%20b", "/api/docs"])
def test_who_reads_without_tls_is_sent_to_the_same_address_by_tls(secure: Gateway, path: str) -> None:
    answer = httpx.get(f"http://127.0.0.1:{secure.port}{path}")
    assert (answer.status_code, answer.headers.get("Location")) == (308, f"https://127.0.0.1:{secure.port}{path}")
    assert "Strict-Transport-Security" not in answer.headers
    assert answer.headers.get("Cache-Control") == "no-store"


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/sessions"), ("POST", "/api/book"), ("DELETE", "/api/bookings/b")]
)
def test_what_changes_something_is_not_done_without_tls_nor_sent_on_in_silence(
    secure: Gateway, method: str, path: str
) -> None:
    with serving(secure.write_api) as write_api:
        answer = httpx.request(method, f"http://127.0.0.1:{secure.port}{path}", content=b"{}")
        assert_problem(answer, problems.BAD_REQUEST)
        assert "https" in answer.json()["detail"]
        assert write_api.received == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_two_versions_that_are_thought_safe_are_spoken(secure: Gateway, version: ssl.TLSVersion) -> None:
    assert _handshake(secure, version) == {"TLSv1_2": "TLSv1.2", "TLSv1_3": "TLSv1.3"}[version.name]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_an_older_version_is_not_spoken(secure: Gateway, version: ssl.TLSVersion) -> None:
    with pytest.raises(ssl.SSLError, match=r"(?i)version|protocol"):
        _handshake(secure, version)


def _handshake(gateway: Gateway, version: ssl.TLSVersion) -> str | None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    # Our own library would refuse to offer what the server is to refuse.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as plain,
        context.wrap_socket(plain) as connection,
    ):
        return connection.version()
