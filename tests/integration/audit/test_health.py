"""The health service over real HTTP: it says what is not there, and since when."""

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from audit.auditor.report import NOT_ASKED, broken
from audit.auditor.violations import Violation
from infra.native.services import inherited
from tests.eventually import eventually

CHECKOUT = Path(__file__).parents[3]
WATCHING = NOT_ASKED.model_copy(update={"status": "watching"})
A_SEAT = Violation("the seat is not what its changes make it", "concert123", f"bk_{'A' * 36}", "A1", "booked", "held")


@dataclass
class Service:
    """A process as the health service sees it: readiness and metrics, settable."""

    status: int = 200
    body: str = '{"status": "ok", "checks": {}}'
    metrics: str = ""
    report: str = ""
    url: str = ""
    silent: threading.Event = field(default_factory=threading.Event)

    def not_ready(self, what: str) -> None:
        self.status, self.body = 503, f'{{"status": "unavailable", "checks": {{"{what}": false}}}}'


@contextmanager
def serving(service: Service) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ready = self.path == "/health/ready"
            if service.silent.is_set():
                threading.Event().wait(3)
            said = {"/health/ready": service.body, "/report": service.report}
            body = said.get(self.path, service.metrics).encode()
            self.send_response(service.status if ready else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        service.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Platform:
    url: str
    write_api: Service
    worker: Service
    read_api: Service
    sync_service: Service
    payments: Service
    webhooks: Service
    auditor: Service

    def health(self) -> tuple[int, dict[str, dict[str, object]]]:
        answer = httpx.get(f"{self.url}/health")
        assert answer.headers["cache-control"] == "no-store"
        body = answer.json()
        assert body["status"] == ("ok" if answer.status_code == 200 else "unavailable")
        return answer.status_code, body["checks"]


@pytest.fixture(scope="module")
def _health(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    names = ("write_api", "worker", "read_api", "sync_service", "payments", "webhooks", "auditor")
    services = {name: Service() for name in names}
    log = tmp_path_factory.mktemp("health") / "health.log"
    with (
        serving(services["write_api"]),
        serving(services["worker"]),
        serving(services["read_api"]),
        serving(services["sync_service"]),
        serving(services["payments"]),
        serving(services["webhooks"]),
        serving(services["auditor"]),
    ):
        urls = {f"FRONTROW_{name.upper()}_URLS": service.url for name, service in services.items()}
        urls["FRONTROW_WRITE_API_URLS"] += ",http://127.0.0.1:9"
        urls |= {"FRONTROW_PARTITIONS": "8", "FRONTROW_READ_API_PROCESSES": "2"}
        urls |= {"FRONTROW_TOKEN_PUBLIC_KEYS": '{"keys": {}}', "FRONTROW_MONGO_DATABASE": "nowhere"}
        urls |= {"FRONTROW_KAFKA_BOOTSTRAP": "127.0.0.1:9", "FRONTROW_REDIS_URL": "redis://127.0.0.1:9/0"}
        urls |= {
            "FRONTROW_MONGO_URL": "mongodb://127.0.0.1:9",
            "FRONTROW_POSTGRES_URL": "postgresql://127.0.0.1:9/none",
        }
        with _free_port() as port:
            env = {**inherited(), **urls, "FRONTROW_HTTP_HOST": "127.0.0.1", "FRONTROW_HTTP_PORT": str(port)}
        with log.open("w") as output:
            running = subprocess.Popen([sys.executable, "-m", "audit.health"], env=env, cwd=CHECKOUT, stdout=output)
        platform = Platform(f"http://127.0.0.1:{port}", **services)

        def up() -> None:
            try:
                assert httpx.get(f"{platform.url}/health/live").status_code == 200
            except httpx.TransportError as error:
                raise AssertionError from error

        try:
            eventually(up)
            yield platform
        finally:
            running.send_signal(signal.SIGTERM)
            # uvicorn raises the signal again once it has stopped cleanly.
            assert running.wait(10) in (0, -signal.SIGTERM)


@contextmanager
def _free_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        yield probe.getsockname()[1]


@pytest.fixture
def platform(_health: Platform) -> Platform:
    others = (_health.sync_service, _health.payments, _health.webhooks, _health.auditor)
    for service in (_health.write_api, _health.worker, _health.read_api, *others):
        service.status, service.body = 200, '{"status": "ok", "checks": {}}'
        service.silent.clear()
    _health.worker.metrics = _decided(lag=0)
    _health.auditor.report = WATCHING.model_dump_json()
    _health.sync_service.metrics = (
        "# TYPE frontrow_sync_service_active gauge\nfrontrow_sync_service_active 1.0\n"
        "# TYPE frontrow_sync_service_projection_lag_seconds gauge\nfrontrow_sync_service_projection_lag_seconds 0.1\n"
    )
    eventually(lambda: _must_be(_health, 200))
    return _health


def _decided(*, lag: int, partitions: int = 8) -> str:
    values = {"frontrow_worker_log_lag": lag, "frontrow_worker_partitions": partitions}
    return "".join(f"# TYPE {name} gauge\n{name} {value}.0\n" for name, value in values.items())


def _must_be(platform: Platform, status: int) -> dict[str, dict[str, object]]:
    answered, checks = platform.health()
    assert answered == status
    return checks


def test_all_is_well_and_the_process_that_is_missing_is_named(platform: Platform) -> None:
    checks = _must_be(platform, 200)
    assert list(checks) == ["accepted", "decided", "shown", "paid", "told", "audited"]
    assert {check["status"] for check in checks.values()} == {"ok"}
    assert checks["accepted"]["degraded"] == ["write_api-1: cannot be reached"]
    assert checks["shown"]["degraded"] == ["read_api-1: is not there"], "two are wanted, and one address is known"


def test_a_partition_without_a_worker_is_not_decided(platform: Platform) -> None:
    platform.worker.metrics = _decided(lag=0, partitions=7)
    checks = eventually(lambda: _must_be(platform, 503))
    assert "1 partitions have no worker" in str(checks["decided"]["detail"])


def test_what_is_missing_is_named_with_its_time_and_the_rest_stays_ok(platform: Platform) -> None:
    before = _must_be(platform, 200)
    platform.worker.not_ready("ledger")
    checks = eventually(lambda: _must_be(platform, 503))
    assert checks["decided"]["status"] == "unavailable"
    assert "worker-0: not ready: ledger" in str(checks["decided"]["detail"])
    assert str(checks["decided"]["since"]) > str(before["decided"]["since"])
    assert checks["accepted"] == before["accepted"]


def test_payments_that_are_away_are_named_and_bookings_go_on(platform: Platform) -> None:
    platform.payments.not_ready("log")

    def named() -> None:
        checks = _must_be(platform, 200)
        assert checks["paid"]["status"] == "unavailable"
        assert "payments-0: not ready: log" in str(checks["paid"]["detail"])

    eventually(named)


def test_webhooks_that_are_missing_are_named_and_bookings_go_on(platform: Platform) -> None:
    platform.webhooks.not_ready("feed")

    def named() -> None:
        assert _must_be(platform, 200)["told"]["status"] == "unavailable"

    eventually(named)
    assert "webhooks-0: not ready: feed" in str(_must_be(platform, 200)["told"]["detail"])


def test_a_process_that_does_not_answer_is_not_waited_for(platform: Platform) -> None:
    platform.read_api.silent.set()
    checks = eventually(lambda: _must_be(platform, 503))
    assert "read_api-0: no answer within 0.8 s" in str(checks["shown"]["detail"])
    assert httpx.get(f"{platform.url}/health", timeout=0.5).status_code == 503


def test_a_log_that_stands_still_is_not_decided(platform: Platform) -> None:
    platform.worker.metrics = _decided(lag=7)
    checks = eventually(lambda: _must_be(platform, 503), within_s=12)
    assert "7 messages wait and none was decided" in str(checks["decided"]["detail"])


def test_an_unknown_path_and_method_are_problems(platform: Platform) -> None:
    for answer, slug in (
        (httpx.get(f"{platform.url}/nothing"), "not-found"),
        (httpx.post(f"{platform.url}/health"), "method-not-allowed"),
    ):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == f"/problems/{slug}"


def test_a_violation_makes_health_bad_and_names_its_event_until_it_is_mended(platform: Platform) -> None:
    found = {"status": "broken", "violations": 1, "broken": [broken(A_SEAT)]}
    platform.auditor.report = WATCHING.model_copy(update=found).model_dump_json()
    audited = eventually(lambda: _must_be(platform, 503))["audited"]
    assert audited["detail"] == "1 violation: event concert123: the seat is not what its changes make it"
    told = httpx.get(f"{platform.url}/api/audit")
    assert told.headers["cache-control"] == "public, max-age=1"
    assert told.json()["broken"][0]["booking_id"] == f"bk_{'A' * 20}…"
    platform.auditor.report = ""  # it is being started, and knows nothing yet
    eventually(lambda: _audit_is(platform, "away"))
    assert _must_be(platform, 503)
    platform.auditor.report = WATCHING.model_dump_json()
    eventually(lambda: _must_be(platform, 200))


def _audit_is(platform: Platform, status: str) -> None:
    assert httpx.get(f"{platform.url}/api/audit").json()["status"] == status


def test_an_auditor_that_is_missing_is_named_and_bookings_go_on(platform: Platform) -> None:
    platform.auditor.not_ready("stores")
    eventually(lambda: _names_auditor(platform))


def _names_auditor(platform: Platform) -> None:
    assert "auditor-0: not ready: stores" in str(_must_be(platform, 200)["audited"]["detail"])
