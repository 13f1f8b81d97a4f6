"""Operations as they are answered with."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from shared.domain.operation import Operation
from shared.http.reply import Reply


class ProgressView(BaseModel):
    """Units of work done out of a total, which is null until it is known."""

    done: int
    total: int | None


class CountsView(BaseModel):
    """accepted + rejected = read."""

    read: int
    accepted: int
    rejected: int


class OperationView(BaseModel):
    """An asynchronous run; times are RFC 3339."""

    id: str
    kind: str
    status: str
    step: str | None = None
    progress: ProgressView
    counts: CountsView | None = None
    error: dict[str, str] | None = None
    result: dict[str, Any] | None = None
    created_at: str
    started_at: str | None = None
    finished_at: str | None = None


def operation_view(operation: Operation) -> dict[str, Any]:
    """The operation as OperationView has it; ready to be serialised."""
    shown: dict[str, Any] = {name: getattr(operation, name) for name in OperationView.model_fields}
    return shown | {
        "status": operation.status.value,
        "progress": vars(operation.progress),
        "counts": vars(operation.counts) if operation.counts else None,
    }


def accepted(operation: Operation) -> Reply:
    """202, with where to follow the operation."""
    return Reply(operation_view(operation), 202, {"Location": f"/api/v1/operations/{operation.id}"})
