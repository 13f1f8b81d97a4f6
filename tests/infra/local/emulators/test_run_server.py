from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest
from google.api_core.exceptions import Aborted, AlreadyExists, NotFound
from google.api_core.retry import Retry
from google.cloud import run_v2
from google.cloud.run_v2.services.executions.transports import ExecutionsGrpcTransport

from infra.local.stack.process import until
from shared.config import Config
from shared.grpc_channel import insecure_channel
from shared.tasks.run_clients import jobs_client

_numbers = itertools.count()
_OFTEN = Retry(initial=0.02, maximum=0.02, timeout=20, predicate=lambda error: True)
# Writes what it was given into a file named after task and attempt, and fails while the attempt is below FAILURES.
_PROGRAM = """
import os, pathlib, sys
task, attempt = os.environ["CLOUD_RUN_TASK_INDEX"], os.environ["CLOUD_RUN_TASK_ATTEMPT"]
seen = [os.environ.get(name, "") for name in ("CLOUD_RUN_TASK_COUNT", "CLOUD_RUN_EXECUTION", "CLOUD_RUN_JOB", "COLOUR")]
pathlib.Path(sys.argv[1], f"{task}-{attempt}").write_text("|".join([*seen, *sys.argv[2:]]))
print("worked on", task)
sys.exit(int(attempt) < int(os.environ.get("FAILURES", 0)))
"""


@pytest.fixture
def client(cloud_config: Config) -> run_v2.JobsClient:
    return jobs_client(cloud_config)


@pytest.fixture
def executions(cloud_config: Config) -> run_v2.ExecutionsClient:
    assert cloud_config.run_emulator_host is not None
    channel = insecure_channel(cloud_config.run_emulator_host)
    return run_v2.ExecutionsClient(transport=ExecutionsGrpcTransport(channel=channel))


def a_job(
    client: run_v2.JobsClient, config: Config, args: list[str], program: str = _PROGRAM, max_retries: int = 1
) -> str:
    parent = f"projects/{config.project_id}/locations/{config.region}"
    container = run_v2.Container(
        command=[sys.executable, "-c", program], args=args, env=[run_v2.EnvVar(name="COLOUR", value="blue")]
    )
    template = run_v2.ExecutionTemplate(template={"containers": [container], "max_retries": max_retries})
    operation = client.create_job(parent=parent, job=run_v2.Job(template=template), job_id=f"job{next(_numbers)}")
    return operation.result(timeout=5).name


def test_runs_every_task_with_what_cloud_run_tells_it(
    client: run_v2.JobsClient, cloud_config: Config, tmp_path: Path
) -> None:
    name = a_job(client, cloud_config, [str(tmp_path), "from-template"])
    execution = client.run_job(name=name, timeout=5).result(timeout=20, polling=_OFTEN)
    assert (execution.task_count, execution.succeeded_count, execution.failed_count) == (1, 1, 0)
    (written,) = tmp_path.iterdir()
    job, this = name.rpartition("/")[2], execution.name.rpartition("/")[2]
    assert (written.name, written.read_text()) == ("0-0", f"1|{this}|{job}|blue|from-template")


def test_overrides_replace_args_add_env_and_shard(
    client: run_v2.JobsClient, cloud_config: Config, tmp_path: Path
) -> None:
    name = a_job(client, cloud_config, ["replaced"])
    container = run_v2.RunJobRequest.Overrides.ContainerOverride(
        args=[str(tmp_path), "a", "b c"], env=[run_v2.EnvVar(name="COLOUR", value="red")]
    )
    overrides = run_v2.RunJobRequest.Overrides(container_overrides=[container], task_count=3)
    operation = client.run_job(request=run_v2.RunJobRequest(name=name, overrides=overrides))
    assert operation.metadata.task_count == 3
    execution = operation.result(timeout=20, polling=_OFTEN)
    assert execution.succeeded_count == 3
    assert sorted(file.name for file in tmp_path.iterdir()) == ["0-0", "1-0", "2-0"]
    assert (tmp_path / "2-0").read_text().startswith("3|")
    assert (tmp_path / "2-0").read_text().endswith("|red|a|b c")


def test_a_failing_task_is_tried_again(client: run_v2.JobsClient, cloud_config: Config, tmp_path: Path) -> None:
    name = a_job(client, cloud_config, [str(tmp_path)])
    override = run_v2.RunJobRequest.Overrides.ContainerOverride(env=[run_v2.EnvVar(name="FAILURES", value="1")])
    request = run_v2.RunJobRequest(name=name, overrides={"container_overrides": [override]})
    execution = client.run_job(request=request).result(timeout=20, polling=_OFTEN)
    assert (execution.succeeded_count, execution.retried_count) == (1, 1)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["0-0", "0-1"]


def test_an_execution_fails_when_a_task_fails_for_good(
    client: run_v2.JobsClient, executions: run_v2.ExecutionsClient, cloud_config: Config, tmp_path: Path
) -> None:
    name = a_job(client, cloud_config, [str(tmp_path)])
    override = run_v2.RunJobRequest.Overrides.ContainerOverride(env=[run_v2.EnvVar(name="FAILURES", value="9")])
    request = run_v2.RunJobRequest(name=name, overrides={"container_overrides": [override]})
    operation = client.run_job(request=request)
    with pytest.raises(Aborted, match="task 0 exited with 1 2 times"):
        operation.result(timeout=20, polling=_OFTEN)
    described = executions.get_execution(name=operation.metadata.name)
    assert (described.failed_count, described.retried_count) == (1, 1)
    assert described.conditions[0].state is run_v2.Condition.State.CONDITION_FAILED


def test_a_cancelled_execution_ends_its_processes(
    client: run_v2.JobsClient, executions: run_v2.ExecutionsClient, cloud_config: Config, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    program = f"import pathlib, signal; pathlib.Path({str(started)!r}).touch(); signal.pause()"
    name = a_job(client, cloud_config, [], program, max_retries=3)
    operation = client.run_job(name=name)
    assert until(started.exists, 10)
    (running,) = executions.list_executions(parent=name)
    assert running.running_count == 1
    executions.cancel_execution(name=running.name)
    with pytest.raises(Aborted, match="cancelled"):
        operation.result(timeout=20, polling=_OFTEN)
    described = executions.get_execution(name=running.name)
    assert (described.running_count, described.cancelled_count, described.retried_count) == (0, 1, 0)


def test_unknown_and_existing_names(client: run_v2.JobsClient, cloud_config: Config) -> None:
    with pytest.raises(NotFound):
        client.run_job(name=f"{cloud_config.forecast_job_path}-not")
    template = client.get_job(name=cloud_config.forecast_job_path).template.template
    assert list(template.containers[0].command)[1:] == ["-m", "forecast_job"]
    parent, _, job_id = cloud_config.forecast_job_path.partition("/jobs/")
    with pytest.raises(AlreadyExists):
        client.create_job(parent=parent, job=run_v2.Job(template={"template": template}), job_id=job_id)
