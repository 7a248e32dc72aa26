"""One attempt, to a real server: what it brings, what its answer counts for, and where it is never made."""

import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.receiver import Receiver, listening
from webhooks import sending
from webhooks.network import CheckedBackend, LookUp, look_up
from webhooks.schedule import Answer
from webhooks.sending import Sender
from webhooks.signing import new_secret, shown

BODY = '{"type":"webhook.test","timestamp":"2027-01-02T03:04:05.678Z","data":{"webhook_id":"wh_ü"}}'
NAME = "hook.example"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as one:
        yield one


@asynccontextmanager
async def a_sender(
    *, allow_private: bool = True, names: LookUp = look_up, trust: ssl.SSLContext | None = None
) -> AsyncIterator[Sender]:
    network = CheckedBackend(allow_private=allow_private, look_up=names)
    sender = Sender(network, allow_private=allow_private, trust=trust or ssl.create_default_context())
    try:
        yield sender
    finally:
        await sender.close()


async def send(url: str, sender: Sender) -> Answer:
    return await sender.send(url, "msg_1", BODY, [new_secret()])


async def test_an_attempt_brings_the_body_as_it_was_written_and_what_the_specification_asks_for(
    receiver: Receiver,
) -> None:
    secrets = [new_secret(), new_secret()]
    async with a_sender() as sender:
        assert (await sender.send(receiver.url + "?a=b", "msg_1", BODY, secrets)).delivered
    (came,) = receiver.received
    assert came.path == "/hook?a=b"
    assert came.body == BODY
    assert came.id == "msg_1"
    assert came.headers["content-type"] == "application/json"
    assert came.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert abs(int(came.headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 5
    for secret in secrets:
        came.verify(shown(secret))


async def test_our_own_network_is_not_sent_to(receiver: Receiver) -> None:
    async with a_sender(allow_private=False) as sender:
        for host in ("127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "127.1", "2130706433", "0x7f000001"):
            answer = await send(f"https://{host}:{receiver.port}/", sender)
            assert answer.status is None, host
            assert answer.error in {sending.REFUSED_ADDRESS, sending.NO_NAME}, host
        assert await send(receiver.url, sender) == Answer(None, sending.REFUSED_ADDRESS)
    assert receiver.received == []


@pytest.mark.parametrize("private", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::ffff:127.0.0.1", "fd00::1"])
async def test_a_name_with_one_address_of_our_network_is_not_sent_to_at_all(private: str) -> None:
    async with a_sender(allow_private=False, names=lambda _host, _port: ["8.8.8.8", private]) as sender:
        assert await send(f"https://{NAME}/", sender) == Answer(None, sending.REFUSED_ADDRESS)


async def test_a_name_that_changes_its_address_is_not_followed(receiver: Receiver) -> None:
    asked = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.66"]

    async with a_sender(names=rebinding) as sender:
        assert (await send(f"http://{NAME}:{receiver.port}/hook", sender)).delivered
    assert asked == [NAME], "whoever looks twice may see two different things"
    assert receiver.received[0].headers["host"] == f"{NAME}:{receiver.port}"


async def test_the_next_address_is_tried_where_one_does_not_answer(receiver: Receiver) -> None:
    async with a_sender(names=lambda _host, _port: ["127.0.0.66", "127.0.0.1"]) as sender:
        assert (await send(f"http://{NAME}:{receiver.port}/hook", sender)).delivered


async def test_redirects_are_not_followed(receiver: Receiver) -> None:
    with listening() as other:
        receiver.status, receiver.headers = 307, {"Location": other.url}
        async with a_sender() as sender:
            answer = await send(receiver.url, sender)
        assert (answer.status, answer.delivered) == (307, False)
        assert other.received == []


async def test_an_answer_without_end_is_cut_and_counts_by_its_status(receiver: Receiver) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 65_536

    receiver.status, receiver.body = 200, endless
    async with a_sender() as sender:
        assert (await send(receiver.url, sender)).delivered


async def test_an_endpoint_that_takes_too_long_is_given_up(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "ANSWER_WITHIN_S", 0.3)
    receiver.open.clear()
    async with a_sender() as sender:
        assert await send(receiver.url, sender) == Answer(None, sending.TIMEOUT)


async def test_an_answer_that_trickles_is_bounded_as_a_whole(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "ANSWER_WITHIN_S", 0.5)
    never = threading.Event()

    def trickling() -> Iterator[bytes]:
        while not never.wait(0.05):
            yield b"x"

    receiver.status, receiver.body = 200, trickling
    async with a_sender() as sender:
        assert await send(receiver.url, sender) == Answer(None, sending.TIMEOUT)


async def test_nobody_there_no_such_name_and_no_http_are_told_apart(receiver: Receiver) -> None:
    async with a_sender() as sender:
        assert await send("http://127.0.0.1:1/", sender) == Answer(None, sending.NO_CONNECTION)
        assert await send(f"https://127.0.0.1:{receiver.port}/", sender) == Answer(None, sending.TLS)

    def unknown(_host: str, _port: int) -> list[str]:
        raise OSError

    async with a_sender(names=unknown) as sender:
        assert await send(f"https://{NAME}/", sender) == Answer(None, sending.NO_NAME)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("soon", None), ("-5", None), ("9" * 40, 999_999_999), ("Fri, 31 Dec 1999 23:59:59 GMT", 0)],
)
async def test_how_long_an_endpoint_asks_for_peace_is_read(receiver: Receiver, value: str, seconds: int | None) -> None:
    receiver.status, receiver.headers = 503, {"Retry-After": value}
    async with a_sender() as sender:
        assert (await send(receiver.url, sender)).retry_after_s == seconds


def a_certificate(folder: Path) -> Path:
    """Return a file with a key and a certificate of its own for ``NAME``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "certificate.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


async def test_tls_is_about_the_name_though_the_connection_is_to_a_checked_address(tmp_path: Path) -> None:
    certificate = a_certificate(tmp_path)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    here = lambda _host, _port: ["127.0.0.1"]  # noqa: E731 - one address for every name
    with listening(served) as receiver:
        async with a_sender(names=here, trust=trusting) as sender:
            assert (await send(f"https://{NAME}:{receiver.port}/", sender)).delivered
            assert await send(f"https://other.example:{receiver.port}/", sender) == Answer(None, sending.TLS)
        async with a_sender(names=here) as sender:
            assert await send(f"https://{NAME}:{receiver.port}/", sender) == Answer(None, sending.TLS)
        assert len(receiver.received) == 1
