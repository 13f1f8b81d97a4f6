"""One execution of a Cloud Run job: its tasks as local processes, each tried again until it exits with 0."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Self

from google.cloud import run_v2

_CANCEL_GRACE_S = 5.0


@dataclass(frozen=True)
class JobTemplate:
    """What an execution runs; the fields and defaults of Cloud Run."""

    command: tuple[str, ...]
    args: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    task_count: int = 1
    parallelism: int = 0  # 0: as many as the machine has cores
    max_retries: int = 3
    timeout_s: float = 600.0

    @classmethod
    def from_message(cls, template: run_v2.ExecutionTemplate) -> Self:
        """From the API's form. The image is ignored: the command must be there on this machine."""
        container = template.template.containers[0]
        timeout = template.template.timeout
        return cls(
            command=tuple(container.command),
            args=tuple(container.args),
            env={variable.name: variable.value for variable in container.env},
            task_count=template.task_count or 1,
            parallelism=template.parallelism,
            max_retries=template.template.max_retries if "max_retries" in template.template else 3,
            timeout_s=timeout.total_seconds() if timeout else 600.0,
        )

    def to_message(self) -> run_v2.ExecutionTemplate:
        env = [run_v2.EnvVar(name=name, value=value) for name, value in self.env.items()]
        container = run_v2.Container(command=self.command, args=self.args, env=env)
        return run_v2.ExecutionTemplate(
            task_count=self.task_count,
            parallelism=self.parallelism,
            template=run_v2.TaskTemplate(
                containers=[container],
                max_retries=self.max_retries,
                timeout=dt.timedelta(seconds=self.timeout_s),
            ),
        )

    def overridden(self, overrides: run_v2.RunJobRequest.Overrides) -> Self:
        """With the overrides of one RunJob call: args replace, env is added to."""
        changed = self
        for container in overrides.container_overrides:
            changed = replace(
                changed,
                args=() if container.clear_args else tuple(container.args) or changed.args,
                env={**changed.env, **{variable.name: variable.value for variable in container.env}},
            )
        return replace(
            changed,
            task_count=overrides.task_count or changed.task_count,
            timeout_s=overrides.timeout.total_seconds() if overrides.timeout else changed.timeout_s,
        )


class JobExecution:
    """Runs the tasks on threads of its own. `failure` says why it failed once it is `finished`."""

    def __init__(self, name: str, template: JobTemplate, logs: Path) -> None:
        self.name = name
        self.failure: str | None = None
        self._template = template
        self._logs = logs
        self._created = dt.datetime.now(dt.UTC)
        self._completed: dt.datetime | None = None
        self._lock = threading.Lock()
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._cancelled = False
        self._counts = {"succeeded_count": 0, "failed_count": 0, "cancelled_count": 0, "retried_count": 0}

    @property
    def finished(self) -> bool:
        return self._completed is not None

    def start(self) -> None:
        threading.Thread(target=self._run, name=self.name, daemon=True).start()

    def cancel(self) -> None:
        """End what runs and start nothing more; returns when nothing runs."""
        with self._lock:
            self._cancelled = True
            running = list(self._running.values())
        for child in running:
            child.terminate()
        for child in running:
            try:
                child.wait(_CANCEL_GRACE_S)
            except subprocess.TimeoutExpired:
                child.kill()

    def described(self) -> run_v2.Execution:
        """The execution as the API shows it."""
        state = run_v2.Condition.State
        outcome = state.CONDITION_FAILED if self.failure else state.CONDITION_SUCCEEDED
        condition = run_v2.Condition(
            type_="Completed",
            state=outcome if self.finished else state.CONDITION_RECONCILING,
            message=self.failure or "",
        )
        return run_v2.Execution(
            name=self.name,
            job=self.name.partition("/executions/")[0],
            create_time=self._created,
            start_time=self._created,
            completion_time=self._completed,
            task_count=self._template.task_count,
            parallelism=self._parallelism,
            running_count=len(self._running),
            conditions=[condition],
            log_uri=self._logs.resolve().as_uri(),
            **self._counts,
        )

    @property
    def _parallelism(self) -> int:
        cores = os.cpu_count() or 1
        return min(self._template.parallelism or cores, cores, self._template.task_count)

    def _run(self) -> None:
        with ThreadPoolExecutor(self._parallelism) as threads:
            failures = [failure for failure in threads.map(self._run_task, range(self._template.task_count)) if failure]
        self.failure = "; ".join(failures) or None
        self._completed = dt.datetime.now(dt.UTC)

    def _run_task(self, index: int) -> str | None:
        """Try until it exits with 0; why it did not, in the end."""
        self._logs.mkdir(parents=True, exist_ok=True)
        log_file = self._logs / f"{self.name.rpartition('/')[2]}-{index}.log"
        with log_file.open("ab") as log:
            for attempt in range(self._template.max_retries + 1):
                failure = self._attempt(index, attempt, log)
                if failure is None:
                    self._count("succeeded_count")
                    return None
                if self._cancelled:
                    self._count("cancelled_count")
                    return f"task {index} was cancelled"
                if attempt < self._template.max_retries:
                    self._count("retried_count")
        self._count("failed_count")
        return f"task {index} {failure} {self._template.max_retries + 1} times; see {log_file}"

    def _attempt(self, index: int, attempt: int, log: BinaryIO) -> str | None:
        with self._lock:
            if self._cancelled:
                return "was not started"
            child = self._running[index] = subprocess.Popen(
                self._command(),
                env={**os.environ, **self._template.env, **self._task_env(index, attempt)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            code = child.wait(self._template.timeout_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return f"ran longer than {self._template.timeout_s:g} s"
        finally:
            with self._lock:
                del self._running[index]
        return None if code == 0 else f"exited with {code}"

    def _command(self) -> Sequence[str]:
        return [*self._template.command, *self._template.args]

    def _task_env(self, index: int, attempt: int) -> dict[str, str]:
        return {
            "CLOUD_RUN_JOB": self.name.split("/jobs/")[1].partition("/")[0],
            "CLOUD_RUN_EXECUTION": self.name.rpartition("/")[2],
            "CLOUD_RUN_TASK_INDEX": str(index),
            "CLOUD_RUN_TASK_COUNT": str(self._template.task_count),
            "CLOUD_RUN_TASK_ATTEMPT": str(attempt),
        }

    def _count(self, what: str) -> None:
        with self._lock:
            self._counts[what] += 1
