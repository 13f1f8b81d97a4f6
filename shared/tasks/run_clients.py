"""Cloud Run's clients, one of each a process, made when they are first asked for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from shared.config import Config
from shared.grpc_channel import insecure_channel

if TYPE_CHECKING:
    from google.cloud import run_v2


def jobs_client(config: Config) -> run_v2.JobsClient:
    """Cloud Run's jobs: what can be started."""
    return _jobs(config.run_emulator_host)


def executions_client(config: Config) -> run_v2.ExecutionsClient:
    """Cloud Run's executions: what was started."""
    return _executions(config.run_emulator_host)


@cache
def _jobs(emulator_host: str | None) -> run_v2.JobsClient:
    from google.cloud import run_v2

    if emulator_host is None:
        return run_v2.JobsClient()
    from google.cloud.run_v2.services.jobs.transports import JobsGrpcTransport

    return run_v2.JobsClient(transport=JobsGrpcTransport(channel=insecure_channel(emulator_host)))


@cache
def _executions(emulator_host: str | None) -> run_v2.ExecutionsClient:
    from google.cloud import run_v2

    if emulator_host is None:
        return run_v2.ExecutionsClient()
    from google.cloud.run_v2.services.executions.transports import ExecutionsGrpcTransport

    return run_v2.ExecutionsClient(transport=ExecutionsGrpcTransport(channel=insecure_channel(emulator_host)))
