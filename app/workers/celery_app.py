"""Celery, set up for messages that may get lost: the rows say which jobs there are, a message only wakes a worker."""

from typing import Any

from celery import Celery

from app.core.config import Settings

_PATIENCE_S = 3.0  # with a broker that is away; nobody waits for it longer, because the sweep does without


def make_celery(settings: Settings) -> Celery:
    """An application of Celery's for ``settings.celery_broker_url``."""
    assert settings.celery_broker_url is not None, "Settings demand it with JOB_BACKEND=celery"
    broker = settings.celery_broker_url.get_secret_value()
    celery = Celery("coach_pro", broker=broker, set_as_current=False)
    celery.conf.update(_MESSAGES | _WORKER | _CONNECTION)
    celery.conf.update(
        task_default_queue=settings.celery_queue,
        broker_transport_options=_transport_options(broker),
        # A connection per message: one that is kept goes stale unnoticed, and uploads are rare.
        broker_pool_limit=0,
    )
    return celery


_MESSAGES: dict[str, Any] = {
    "enable_utc": True,
    "timezone": "UTC",
    "accept_content": ["json"],
    "task_serializer": "json",
    "task_ignore_result": True,
    "result_backend": None,
    "task_default_delivery_mode": "transient",
    # Brokers give a task that is not acknowledged for long to somebody else; an analysis may take hours.
    "task_acks_late": False,
}
_WORKER: dict[str, Any] = {
    "worker_pool": "threads",  # gRPC does not survive the forks of the default pool
    "worker_prefetch_multiplier": 1,
    "worker_enable_remote_control": False,
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
    "worker_cancel_long_running_tasks_on_connection_loss": True,  # concerns late acknowledgement; silences a warning
}
_CONNECTION: dict[str, Any] = {
    "broker_connection_timeout": _PATIENCE_S,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,  # for ever
}


def _transport_options(broker: str) -> dict[str, object]:
    """One attempt only, and an end to every wait: the libraries' own defaults try again for ever."""
    once: dict[str, object] = {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0}
    if broker.startswith("redis"):
        return once | {"socket_timeout": _PATIENCE_S, "socket_connect_timeout": _PATIENCE_S}
    return once | {"read_timeout": _PATIENCE_S, "write_timeout": _PATIENCE_S}
