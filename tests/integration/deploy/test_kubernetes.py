"""The Kubernetes sketch names what there is: images, ports, probes, settings, secrets and folders."""

import json
from typing import Any

import pytest
import yaml

from app.core.config import Settings
from app.core.secret_files import SECRETS
from tests.conftest import ROOT
from tests.integration.deploy.dockerfile import read_stages

FOLDER = ROOT / "deploy" / "kubernetes"
NOT_SETTINGS = {"WEB_CONCURRENCY", "PROMETHEUS_MULTIPROC_DIR"}
PODS = ("api", "worker", "engine", "migrate")
Thing = dict[str, Any]


def read(*names: str) -> list[Thing]:
    return [thing for name in names for thing in yaml.safe_load_all((FOLDER / name).read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def things() -> dict[tuple[str, str], Thing]:
    """What `kubectl apply -k` makes, by kind and name."""
    (kustomization,) = read("kustomization.yaml")
    assert {path.name for path in FOLDER.glob("*.yaml")} == {*kustomization["resources"], "kustomization.yaml"}
    return {(thing["kind"], thing["metadata"]["name"]): thing for thing in read(*kustomization["resources"])}


@pytest.fixture(scope="module")
def pods(things: dict[tuple[str, str], Thing]) -> dict[str, Thing]:
    """By role."""
    templates = [thing["spec"]["template"] for thing in things.values() if "template" in thing.get("spec", {})]
    found = {template["metadata"]["labels"]["role"]: template["spec"] for template in templates}
    assert set(found) == set(PODS)
    return found


def container_of(pod: Thing) -> Thing:
    (container,) = pod["containers"]
    found: Thing = container
    return found


def test_images_are_targets_of_the_dockerfile_and_get_a_version(pods: dict[str, Thing]) -> None:
    used = {container_of(pod)["image"] for pod in pods.values()}
    (kustomization,) = read("kustomization.yaml")
    assert {image["name"] for image in kustomization["images"]} == used
    assert {name.removeprefix("coach-pro-") for name in used} <= set(read_stages())


@pytest.mark.parametrize("role", PODS)
def test_a_pod_runs_as_the_user_of_its_image_and_can_change_nothing(pods: dict[str, Thing], role: str) -> None:
    pod = pods[role]
    target = container_of(pod)["image"].removeprefix("coach-pro-")
    assert read_stages()[target].user.startswith(f"{pod['securityContext']['runAsUser']}:")
    assert not pod["automountServiceAccountToken"]
    assert container_of(pod)["securityContext"] == {
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }


def test_variables_are_settings_and_secrets_come_from_files_of_the_secret(
    things: dict[tuple[str, str], Thing], pods: dict[str, Thing]
) -> None:
    variables: dict[str, str] = dict(things["ConfigMap", "coach-pro"]["data"])
    for pod in pods.values():
        variables |= {variable["name"]: variable["value"] for variable in container_of(pod).get("env", [])}
    files = {name.lower().removesuffix("_file"): value for name, value in variables.items() if name.endswith("_FILE")}
    assert set(files) <= SECRETS
    assert files == {name: f"/run/secrets/coach-pro/{name}" for name in files}  # --from-file names them so
    others = {name for name in variables if not name.endswith("_FILE")} - NOT_SETTINGS
    assert {name.lower() for name in others} <= set(Settings.model_fields) - SECRETS
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"--from-file={name}" in readme for name in files)


def test_probes_ask_for_what_is_served(pods: dict[str, Thing]) -> None:
    api, engine = container_of(pods["api"]), container_of(pods["engine"])
    asked = {api[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert asked <= set(json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))["paths"])
    assert str(engine["readinessProbe"]["grpc"]["port"]) in read_stages()["engine"].command


def test_services_and_claims_that_are_named_exist(things: dict[tuple[str, str], Thing], pods: dict[str, Thing]) -> None:
    host = things["ConfigMap", "coach-pro"]["data"]["ANALYSIS_ENGINE_HOST"]
    assert things["Service", host]["spec"]["clusterIP"] == "None"  # a name with several addresses
    (rule,) = things["Ingress", "coach-pro"]["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    assert ("Service", path["backend"]["service"]["name"]) in things
    for pod in pods.values():
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        assert {mount["name"] for mount in container_of(pod)["volumeMounts"]} == set(volumes)
        claims = [volume["persistentVolumeClaim"]["claimName"] for volume in volumes.values() if is_claim(volume)]
        assert all(("PersistentVolumeClaim", claim) in things for claim in claims)


def is_claim(volume: Thing) -> bool:
    return "persistentVolumeClaim" in volume


def test_the_engine_reads_videos_and_has_no_secrets_and_no_way_out(
    things: dict[tuple[str, str], Thing], pods: dict[str, Thing]
) -> None:
    engine = pods["engine"]
    mounts = {mount["name"]: mount for mount in container_of(engine)["volumeMounts"]}
    assert mounts["media"]["readOnly"]
    assert "secrets" not in mounts
    assert "envFrom" not in container_of(engine)
    policy = things["NetworkPolicy", "coach-pro-engine"]["spec"]
    assert "Egress" in policy["policyTypes"]
    assert "egress" not in policy
