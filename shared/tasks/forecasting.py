"""Launch the forecast job on Cloud Run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.config import Config

if TYPE_CHECKING:
    from google.api_core.operation import Operation

_LAUNCH_TIMEOUT_S = 30.0


def launch_forecast(config: Config, client_id: str, run_id: str) -> Operation:
    """Start an execution for one client; `.result()` of what is returned waits for it and raises when it failed."""
    from google.cloud import run_v2

    override = run_v2.RunJobRequest.Overrides.ContainerOverride(args=["--client", client_id, "--run-id", run_id])
    request = run_v2.RunJobRequest(
        name=config.forecast_job_path,
        overrides=run_v2.RunJobRequest.Overrides(container_overrides=[override]),
    )
    return config.jobs.run_job(request=request, timeout=_LAUNCH_TIMEOUT_S)
