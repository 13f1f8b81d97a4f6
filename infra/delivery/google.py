"""The real project behind a rollout: clients with the credentials of whoever runs the command."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from google.api_core.exceptions import GoogleAPICallError
from google.cloud import run_v2

from infra.delivery.cloud_run import CloudRun
from infra.delivery.smoke import Probe, SmokeFailed, SmokeUser

if TYPE_CHECKING:
    import requests

SECRET_MANAGER = "https://secretmanager.googleapis.com"  # noqa: S105 - an address
SMOKE_SECRET = "stockcast-smoke-user"  # noqa: S105 - a name
_TIMEOUT_S = 30


def authorized_session() -> requests.Session:
    """A session that adds the caller's own credentials (application default ones) to each request."""
    from google.auth import default
    from google.auth.transport.requests import AuthorizedSession

    credentials, _ = default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    return AuthorizedSession(credentials)


def cloud_run_of(project: str, region: str) -> CloudRun:
    return CloudRun(f"projects/{project}/locations/{region}", run_v2.ServicesClient(), run_v2.JobsClient())


def smoke_user(project: str, session: requests.Session, root: str = SECRET_MANAGER) -> SmokeUser | None:
    """Who signs in; None where the secret has no version yet. Raises SmokeFailed, ValueError for a malformed one."""
    response = session.get(
        f"{root}/v1/projects/{project}/secrets/{SMOKE_SECRET}/versions/latest:access", timeout=_TIMEOUT_S
    )
    if response.status_code == 404:
        return None
    if response.status_code != 200:
        raise SmokeFailed(f"Secret Manager answers {response.status_code} about {SMOKE_SECRET}")
    return SmokeUser.from_json(base64.b64decode(response.json()["payload"]["data"]).decode())


def job_probe(name: str, jobs: run_v2.JobsClient, timeout_s: float = 900) -> Probe:
    """Tries the addresses by an execution of the job `name`, for functions that nothing outside the project reaches."""

    def probe(addresses: Mapping[str, str]) -> None:
        container = run_v2.RunJobRequest.Overrides.ContainerOverride(args=["smoke", json.dumps(dict(addresses))])
        overrides = run_v2.RunJobRequest.Overrides(container_overrides=[container])
        operation = jobs.run_job(request=run_v2.RunJobRequest(name=name, overrides=overrides))
        try:
            operation.result(timeout=timeout_s)
        except (GoogleAPICallError, TimeoutError) as error:
            raise SmokeFailed(f"{operation.metadata.name}: {error}; its log says what failed") from error

    return probe
