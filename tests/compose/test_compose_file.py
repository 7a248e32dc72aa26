"""The promises of docker-compose.yml, its Dockerfile and what goes into the image."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from infra.native.gateway import TEMPLATE
from infra.native.settings import SCALABLE
from infra.secrets.files import REDIS_ACL, SECRETS

CHECKOUT: Final = Path(__file__).parents[2]
FILE: Final = (CHECKOUT / "docker-compose.yml").read_text()
PROJECT: Final[dict[str, Any]] = yaml.safe_load(FILE)
SERVICES: Final[dict[str, dict[str, Any]]] = PROJECT["services"]
OURS: Final = {name: one for name, one in SERVICES.items() if "build" in one}
ONE_SHOTS: Final = {name: one for name, one in OURS.items() if one["restart"] == "no"}
STORES: Final = {
    "kafka": "/var/lib/kafka/data",
    "postgres": "/var/lib/postgresql/data",
    "redis": "/data",
    "mongo": "/data/db",
}
DOCKERFILE: Final = (CHECKOUT / "infra" / "image" / "Dockerfile").read_text()


def _secrets_of(service: dict[str, Any]) -> str | None:
    for volume in service.get("volumes", []):
        if found := re.fullmatch(r"\$\{FRONTROW_HOME:-\./\.frontrow\}/secrets/(\w+):/run/secrets:ro", volume):
            return found[1]
    return None


def test_all_parts_are_there() -> None:
    services = {
        "gateway",
        "write_api",
        "worker",
        "read_api",
        "sync_service",
        "audit",
        "auditor",
        "payments",
        "test_provider",
        "webhooks",
    }
    assert set(SERVICES) == services | set(STORES) | {"secrets", "migrate", "topics", "mongo_init", "seed"}


def test_the_project_has_no_fixed_name_and_its_secrets_are_held_to_it() -> None:
    assert "name" not in PROJECT
    assert SERVICES["secrets"]["command"][-2:] == ["--project", "${COMPOSE_PROJECT_NAME}"]


def test_only_the_gateway_has_a_port_and_only_one() -> None:
    assert {name: one["ports"] for name, one in SERVICES.items() if "ports" in one} == {
        "gateway": ["${FRONTROW_PORT:-8080}:8080"]
    }


def test_no_key_is_said_twice() -> None:
    """Compose refuses a file in which one is; PyYAML takes the last one without a word."""

    def twice(node: yaml.Node) -> list[str]:
        if isinstance(node, yaml.SequenceNode):
            return [name for each in node.value for name in twice(each)]
        if not isinstance(node, yaml.MappingNode):
            return []
        keys = [key.value for key, _value in node.value]
        return [key for key in set(keys) if keys.count(key) > 1] + [
            n for _key, value in node.value for n in twice(value)
        ]

    assert twice(yaml.compose(FILE)) == []


@pytest.mark.parametrize("image", sorted({one["image"] for one in SERVICES.values() if "build" not in one}))
def test_images_are_official_and_pinned_to_a_version(image: str) -> None:
    name, _, tag = image.partition(":")
    assert name in {"nginx", "apache/kafka", "postgres", "redis", "mongo"}
    assert re.fullmatch(r"\d+\.\d+(\.\d+)?", tag)


@pytest.mark.parametrize("name", SCALABLE)
def test_a_service_has_as_many_replicas_as_are_configured_and_health_knows_how_many(name: str) -> None:
    processes = f"${{FRONTROW_{name.upper()}_PROCESSES:-1}}"
    assert SERVICES[name]["deploy"] == {"replicas": processes}
    assert SERVICES["audit"]["environment"][f"FRONTROW_{name.upper()}_PROCESSES"] == processes
    assert SERVICES["audit"]["environment"][f"FRONTROW_{name.upper()}_URLS"] == f"http://{name}:8000"


@pytest.mark.parametrize(
    ("resolver_says", "worker_id"),
    [("172.20.0.11     shop-worker-2.shop_inside", "shop-worker-2.shop_inside"), ("", "c0ffee")],
)
def test_a_worker_goes_by_its_containers_name_and_else_by_its_id(
    tmp_path: Path, resolver_says: str, worker_id: str
) -> None:
    for tool, says in {"getent": resolver_says, "hostname": "c0ffee", "python": "$FRONTROW_WORKER_ID"}.items():
        (tmp_path / tool).write_text(f'#!/bin/sh\necho "{says}"\n')
        (tmp_path / tool).chmod(0o755)
    command = [part.replace("$$", "$") for part in SERVICES["worker"]["command"]]
    said = subprocess.run(command, env={"PATH": f"{tmp_path}:{os.environ['PATH']}"}, capture_output=True, check=True)
    assert said.stdout.decode().strip() == worker_id


def test_every_stage_of_our_image_starts_from_a_pinned_one() -> None:
    stages = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(stages) == 2
    assert all(re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", stage) for stage in stages)


def test_our_image_takes_only_locked_packages_and_nobody_in_it_is_root() -> None:
    assert "--require-hashes" in DOCKERFILE
    assert "--no-deps" in DOCKERFILE
    assert "USER 10001:10001" in DOCKERFILE
    last_stage = DOCKERFILE.rpartition("FROM ")[2]
    assert "pip" not in last_stage
    assert "apt-get" not in DOCKERFILE


def test_nothing_reaches_the_image_that_was_not_named() -> None:
    lines = (CHECKOUT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    named = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    assert named == set(re.findall(r"^COPY (\w\S*)", DOCKERFILE, re.MULTILINE))
    assert all((CHECKOUT / name).exists() for name in named)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_container_is_fenced_in(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["logging"]["options"]["max-size"]
    assert "privileged" not in service
    assert service["read_only"] is True


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_services_are_not_root(name: str) -> None:
    service = OURS[name]
    if name == "secrets":
        # It gives files away, so it is root, and for that it is alone.
        assert service["user"] == "0:0"
        assert service["network_mode"] == "none"
        assert set(service["cap_add"]) == {"CHOWN", "DAC_OVERRIDE", "FOWNER"}
    else:
        assert service["user"] == "${FRONTROW_UID:-10001}:${FRONTROW_GID:-10001}"
        assert "cap_add" not in service


@pytest.mark.parametrize("name", sorted(STORES))
def test_every_store_keeps_its_data_in_a_volume(name: str) -> None:
    assert f"{name}_data:{STORES[name]}" in SERVICES[name]["volumes"]
    assert f"{name}_data" in PROJECT["volumes"]


def test_the_gateway_reaches_no_store_and_stores_reach_nothing_outside() -> None:
    assert SERVICES["gateway"]["networks"] == ["edge"]
    assert {name for name, one in SERVICES.items() if "edge" in one.get("networks", [])} == {
        "gateway",
        "write_api",
        "read_api",
        "webhooks",  # and it alone goes further: to where organisers want to be told
        "audit",
        "payments",
    }
    assert PROJECT["networks"]["inside"] == {"internal": True}


@pytest.mark.parametrize("name", sorted(set(SERVICES) - set(ONE_SHOTS)))
def test_what_stays_has_a_health_check_and_comes_back(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(ONE_SHOTS))
def test_somebody_waits_for_every_one_shot(name: str) -> None:
    # Otherwise `docker compose up --wait` takes its end for a failure.
    waiting = [one["depends_on"].get(name) for one in SERVICES.values() if "depends_on" in one]
    assert {"condition": "service_completed_successfully"} in waiting


def test_everybody_sees_the_secrets_of_one_folder_and_it_is_the_own_one() -> None:
    folders = {place.partition("/")[0] for secret in SECRETS for place in (*secret.places, REDIS_ACL)}
    seen = {name: folder for name, one in SERVICES.items() if (folder := _secrets_of(one))}
    assert seen.pop("seed") == "write_api"
    assert seen.pop("auditor") == "audit"
    assert seen == {folder: folder for folder in folders}


@pytest.mark.parametrize("name", sorted(name for name, one in SERVICES.items() if _secrets_of(one)))
def test_nobody_starts_before_the_secrets_are_there(name: str) -> None:
    todo, before = [name], set()
    while todo:
        for other in SERVICES[todo.pop()].get("depends_on", {}):
            if other not in before:
                before.add(other)
                todo.append(other)
    assert "secrets" in before


def test_no_secret_is_in_the_file() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            assert "PASSWORD" not in variable or variable.endswith("_FILE"), name
            assert not re.search(r"://[^/@]*:[^/@]*@", str(value)), name


def test_the_gateway_is_given_every_name_of_its_template_and_lets_nothing_else_be_replaced() -> None:
    wanted = set(re.findall(r"\$\{([A-Z_]+)\}", TEMPLATE.read_text()))
    environment = SERVICES["gateway"]["environment"]
    allowed = environment["NGINX_ENVSUBST_FILTER"].replace("$$", "$")
    assert {name for name in environment if re.search(allowed, name)} == wanted


def test_one_setting_turns_tls_on_and_everything_that_follows_from_it() -> None:
    gateway, environment = SERVICES["gateway"], SERVICES["gateway"]["environment"]
    assert environment["FRONTROW_GATEWAY_LISTEN"] == "8080${FRONTROW_TLS:+ ssl}"
    certificate = "ssl_certificate /srv/tls/fullchain.pem; ssl_certificate_key /srv/tls/privkey.pem;"
    assert environment["GATEWAY_TLS_DIRECTIVES"] == f"${{FRONTROW_TLS:+{certificate}}}"
    assert "${FRONTROW_TLS:-./gateway/static}:/srv/tls:ro" in gateway["volumes"]
    assert "http${FRONTROW_TLS:+s}://127.0.0.1:8080/health" in gateway["healthcheck"]["test"]
    public = "${FRONTROW_PUBLIC_URL:-http${FRONTROW_TLS:+s}://localhost:${FRONTROW_PORT:-8080}}"
    assert SERVICES["write_api"]["environment"]["FRONTROW_PUBLIC_URL"] == public


def test_kafka_is_set_up_as_in_the_native_way() -> None:
    native = (CHECKOUT / "infra" / "kafka" / "server.properties.template").read_text()
    settings = dict(re.findall(r"^([a-z.]+)=(.*)$", native, re.MULTILINE))
    addresses = {"listeners", "advertised.listeners", "controller.quorum.bootstrap.servers", "log.dirs"}
    for name in settings.keys() - addresses:
        value = SERVICES["kafka"]["environment"]["KAFKA_" + name.upper().replace(".", "_")]
        assert value == settings[name], name
