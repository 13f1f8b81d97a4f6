"""Cloud Tasks, Cloud Run jobs, Cloud Storage, Cloud Scheduler and the token service on one machine, in one process."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import grpc
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from infra.local.emulators import scheduler
from infra.local.emulators.job_execution import JobTemplate
from infra.local.emulators.object_store import ObjectStore
from infra.local.emulators.oidc import TokenIssuer
from infra.local.emulators.run_server import CloudRun
from infra.local.emulators.storage_server import storage_api
from infra.local.emulators.task_queue import RetryPolicy
from infra.local.emulators.tasks_server import CloudTasks
from infra.local.stack.cloud_services import CERTS_PATH, SCHEDULER_PATH
from infra.local.stack.process import LOOPBACK
from shared.config import Config

_GRPC_THREADS = 16
# As in infra/terraform, but for a first pause and a width that suit one machine.
_RETRY = RetryPolicy(max_attempts=100, min_backoff_s=1.0, max_backoff_s=300.0, max_doublings=6)
_CONCURRENT_DISPATCHES, _CONCURRENT_SYNCS = 4, 2
_JOB_RETRIES = 2
_JOB_TIMEOUT_S = 3600.0


def main() -> None:
    """Serve until SIGTERM; then end every job process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grpc-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--logs", type=Path, required=True)
    parser.add_argument("--schedules", action="store_true")
    parser.add_argument("--lost-since", type=dt.datetime.fromisoformat)
    arguments = parser.parse_args()
    config = Config.from_env()
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    issuer = TokenIssuer(config.oidc_issuer)
    function = urlsplit(config.function_url)
    origin = f"{function.scheme}://{function.netloc}"
    tasks = CloudTasks(issuer, arguments.data / "tasks", origin, arguments.lost_since)
    jobs = CloudRun(arguments.logs)
    store = ObjectStore(arguments.data / "storage")
    store.create_bucket(config.upload_bucket)
    tasks.add_queue(config.queue_path, _RETRY, _CONCURRENT_DISPATCHES)
    tasks.add_queue(config.sync_queue_path, _RETRY, _CONCURRENT_SYNCS)
    command = (sys.executable, "-m", "forecast_job")
    jobs.add_job(config.forecast_job_path, JobTemplate(command, max_retries=_JOB_RETRIES, timeout_s=_JOB_TIMEOUT_S))
    rpc = grpc.server(ThreadPoolExecutor(_GRPC_THREADS), options=[("grpc.so_reuseport", 0)])
    rpc.add_generic_rpc_handlers((tasks.handler(), *jobs.handlers()))
    rpc.add_insecure_port(f"{LOOPBACK}:{arguments.grpc_port}")
    rpc.start()
    schedules, send = scheduler.read_schedules(), partial(scheduler.call, config, issuer)
    app = _web(store, issuer, {schedule.name: partial(send, schedule) for schedule in schedules})
    web = make_server(LOOPBACK, arguments.http_port, app, threaded=True, request_handler=_Quiet)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    if arguments.schedules:
        threading.Thread(target=scheduler.run, args=(schedules, send, stopped), daemon=True).start()
    stopped.wait()
    jobs.stop()
    # Deliveries that wait for an answer are not worth waiting for: they are kept, and delivered again.
    os._exit(0)


def _web(store: ObjectStore, issuer: TokenIssuer, scheduled: Mapping[str, Callable[[], int]]) -> Flask:
    app = Flask(__name__)

    def run_job(job: str) -> tuple[dict[str, int], int]:
        """As `gcloud scheduler jobs run`; what the called function answered with is said too."""
        return ({"status": scheduled[job]()}, 200) if job in scheduled else ({}, 404)

    app.url_map.merge_slashes = False  # object names may have several in a row
    app.register_blueprint(storage_api(store))
    app.add_url_rule(CERTS_PATH, "certs", issuer.jwks)
    app.add_url_rule(f"{SCHEDULER_PATH}/<job>:run", "run_job", run_job, methods=["POST"])
    return app


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log errors only, and not every request."""


if __name__ == "__main__":
    main()
