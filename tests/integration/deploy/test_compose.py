"""compose.yaml says what it means: names that exist, secrets that are there, and doors that are shut."""

import re
from pathlib import Path
from typing import Any

import pytest

from app.core.config import Settings
from app.core.secret_files import SECRETS
from deploy.make_secrets import main as make_secrets
from tests.conftest import ROOT
from tests.integration.deploy.compose import MISSING, PROGRAM, read_compose
from tests.integration.deploy.dockerfile import read_stages

pytestmark = pytest.mark.skipif(PROGRAM is None, reason=MISSING)

SERVERS = ("api", "worker", "migrate")
OURS = (*SERVERS, "engine")
NOT_SETTINGS = {"WEB_CONCURRENCY", "PROMETHEUS_MULTIPROC_DIR"}  # gunicorn's, and the metrics library's


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return read_compose()


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


def secrets_of(service: dict[str, Any]) -> set[str]:
    return {secret["source"] for secret in service.get("secrets", [])}


def test_every_variable_is_a_setting_and_every_secret_file_is_mounted(services: dict[str, Any]) -> None:
    for service in (services[name] for name in SERVERS):
        for variable, value in service["environment"].items():
            name = variable.lower()
            if name.removesuffix("_file") in SECRETS and name.endswith("_file"):
                assert value.removeprefix("/run/secrets/") in secrets_of(service)
            else:
                assert name in Settings.model_fields or variable in NOT_SETTINGS, variable


def test_no_secret_stands_in_a_variable(services: dict[str, Any]) -> None:
    given = {variable.lower() for service in services.values() for variable in service.get("environment") or {}}
    assert not given & SECRETS


def test_every_secret_is_a_file_that_the_script_makes_and_leaves_as_it_is(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    make_secrets(tmp_path / "secrets")
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert {Path(secret["file"]) for secret in compose["secrets"].values()} == {
        ROOT / "deploy" / "secrets" / name for name in made
    }
    assert made["redis_url"].split(":")[2].partition("@")[0] in made["redis.conf"]
    assert made["celery_broker_url"].split(":")[2].partition("@")[0] in made["rabbitmq.conf"]
    make_secrets(tmp_path / "secrets")
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == made
    (tmp_path / "secrets" / "redis.conf").unlink()
    with pytest.raises(SystemExit, match=r"of redis.conf and redis_url only redis_url is there"):
        make_secrets(tmp_path / "secrets")


def test_images_are_targets_of_the_dockerfile(services: dict[str, Any]) -> None:
    stages = read_stages()
    assert {services[name]["build"]["target"] for name in OURS} == {"api", "worker", "engine"} <= set(stages)


@pytest.mark.parametrize("name", [*OURS, "nginx", "redis"])
def test_what_is_taken_over_can_change_nothing(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_engine_has_no_secrets_no_way_out_and_may_not_write_to_the_videos(compose: dict[str, Any]) -> None:
    engine = compose["services"]["engine"]
    assert not secrets_of(engine)
    assert set(engine["networks"]) == {"engines"}
    assert compose["networks"]["engines"]["internal"]
    (media,) = [volume for volume in engine["volumes"] if volume["type"] == "volume" and "source" in volume]
    assert (media["source"], media["target"], media["read_only"]) == ("media", "/var/coach_pro", True)


def test_only_nginx_can_be_reached_and_the_api_cannot_get_out(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if service.get("ports")] == ["nginx"]
    inner = {name for name, network in compose["networks"].items() if network.get("internal")}
    outer = {name for name, service in compose["services"].items() if set(service["networks"]) - inner}
    assert outer == {"nginx", "worker"}


def test_the_proxy_that_is_believed_is_nginx_and_it_lets_whole_videos_through(services: dict[str, Any]) -> None:
    address = services["nginx"]["networks"]["front"]["ipv4_address"]
    environment = services["api"]["environment"]
    assert environment["TRUSTED_PROXIES"] == f'["{address}"]'
    locations = (ROOT / "deploy" / "nginx" / "locations.conf").read_text(encoding="utf-8")
    (limit_mb,) = re.findall(r"client_max_body_size (\d+)m;\s+client_body_timeout", locations)
    assert int(limit_mb) > int(environment["MAX_UPLOAD_SIZE_MB"])


def test_nothing_of_ours_starts_before_the_migrations_are_done(services: dict[str, Any]) -> None:
    for name in ("api", "worker"):
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert services["migrate"]["depends_on"]["mariadb"]["condition"] == "service_healthy"
    stages = read_stages()
    for service in services.values():
        for needed, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                build = services[needed].get("build")
                assert services[needed].get("healthcheck") or stages[build["target"]].healthcheck


def test_with_tls_nginx_listens_on_both_ports_and_has_a_certificate() -> None:
    nginx = read_compose("compose.yaml", "compose.tls.yaml")["services"]["nginx"]
    assert {port["published"]: port["target"] for port in nginx["ports"]} == {"80": 8080, "443": 8443}
    assert secrets_of(nginx) == {"tls_certificate", "tls_key"}
    certificates = (ROOT / "deploy" / "nginx" / "server-tls.conf").read_text(encoding="utf-8")
    assert all(f"/run/secrets/{name};" in certificates for name in secrets_of(nginx))
