"""Cloud Tasks' client, one a process, made when it is first asked for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from shared.config import Config
from shared.grpc_channel import insecure_channel

if TYPE_CHECKING:
    from google.cloud import tasks_v2


def tasks_client(config: Config) -> tasks_v2.CloudTasksClient:
    """The queue."""
    return _tasks(config.tasks_emulator_host)


@cache
def _tasks(emulator_host: str | None) -> tasks_v2.CloudTasksClient:
    from google.cloud import tasks_v2

    if emulator_host is None:
        return tasks_v2.CloudTasksClient()
    from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

    return tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=insecure_channel(emulator_host)))
