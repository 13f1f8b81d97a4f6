"""Operations as they are answered with."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import BaseModel

from shared.domain.operation import Operation, OperationStatus
from shared.http.app import BodyModel
from shared.http.reply import Reply


class ProgressView(BaseModel, from_attributes=True):
    """Units of work done out of a total, which is null until it is known."""

    done: int
    total: int | None


class CountsView(BaseModel, from_attributes=True):
    """accepted + rejected = read."""

    read: int
    accepted: int
    rejected: int


class OperationView(BaseModel, from_attributes=True):
    """An asynchronous run; times are RFC 3339."""

    id: str
    kind: str
    status: OperationStatus
    step: str | None = None
    progress: ProgressView
    counts: CountsView | None = None
    error: dict[str, str] | None = None
    result: dict[str, Any] | None = None
    created_at: dt.datetime
    started_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None


class TaskBody(BodyModel):
    """Body of a task from Cloud Tasks: the operation to work on."""

    client_id: str
    operation_id: str


class TaskResult(BaseModel):
    """The operation's status after this attempt."""

    status: OperationStatus


def operation_view(operation: Operation) -> OperationView:
    """What is answered with of an operation."""
    return OperationView.model_validate(operation)


def accepted(operation: Operation) -> Reply:
    """202, with where to follow the operation."""
    return Reply(operation_view(operation), 202, {"Location": f"/api/v1/operations/{operation.id}"})
