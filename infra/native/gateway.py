"""The gateway in native mode: NGINX with the configuration that compose uses too, filled in with our addresses."""

import os
import pwd
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infra.native.errors import CannotStartError
from infra.native.home import Home, may_traverse
from infra.native.ports import LOOPBACK
from infra.native.program import Program
from infra.native.settings import CHECKOUT, NativeSettings

TEMPLATE: Final = CHECKOUT / "gateway" / "nginx.conf.template"
STATIC: Final = CHECKOUT / "gateway" / "static"
WEB: Final = CHECKOUT / "web" / "dist"
WORKERS: Final = 2
STREAMS_PER_ADDRESS: Final = 100
"""Of an address that is not our own: a school or an office behind one address, but not a whole crowd."""
ACCESS_LOG: Final = "gateway-access.log"
CERTIFICATE: Final = "fullchain.pem"
KEY: Final = "privkey.pem"
"""In the folder of ``FRONTROW_TLS``, as certbot names them."""
PLAIN_PORT: Final = "FRONTROW_PLAIN_PORT"
"""Where TLS is on: a second port, 80 beside 443, at which plain HTTP is sent to https."""

_PLACEHOLDER: Final = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
_UNPRIVILEGED: Final = "nobody"


def program(home: Home, settings: NativeSettings, nginx: Path) -> Program:
    """Write the configuration and return the program.

    ``settings.extra`` may hold ``FRONTROW_GATEWAY_EXTRA_UPSTREAMS`` and ``FRONTROW_GATEWAY_EXTRA_LOCATIONS``, pieces of
    NGINX configuration; the benchmark puts its reference beside our services with them.

    Raises:
        CannotStartError: TLS is wanted, and there is no certificate or no key.
    """
    _link(home.gateway / "static", STATIC)
    _link(home.gateway / "web", WEB)
    if settings.tls is not None:
        _link(home.conf / "tls", _complete(settings.tls))  # where NGINX looks for what its configuration names
    configuration = home.conf / "nginx.conf"
    configuration.write_text(render(TEMPLATE.read_text(), values(home, settings)))
    alone = (sys.executable, "-m", "infra.native.alone", home.gateway / "nginx.pid")
    command = (*alone, nginx, "-e", "stderr", "-p", home.gateway, "-c", configuration)
    return Program("gateway", command, directory=CHECKOUT, stop_signal="QUIT", stop_wait_s=15)


def values(home: Home, settings: NativeSettings) -> dict[str, str]:
    """Return what stands for each name in the template.

    Paths are relative to the folder that NGINX is started in (``-p``): its configuration cannot hold a space.
    """
    ports, extra = settings.ports, settings.extra
    return {
        "FRONTROW_GATEWAY_LISTEN": f"{ports.gateway} ssl" if settings.tls else str(ports.gateway),
        "GATEWAY_TLS_DIRECTIVES": _tls_directives(extra.get(PLAIN_PORT)) if settings.tls else "",
        "WRITE_API_SERVERS": _servers(ports.write_api),
        "READ_API_SERVERS": _servers(ports.read_api),
        "WEBHOOKS_SERVERS": _servers(ports.webhooks),
        "AUDIT_SERVERS": _servers((ports.audit,)),
        "PAYMENTS_SERVERS": _servers((ports.payments,)),
        "GATEWAY_STATE_DIR": ".",
        # A file of its own: through the supervisor's pipe a burst of requests would wait for the supervisor.
        "GATEWAY_ACCESS_LOG": f"../logs/{ACCESS_LOG}",
        "GATEWAY_ERROR_LOG": "stderr",
        "GATEWAY_STATIC_DIR": "static",
        "GATEWAY_WEB_DIR": "web",
        "GATEWAY_USER_DIRECTIVE": _user_directive(home),
        "GATEWAY_STREAMS_PER_ADDRESS": extra.get("FRONTROW_STREAMS_PER_ADDRESS") or str(STREAMS_PER_ADDRESS),
        "GATEWAY_WORKERS": str(min(WORKERS, os.cpu_count() or 1)),
        "GATEWAY_UNLIMITED_ADDRESSES": extra.get("FRONTROW_UNLIMITED_ADDRESSES", "127.0.0.0/8"),
        "GATEWAY_EXTRA_UPSTREAMS": extra.get("FRONTROW_GATEWAY_EXTRA_UPSTREAMS", ""),
        "GATEWAY_EXTRA_LOCATIONS": extra.get("FRONTROW_GATEWAY_EXTRA_LOCATIONS", ""),
    }


def render(template: str, known: Mapping[str, str]) -> str:
    """Return the template with every name in ``${BRACES}`` replaced; NGINX's own variables have no capitals.

    Raises:
        KeyError: the template asks for a name that nobody gave.
    """
    return _PLACEHOLDER.sub(lambda found: known[found[1]], template)


def _link(place: Path, target: Path) -> None:
    place.unlink(missing_ok=True)
    place.symlink_to(target)


def _complete(folder: Path) -> Path:
    """Return the folder, which has both files."""
    for name in (CERTIFICATE, KEY):
        if not os.access(folder / name, os.R_OK):
            sentence = f"FRONTROW_TLS={folder} has no {name} that can be read."
            raise CannotStartError(sentence, f"It is to hold {CERTIFICATE} and {KEY}; or leave it out for plain HTTP.")
    return folder


def _tls_directives(plain_port: str | None) -> str:
    certificate = f"ssl_certificate tls/{CERTIFICATE}; ssl_certificate_key tls/{KEY};"
    if not plain_port:
        return certificate
    if not (plain_port.isascii() and plain_port.isdigit()):
        raise CannotStartError(f"{PLAIN_PORT} is {plain_port!r}, which is no port.", "Set it to 80, or leave it out.")
    # One more of the same: whoever speaks plain HTTP there is sent to https as well.
    return f"{certificate} listen {plain_port} ssl;"


def _servers(ports: tuple[int, ...]) -> str:
    # One failure takes a server out for a second, not NGINX's ten: ours restart in about two.
    return " ".join(f"server {LOOPBACK}:{port} fail_timeout=1s;" for port in ports)


def _user_directive(home: Home) -> str:
    """Let NGINX's workers be root only where nobody else could read what they serve."""
    if os.geteuid() != 0:
        return ""
    try:
        found = pwd.getpwnam(_UNPRIVILEGED)
    except KeyError:
        return "user root;"
    reachable = all(may_traverse(path, found.pw_uid, found.pw_gid) for path in (home.gateway, STATIC, WEB))
    return "" if reachable else "user root;"
