"""The gateway's configuration as native mode fills it in."""

from pathlib import Path

import pytest

from infra.native import gateway, services
from infra.native.errors import CannotStartError
from infra.native.home import Home
from infra.native.settings import NativeSettings

SETTINGS = NativeSettings.from_environment({"FRONTROW_WRITE_API_PROCESSES": "2"})


def test_the_template_asks_for_nothing_that_we_do_not_give() -> None:
    values = gateway.values(Home(SETTINGS.home), SETTINGS)
    text = gateway.render(gateway.TEMPLATE.read_text(), values)
    assert "${" not in "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def test_each_process_is_a_server_of_its_upstream() -> None:
    values = gateway.values(Home(SETTINGS.home), SETTINGS)
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


def test_a_folder_with_a_certificate_is_all_that_tls_needs(tmp_path: Path) -> None:
    settings = NativeSettings.from_environment({"FRONTROW_TLS": str(tmp_path)})
    values = gateway.values(Home(tmp_path), settings)
    assert values["FRONTROW_GATEWAY_LISTEN"] == "8080 ssl"
    assert "ssl_certificate_key tls/privkey.pem;" in values["GATEWAY_TLS_DIRECTIVES"]
    # Of which it follows that cookies are only ever sent by TLS (tests/unit/write_api/test_session_answers.py).
    assert services.environment(settings, "write_api")["FRONTROW_PUBLIC_URL"] == "https://localhost:8080"


def test_without_one_the_gateway_speaks_plain_http(tmp_path: Path) -> None:
    values = gateway.values(Home(tmp_path), SETTINGS)
    assert (values["FRONTROW_GATEWAY_LISTEN"], values["GATEWAY_TLS_DIRECTIVES"]) == ("8080", "")
    assert services.environment(SETTINGS, "write_api")["FRONTROW_PUBLIC_URL"] == "http://localhost:8080"


def test_a_second_port_sends_plain_http_to_https_as_well(tmp_path: Path) -> None:
    env = {"FRONTROW_TLS": str(tmp_path), "FRONTROW_PORT": "443", "FRONTROW_PLAIN_PORT": "80"}
    values = gateway.values(Home(tmp_path), NativeSettings.from_environment(env))
    assert values["GATEWAY_TLS_DIRECTIVES"].endswith(" listen 80 ssl;")
    with pytest.raises(CannotStartError, match="no port"):
        gateway.values(
            Home(tmp_path), NativeSettings.from_environment({**env, "FRONTROW_PLAIN_PORT": "80; include /etc/passwd"})
        )


def test_a_start_without_the_certificate_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "fullchain.pem").touch()
    settings = NativeSettings.from_environment({"FRONTROW_TLS": str(tmp_path), "FRONTROW_HOME": str(tmp_path)})
    home = Home(settings.home)
    home.prepare()
    with pytest.raises(CannotStartError, match=r"has no privkey\.pem"):
        gateway.program(home, settings, Path("/usr/sbin/nginx"))
