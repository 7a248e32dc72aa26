"""What each of our processes is told, and what it is not."""

from infra.native import services
from infra.native.services import ONE_SHOTS
from infra.native.settings import NativeSettings

SETTINGS = NativeSettings.from_environment({"FRONTROW_WORKER_PROCESSES": "2", "FRONTROW_LOG_LEVEL": "DEBUG"})
STORES_OF = {
    "write_api": {"KAFKA", "POSTGRES", "REDIS"},
    "seed": {"KAFKA", "POSTGRES"},
    "operator": {"POSTGRES"},
    "worker": {"KAFKA", "POSTGRES", "REDIS"},
    "sync_service": {"POSTGRES", "MONGO"},
    "read_api": {"MONGO"},
    "webhooks": {"POSTGRES"},
    "audit": {"KAFKA", "POSTGRES", "MONGO", "REDIS"},
    "auditor": {"KAFKA", "POSTGRES", "MONGO"},
    "payments": {"KAFKA", "POSTGRES"},
    "test_provider": {"POSTGRES"},
    "migrate": {"POSTGRES"},
    "topics": {"KAFKA"},
    "mongo_init": {"MONGO"},
}
ADDRESSES = {
    "FRONTROW_KAFKA_BOOTSTRAP": "KAFKA",
    "FRONTROW_POSTGRES_URL": "POSTGRES",
    "FRONTROW_MONGO_URL": "MONGO",
    "FRONTROW_REDIS_URL": "REDIS",
}


def test_a_service_learns_the_addresses_of_the_stores_it_may_touch_and_no_others() -> None:
    for service, stores in STORES_OF.items():
        known = {ADDRESSES[name] for name in services.environment(SETTINGS, service) if name in ADDRESSES}
        assert known == stores, service


def test_every_service_and_one_shot_has_an_environment() -> None:
    assert set(STORES_OF) == {*services.MODULES, *ONE_SHOTS, "operator"}


def test_no_address_holds_a_password() -> None:
    for service in STORES_OF:
        for name, value in services.environment(SETTINGS, service).items():
            if "://" in value:
                assert ":" not in value.split("://")[1].rpartition("@")[0], name
    assert all("PASSWORD" not in name for service in STORES_OF for name in services.environment(SETTINGS, service))


def test_two_processes_of_a_service_have_their_own_name_port_and_identity() -> None:
    made = {program.name: program for program in services.programs(SETTINGS)}
    first, second = made["worker"].environment, made["worker_1"].environment
    assert first["FRONTROW_WORKER_ID"] != second["FRONTROW_WORKER_ID"]
    assert first["FRONTROW_HTTP_PORT"] != second["FRONTROW_HTTP_PORT"]


def test_pieces_of_the_gateways_configuration_are_the_gateways_alone() -> None:
    settings = NativeSettings.from_environment({"FRONTROW_GATEWAY_EXTRA_UPSTREAMS": "upstream x {\n}"})
    assert "FRONTROW_GATEWAY_EXTRA_UPSTREAMS" not in services.environment(settings, "worker")


def test_a_variable_of_ours_that_this_room_does_not_set_reaches_the_services() -> None:
    assert services.environment(SETTINGS, "read_api")["FRONTROW_LOG_LEVEL"] == "DEBUG"
