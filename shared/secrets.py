"""Secrets of clients (a database's password, a webhook's key), by the name that the client refers to them with.

In the cloud a secret lies in Secret Manager as `client_{client_id}_{name}`: a name has no underscore, so the last one
ends the client's id, and no tenant can name another one's secret. The function's account may read what starts with
`client_` and nothing else (infra/terraform/identity.tf). On the local stack it is the file .local/secrets/NAME or the
variable STOCKCAST_SECRET_NAME, in capitals and with _ for -.

A secret is read when it is used, never stored, logged or answered with.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from shared.config import Config
from shared.domain.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from google.cloud.secretmanager import SecretManagerServiceClient

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_TIMEOUT_S = 10.0


class SecretNotFound(Invalid):
    """There is no such secret, or it cannot be read."""

    code = "secret_not_found"


class SecretsUnavailable(Unavailable):
    """Secret Manager does not answer."""

    code = "secrets_unavailable"


def is_secret_name(text: str) -> bool:
    """Whether a secret may be called so: lower-case letters, digits and hyphens, at most 63."""
    return _NAME.fullmatch(text) is not None


def secret_value(config: Config, client_id: str, name: str) -> str:
    """The secret's latest value; raises SecretNotFound and SecretsUnavailable."""
    if not is_secret_name(name):
        raise SecretNotFound(f"{name!r} is no name of a secret: lower-case letters, digits and hyphens")
    if config.secret_manager_emulator_folder is not None:
        return _local_value(Path(config.secret_manager_emulator_folder), name)
    return _cloud_value(config, secret_id(client_id, name))


def secret_id(client_id: str, name: str) -> str:
    """What a client's secret is called in Secret Manager."""
    return f"client_{client_id}_{name}"


def _local_value(folder: Path, name: str) -> str:
    variable = f"STOCKCAST_SECRET_{name.upper().replace('-', '_')}"
    if variable in os.environ:
        return os.environ[variable]
    try:
        return (folder / name).read_text().strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SecretNotFound(
            f"there is no secret {name!r}: write it to .local/secrets/{name} or set {variable}"
        ) from error


def _cloud_value(config: Config, identifier: str) -> str:
    from google.api_core.exceptions import FailedPrecondition, GoogleAPICallError, NotFound, PermissionDenied

    path = f"projects/{config.project_id}/secrets/{identifier}/versions/latest"
    try:
        version = _client().access_secret_version(name=path, timeout=_TIMEOUT_S)
        return str(version.payload.data.decode())
    except (NotFound, PermissionDenied, FailedPrecondition, UnicodeDecodeError) as error:
        raise SecretNotFound(
            f"there is no secret {identifier!r} with a version that can be read in Secret Manager"
        ) from error
    except GoogleAPICallError as error:
        raise SecretsUnavailable("Secret Manager does not answer; try again") from error


@cache
def _client() -> SecretManagerServiceClient:
    from google.cloud.secretmanager import SecretManagerServiceClient

    return SecretManagerServiceClient()
