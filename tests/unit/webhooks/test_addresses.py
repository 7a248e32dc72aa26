"""Nothing that leads into our own network passes, however it is written; what is public does."""

import pytest

from contracts.webhooks import MAX_URL
from webhooks.addresses import RefusedUrlError, Target, is_public, target_of

OURS = [
    "127.0.0.1", "127.255.0.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "0.0.0.0", "0.1.2.3",  # noqa: S104 - "this network": Linux takes it for itself
    "169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16",  # metadata of clouds
    "100.64.0.1",  # shared by a provider's customers
    "192.0.0.1", "192.0.0.8", "192.0.0.9", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::127.0.0.1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::a00:1",
    "2002:7f00:1::", "2002:808:808::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "2001:2::1", "3fff::1",
    "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "100::1", "5f00::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.215.14", "100.63.255.255", "172.32.0.1", "2606:4700:4700::1111", "2a00:1450::1"]


@pytest.mark.parametrize("address", OURS)
def test_an_address_that_is_not_of_the_public_internet_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.com/", "https"),
        ("ftp://example.com/", "https"),
        ("file:///etc/passwd", "https"),
        ("//example.com/", "https"),
        ("example.com/hook", "https"),
        ("https://", "host"),
        ("https:///hook", "host"),
        ("https://anna@example.com/", "no user"),
        ("https://anna:secret@example.com/", "no user"),
        ("https://example.com/#part", "fragment"),
        ("https://example.com:22/", "port"),
        ("https://example.com:25/", "port"),
        ("https://example.com:80/", "port"),
        ("https://127.0.0.1/", "address"),
        ("https://[::1]/", "address"),
        ("https://[::ffff:127.0.0.1]:8443/", "address"),
        ("https://169.254.169.254/latest/meta-data/", "address"),
        ("https://exa mple.com/", "URL"),
        ("https://example.com/\r\nX-Injected: 1", "URL"),
        ("https://example.com/\0", "URL"),
        ("https://example.com:99999/", "URL"),
        ("https://example.com:0/", "URL"),
        ("https://[::1/", "URL"),
        (f"https://example.com/{'x' * MAX_URL}", "URL"),
    ],
)
def test_a_url_that_no_delivery_may_be_sent_to_is_refused_and_says_why(url: str, why: str) -> None:
    with pytest.raises(RefusedUrlError, match=why):
        target_of(url, allow_private=False)


def test_a_good_url_is_taken_apart_and_its_name_is_ascii() -> None:
    assert target_of("https://EXAMPLE.com/hook?a=b", allow_private=False) == Target(
        "https", "example.com", 443, "/hook?a=b"
    )
    assert target_of("https://bücher.example:8443", allow_private=False) == Target(
        "https", "xn--bcher-kva.example", 8443, "/"
    )


def test_development_may_send_to_itself_by_http_and_to_any_port() -> None:
    assert target_of("http://127.0.0.1:88/hook", allow_private=True) == Target("http", "127.0.0.1", 88, "/hook")
    with pytest.raises(RefusedUrlError):
        target_of("file:///etc/passwd", allow_private=True)
