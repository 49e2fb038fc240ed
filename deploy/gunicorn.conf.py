"""Gunicorn as the images and the systemd units run it: ``gunicorn --config deploy/gunicorn.conf.py main:app``.

From the environment: ``WEB_CONCURRENCY`` (processes, 2) and ``BIND`` (``0.0.0.0:8000``).
"""

import os
from pathlib import Path

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker
from prometheus_client.multiprocess import mark_process_dead

bind = os.environ.get("BIND", "0.0.0.0:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "uvicorn_worker.UvicornWorker"
worker_tmp_dir = "/dev/shm"  # noqa: S108 - heartbeats; on a slow disk they would be late, and the process killed
keepalive = 75  # longer than a proxy keeps an idle connection, or it may use one that we are just closing
timeout = 120
graceful_timeout = 30
control_socket_disable = True  # it would lie in a home that we do not have
# Without uvicorn's own belief in proxies of this machine: the application knows which ones are ours (TRUSTED_PROXIES).
forwarded_allow_ips = ""

_METRICS = os.environ.get("PROMETHEUS_MULTIPROC_DIR")


def on_starting(_server: Arbiter) -> None:
    if _METRICS:
        Path(_METRICS).mkdir(parents=True, exist_ok=True)


def child_exit(_server: Arbiter, worker: Worker) -> None:
    if _METRICS:
        mark_process_dead(worker.pid)
