"""What dashboard and alerts ask for is what the server tells."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.engine import URL

from app.core.database import Database
from app.models import Base
from app.services.engine import ScriptedEngine
from app.services.measure_state import StateCollector
from app.services.metrics import CACHE_DROPS, CACHE_READS, INGESTED_ROWS, LATENCY, REQUESTS, expose
from tests.conftest import ROOT
from tests.servers.scripts import good_run

FOLDER = ROOT / "deploy" / "observability"
OF_PROMETHEUS = {"up"}
NAME = re.compile(r"\b(?:coach_pro_[a-z_]+|up)\b")


def expressions() -> Iterator[str]:
    dashboard = json.loads((FOLDER / "grafana-dashboard.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    alerts = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))
    for group in alerts["groups"]:
        yield from (rule["expr"] for rule in group["rules"])


@pytest.fixture
def told(tmp_path: Path) -> dict[str, set[str]]:
    """The labels of every sample, by its name."""
    REQUESTS.labels("GET", "/health", "200").inc(0)
    LATENCY.labels("GET", "/health")
    INGESTED_ROWS.labels("players").inc(0)
    CACHE_READS.labels("hit").inc(0)
    CACHE_DROPS.labels("done").inc(0)
    database = Database(URL.create("sqlite+pysqlite", database=str(tmp_path / "x.db")))
    Base.metadata.create_all(database.engine)
    text = expose(StateCollector(database, ScriptedEngine(good_run), {"data": tmp_path})).decode()
    database.dispose()
    families = text_string_to_metric_families(text)
    return {sample.name: set(sample.labels) for family in families for sample in family.samples}


def test_every_metric_that_is_asked_for_is_told_and_every_one_that_is_told_is_asked_for(
    told: dict[str, set[str]],
) -> None:
    asked = {name for expression in expressions() for name in NAME.findall(expression)} - OF_PROMETHEUS
    assert asked <= set(told)
    ours = {
        name for name in told if name.startswith("coach_pro_") and not name.endswith(("_created", "_count", "_sum"))
    }
    assert ours == asked


def test_expressions_select_by_labels_that_exist(told: dict[str, set[str]]) -> None:
    for expression in expressions():
        for name, selector in re.findall(r"(coach_pro_[a-z_]+)\{([^}]*)\}", expression):
            assert set(re.findall(r"(\w+)=~?\"", selector)) <= told[name], expression


def test_every_alert_says_what_it_means() -> None:
    alerts = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))
    rules = [rule for group in alerts["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    assert all(rule["annotations"]["summary"].endswith(".") and rule["labels"]["severity"] for rule in rules)


def test_workers_are_scraped_where_they_listen_and_missed_when_they_are_down() -> None:
    scraped = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    (target,) = next(job for job in scraped if job["job_name"] == "coach-pro-worker")["static_configs"][0]["targets"]
    port = target.rpartition(":")[2]
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert str(compose["services"]["worker"]["environment"]["WORKER_METRICS_PORT"]) == port
    unit = (ROOT / "deploy" / "systemd" / "coach-pro-worker.service").read_text(encoding="utf-8")
    assert f"\nEnvironment=WORKER_METRICS_PORT={port}\n" in unit
    pod = (ROOT / "deploy" / "kubernetes" / "worker.yaml").read_text(encoding="utf-8")
    assert f'{{name: WORKER_METRICS_PORT, value: "{port}"}}' in pod
    assert f"{{name: metrics, containerPort: {port}}}" in pod
    (down,) = {selector for expression in expressions() for selector in re.findall(r'up\{job=~"([^"]+)"\}', expression)}
    assert all(re.fullmatch(down, job["job_name"]) for job in scraped)
