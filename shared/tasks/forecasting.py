"""The forecast job on Cloud Run: launch an execution, read its state, cancel it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.config import Config
from shared.domain.forecast_batch import ForecastBatch
from shared.tasks.run_clients import executions_client, jobs_client
from shared.telemetry.trace import TRACEPARENT, current_traceparent

if TYPE_CHECKING:
    from google.api_core.operation import Operation

_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Execution:
    """The state of an execution; `failure`: why it ended without success, None otherwise."""

    finished: bool
    failure: str | None


def launch_forecast(config: Config, client_id: str, run_id: str, tasks: int | None = None) -> Operation:
    """Start an execution for one client; `.result()` of what is returned waits for it and raises when it failed.

    `tasks` is the number of its shards, None for the job's own.
    """
    return _launch(config, ["--client", client_id, "--run-id", run_id], tasks)


def launch_batch(config: Config, batch: ForecastBatch) -> str:
    """Start an execution for the runs of several clients; returns its name."""
    return str(_launch(config, ["--batch", batch.id], batch.tasks).metadata.name)


def _launch(config: Config, arguments: Sequence[str], tasks: int | None) -> Operation:
    from google.cloud import run_v2

    traceparent = current_traceparent()
    env = [] if traceparent is None else [run_v2.EnvVar(name=TRACEPARENT.upper(), value=traceparent)]
    override = run_v2.RunJobRequest.Overrides.ContainerOverride(args=arguments, env=env)
    request = run_v2.RunJobRequest(
        name=config.forecast_job_path,
        overrides=run_v2.RunJobRequest.Overrides(container_overrides=[override], task_count=tasks or 0),
    )
    return jobs_client(config).run_job(request=request, timeout=_TIMEOUT_S)


def execution_of(config: Config, name: str) -> Execution:
    """The state of an execution; one that Cloud Run does not know has failed."""
    from google.api_core.exceptions import NotFound
    from google.cloud import run_v2

    try:
        found = executions_client(config).get_execution(name=name, timeout=_TIMEOUT_S)
    except NotFound:
        return Execution(finished=True, failure="Cloud Run does not know the execution any more")
    if found.completion_time is None:
        return Execution(finished=False, failure=None)
    failed = [condition for condition in found.conditions if condition.state is run_v2.Condition.State.CONDITION_FAILED]
    said = "; ".join(condition.message for condition in failed if condition.message)
    return Execution(finished=True, failure=(said or "it ended without success") if failed else None)


def cancel_execution(config: Config, name: str) -> None:
    """Have Cloud Run end an execution; one that has ended, or that it does not know, stays as it is."""
    from google.api_core.exceptions import FailedPrecondition, NotFound
    from google.cloud import run_v2

    from shared.telemetry.logs import log

    try:
        executions_client(config).cancel_execution(run_v2.CancelExecutionRequest(name=name), timeout=_TIMEOUT_S)
    except (NotFound, FailedPrecondition) as error:
        log("INFO", "the execution had ended before it was cancelled", execution=name, reason=str(error))
