"""Links: who talks to whom, each through a proxy of its own that a fault can cut, delay or leave half open.

A link is made by telling one process another address (``NativeSettings.detours``), the gateway in its configuration.
Kafka tells its clients where it is, so each of its links needs a listener of its own, which tells the proxy's port. The
proxies run in a thread with an event loop; whoever hurts one calls from outside.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, NamedTuple

from contracts.topics import BOOKING_REQUESTS as _TOPIC
from infra.native.ports import LOOPBACK, Ports
from infra.native.services import PROVIDER_URL, environment, process_names
from infra.native.settings import NativeSettings
from tests.integration.proxy import Proxy

WITHIN_S: Final = 5.0
KAFKA_LISTENERS: Final = {"write_api": 90, "worker": 91, "payments": 92}
"""Ports of the broker's further listeners, from the instance's base on."""
_VARIABLE: Final = {
    "postgres": "FRONTROW_POSTGRES_URL",
    "redis": "FRONTROW_REDIS_URL",
    "mongo": "FRONTROW_MONGO_URL",
    "test_provider": PROVIDER_URL,
    "payments": "FRONTROW_PAYMENT_WEBHOOK_URL",
}

LINKS: Final = (
    ("write_api", "kafka"),
    ("write_api", "redis"),
    ("write_api", "postgres"),
    ("worker", "kafka"),
    ("worker", "postgres"),
    ("worker", "redis"),
    ("sync_service", "postgres"),
    ("sync_service", "mongo"),
    ("read_api", "mongo"),
    ("payments", "kafka"),
    ("payments", "postgres"),
    ("payments", "test_provider"),
    ("test_provider", "postgres"),
    ("test_provider", "payments"),
    ("webhooks", "postgres"),
    ("webhooks", "receiver"),
    ("gateway", "write_api"),
    ("gateway", "read_api"),
    ("gateway", "payments"),
    ("gateway", "webhooks"),
    ("gateway", "audit"),
)
"""From, to. Between the gateway and an API it is the first process of it that has a proxy. The auditor's own links have
none: it is what the proof looks through."""
RECEIVER: Final = "receiver"


class Link(NamedTuple):
    """One link."""

    source: str
    target: str

    @property
    def name(self) -> str:
        """As a person says it."""
        return f"{self.source}-{self.target}"


class Links:
    """All proxies of a run."""

    def __init__(self, settings: NativeSettings) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="links", daemon=True)
        self._thread.start()
        self.proxies: dict[Link, Proxy] = {}
        self.detours: dict[str, dict[str, str]] = {}
        for source, target in LINKS:
            if target != RECEIVER:  # which is there only later
                self._make(Link(source, target), settings)

    def proxy(self, link: Link) -> Proxy:
        """Return the proxy of a link; its plain attributes may be set from any thread."""
        return self.proxies[link]

    def before_receiver(self, url: str) -> str:
        """Put a proxy before an organiser's receiver, and return the address that webhooks are to be given."""
        proxy = self.proxies[Link("webhooks", RECEIVER)] = Proxy.before(url)
        self.do(proxy.start())
        return proxy.instead(url)

    def do(self, wanted: Awaitable[None]) -> None:
        """Run what must run in the proxies' loop."""

        async def awaited() -> None:
            await wanted

        asyncio.run_coroutine_threadsafe(awaited(), self._loop).result(WITHIN_S)

    def run(self, plain: Callable[[], None]) -> None:
        """Call a plain method of a proxy in the proxies' loop."""

        async def called() -> None:
            plain()

        self.do(called())

    def mend(self) -> None:
        """Make every link whole."""
        for proxy in self.proxies.values():
            self.do(proxy.mend())

    def close(self) -> None:
        """End all of it."""
        for proxy in self.proxies.values():
            self.do(proxy.cut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def configure(self, folder: Path, ports: Ports) -> None:
        """Put the links into the written configuration of the gateway and the broker; before these start."""
        self._add_listeners(folder / "kafka.properties", ports)
        gateway = folder / "nginx.conf"
        text = gateway.read_text()
        for (source, target), proxy in self.proxies.items():
            if source == "gateway":
                text = text.replace(f"{LOOPBACK}:{ports.of(target)[0]} ", f"{LOOPBACK}:{proxy.port} ")
        gateway.write_text(text)

    def _add_listeners(self, properties: Path, ports: Ports) -> None:
        text = properties.read_text()
        listeners, advertised, protocols = [], [], ["PLAINTEXT:PLAINTEXT", "CONTROLLER:PLAINTEXT"]
        for service, offset in KAFKA_LISTENERS.items():
            name = service.upper().replace("_", "")
            listeners.append(f"{name}://{LOOPBACK}:{ports.base + offset}")
            advertised.append(f"{name}://{LOOPBACK}:{self.proxies[Link(service, 'kafka')].port}")
            protocols.append(f"{name}:PLAINTEXT")
        lines = []
        for line in text.splitlines():
            key, _, value = line.partition("=")
            more = {"listeners": listeners, "advertised.listeners": advertised}.get(key, [])
            lines.append(f"{key}={','.join([value, *more])}" if more else line)
        lines.append(f"listener.security.protocol.map={','.join(protocols)}")
        properties.write_text("\n".join(lines) + "\n")

    def _make(self, link: Link, settings: NativeSettings) -> None:
        source, target = link
        ports = settings.ports
        port = ports.base + KAFKA_LISTENERS[source] if target == "kafka" else ports.of(target)[0]
        proxy = self.proxies[link] = Proxy(LOOPBACK, port)
        self.do(proxy.start())
        if source != "gateway":
            for name in process_names(source, settings.processes.get(source, 1)):
                self.detours.setdefault(name, {}).update(self._address(settings, source, target, proxy))

    def _address(self, settings: NativeSettings, source: str, target: str, proxy: Proxy) -> dict[str, str]:
        if target == "kafka":
            return {"FRONTROW_KAFKA_BOOTSTRAP": f"{LOOPBACK}:{proxy.port}", "FRONTROW_TOPIC": _TOPIC}
        name = _VARIABLE[target]
        url = proxy.instead(environment(settings, source)[name])
        # A replica set tells its clients where it is, which is not where they are to go.
        return {name: url.replace("replicaSet=rs0", "directConnection=true")}
