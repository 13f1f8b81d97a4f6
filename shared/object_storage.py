"""Cloud Storage's client, one a process, made when it is first asked for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from shared.config import Config

if TYPE_CHECKING:
    from google.cloud.storage import Client


def storage_client(config: Config) -> Client:
    """Buckets and the objects in them."""
    return _client(config.project_id, config.storage_emulator_host)


@cache
def _client(project_id: str, emulator_host: str | None) -> Client:
    from google.cloud.storage import Client

    if emulator_host is None:
        return Client(project=project_id)
    from google.auth.credentials import AnonymousCredentials

    return Client(
        project=project_id,
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": emulator_host},
    )
