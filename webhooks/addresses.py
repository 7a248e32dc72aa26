"""Addresses: where a delivery may be sent. Pure; whoever takes a URL, and whoever connects, enters here.

A URL is somebody else's text and a name somebody else's answer: both may point into our own network. So the rule says
what is allowed, not what is forbidden: public unicast addresses alone. An IPv6 address in which an IPv4 one is wrapped
(mapped, NAT64, 6to4, Teredo) is refused whatever is in it, since what unwraps it is not ours to know.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

import httpx

from contracts.webhooks import MAX_URL

HTTPS_PORT: Final = 443
HTTP_PORT: Final = 80
HIGHEST_PORT: Final = 65_535
LOWEST_OTHER_PORT: Final = 1024
"""Below lie the ports of mail, shells and databases' elders, to whom a POST may look like a command."""

_PUBLIC_IPV6: Final = IPv6Network("2000::/3")
_NOT_PUBLIC: Final = tuple(
    map(
        ip_network,
        (
            "168.63.129.16/32",  # a cloud's metadata, at a public address
            "192.0.0.0/24",
            "192.88.99.0/24",  # 6to4 relays
            "2001::/23",  # protocols: Teredo, benchmarks, ORCHID
            "2001:db8::/32",
            "2002::/16",  # 6to4
            "3fff::/20",  # documentation
        ),
    )
)
"""What Python 3.11's ``is_global`` calls global, or is not sure about."""


_NO_URL: Final = "is not a URL"
_NO_HOST: Final = "must name a host"
_NO_HTTPS: Final = "must begin with https://"
_MORE_THAN_AN_ADDRESS: Final = "must have no user, password or fragment"
_PORT: Final = f"must use port {HTTPS_PORT}, or one above {LOWEST_OTHER_PORT - 1}"
NOT_PUBLIC: Final = "leads to an address that deliveries are not sent to"


class RefusedUrlError(ValueError):
    """The URL is none that a delivery may be sent to; the text says why, and no more than its owner knows."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL, taken apart. ``host`` is ASCII, without brackets."""

    scheme: str
    host: str
    port: int
    path: str


def is_public(text: str) -> bool:
    """Whether an address (as ``getaddrinfo`` gives it) is one of the public internet."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address not in _PUBLIC_IPV6:
        return False
    unicast = address.is_global and not address.is_multicast and not address.is_reserved
    return unicast and not any(address in network for network in _NOT_PUBLIC)


def target_of(url: str, *, allow_private: bool) -> Target:
    """Return where a URL leads. ``allow_private``: also to our own network, by HTTP, to any port (development, tests).

    Raises:
        RefusedUrlError: nowhere that we go.
    """
    if len(url) > MAX_URL or not url.isprintable() or " " in url:
        raise RefusedUrlError(_NO_URL)
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise RefusedUrlError(_NO_URL) from None
    host = parsed.raw_host.decode("ascii")
    if parsed.scheme != "https" and not (allow_private and parsed.scheme == "http"):
        raise RefusedUrlError(_NO_HTTPS)
    if not host:
        raise RefusedUrlError(_NO_HOST)
    if parsed.userinfo or parsed.fragment:
        raise RefusedUrlError(_MORE_THAN_AN_ADDRESS)
    port = parsed.port if parsed.port is not None else HTTPS_PORT if parsed.scheme == "https" else HTTP_PORT
    if not 0 < port <= HIGHEST_PORT:
        raise RefusedUrlError(_NO_URL)
    if not allow_private:
        _check_public(host, port)
    return Target(parsed.scheme, host, port, parsed.raw_path.decode("ascii"))


def _check_public(host: str, port: int) -> None:
    if port != HTTPS_PORT and port < LOWEST_OTHER_PORT:
        raise RefusedUrlError(_PORT)
    literal = _literal(host)
    if literal is not None and not is_public(str(literal)):
        raise RefusedUrlError(NOT_PUBLIC)


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
