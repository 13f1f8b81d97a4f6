"""The part of `google.cloud.run.v2` that runs jobs: executions are local processes, to be waited for by operations."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
from google.cloud import run_v2
from google.longrunning import operations_pb2
from google.protobuf import any_pb2
from google.rpc import code_pb2, status_pb2

from infra.local.emulators.grpc_service import Refused, service
from infra.local.emulators.job_execution import JobExecution, JobTemplate


class CloudRun:
    """Jobs, their executions and the operations that stand for them."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._jobs: dict[str, JobTemplate] = {}
        self._executions: dict[str, JobExecution] = {}
        self._operations: dict[str, Callable[[], operations_pb2.Operation]] = {}
        self._lock = threading.Lock()

    def handlers(self) -> tuple[grpc.GenericRpcHandler, ...]:
        return (
            service(
                "google.cloud.run.v2.Jobs",
                {
                    "CreateJob": (run_v2.CreateJobRequest, self._create_job),
                    "GetJob": (run_v2.GetJobRequest, lambda request: _job(request.name, self._job(request.name))),
                    "RunJob": (run_v2.RunJobRequest, self._run_job),
                },
            ),
            service(
                "google.cloud.run.v2.Executions",
                {
                    "GetExecution": (run_v2.GetExecutionRequest, lambda it: self._execution(it.name).described()),
                    "ListExecutions": (run_v2.ListExecutionsRequest, self._list_executions),
                    "CancelExecution": (run_v2.CancelExecutionRequest, self._cancel_execution),
                },
            ),
            service(
                "google.longrunning.Operations",
                {"GetOperation": (operations_pb2.GetOperationRequest, self._get_operation)},
            ),
        )

    def add_job(self, name: str, template: JobTemplate) -> None:
        """Make a job. Raises Refused when there is one of this name."""
        with self._lock:
            if name in self._jobs:
                raise Refused(grpc.StatusCode.ALREADY_EXISTS, f"job {name} exists")
            self._jobs[name] = template

    def stop(self) -> None:
        """End every process that is still running."""
        for execution in list(self._executions.values()):
            execution.cancel()

    def _create_job(self, request: run_v2.CreateJobRequest) -> operations_pb2.Operation:
        name = f"{request.parent}/jobs/{request.job_id}"
        template = JobTemplate.from_message(request.job.template)
        self.add_job(name, template)
        return self._operation(request.parent, lambda: _finished(_job(name, template)))

    def _run_job(self, request: run_v2.RunJobRequest) -> operations_pb2.Operation:
        template = self._job(request.name).overridden(request.overrides)
        name = f"{request.name}/executions/{request.name.rpartition('/')[2]}-{uuid.uuid4().hex[:5]}"
        execution = JobExecution(name, template, self._logs)
        with self._lock:
            self._executions[name] = execution
        execution.start()
        return self._operation(request.name.partition("/jobs/")[0], lambda: _state(execution))

    def _list_executions(self, request: run_v2.ListExecutionsRequest) -> run_v2.ListExecutionsResponse:
        with self._lock:
            found = [one for name, one in self._executions.items() if name.startswith(f"{request.parent}/")]
        return run_v2.ListExecutionsResponse(executions=[execution.described() for execution in reversed(found)])

    def _cancel_execution(self, request: run_v2.CancelExecutionRequest) -> operations_pb2.Operation:
        execution = self._execution(request.name)
        execution.cancel()
        return self._operation(request.name.partition("/jobs/")[0], lambda: _finished(execution.described()))

    def _get_operation(self, request: operations_pb2.GetOperationRequest) -> operations_pb2.Operation:
        state = self._operations.get(request.name)
        if state is None:
            raise Refused(grpc.StatusCode.NOT_FOUND, f"no operation {request.name}")
        return _named(request.name, state())

    def _operation(self, parent: str, state: Callable[[], operations_pb2.Operation]) -> operations_pb2.Operation:
        name = f"{parent}/operations/{uuid.uuid4()}"
        with self._lock:
            self._operations[name] = state
        return _named(name, state())

    def _job(self, name: str) -> JobTemplate:
        job = self._jobs.get(name)
        if job is None:
            raise Refused(grpc.StatusCode.NOT_FOUND, f"no job {name}")
        return job

    def _execution(self, name: str) -> JobExecution:
        execution = self._executions.get(name)
        if execution is None:
            raise Refused(grpc.StatusCode.NOT_FOUND, f"no execution {name}")
        return execution


def _state(execution: JobExecution) -> operations_pb2.Operation:
    described = execution.described()
    if not execution.finished:
        return operations_pb2.Operation(metadata=_packed(described))
    if execution.failure is None:
        return _finished(described)
    error = status_pb2.Status(code=code_pb2.ABORTED, message=execution.failure)
    return operations_pb2.Operation(done=True, error=error, metadata=_packed(described))


def _finished(result: Any) -> operations_pb2.Operation:
    return operations_pb2.Operation(done=True, response=_packed(result), metadata=_packed(result))


def _named(name: str, operation: operations_pb2.Operation) -> operations_pb2.Operation:
    operation.name = name
    return operation


def _packed(message: Any) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(type(message).pb(message))
    return packed


def _job(name: str, template: JobTemplate) -> run_v2.Job:
    return run_v2.Job(name=name, template=template.to_message())
