"""The gateway's configuration as native mode fills it in."""

import pytest

from infra.native import gateway
from infra.native.home import Home
from infra.native.settings import NativeSettings

SETTINGS = NativeSettings.from_environment({"FRONTROW_WRITE_API_PROCESSES": "2"})


def test_the_template_asks_for_nothing_that_we_do_not_give() -> None:
    values = gateway.values(Home(SETTINGS.home), SETTINGS.ports, {})
    text = gateway.render(gateway.TEMPLATE.read_text(), values)
    assert "${" not in "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def test_each_process_is_a_server_of_its_upstream() -> None:
    values = gateway.values(Home(SETTINGS.home), SETTINGS.ports, {})
    first, second, end = values["WRITE_API_SERVERS"].split(";")
    assert first.split()[:2] == ["server", "127.0.0.1:18110"]
    assert second.split()[:2] == ["server", "127.0.0.1:18111"]
    assert end == ""
    assert values["READ_API_SERVERS"].count("server ") == 1


def test_the_servers_own_variables_survive() -> None:
    assert gateway.render("proxy_set_header Host $host; # ${PORT}", {"PORT": "1"}) == "proxy_set_header Host $host; # 1"


def test_an_unknown_name_is_a_mistake_and_not_an_empty_string() -> None:
    with pytest.raises(KeyError, match="UNKNOWN"):
        gateway.render("listen ${UNKNOWN};", {})
