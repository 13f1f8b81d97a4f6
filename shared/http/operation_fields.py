"""What every operation is answered with, whatever its kind: apart, for functions that answer with one kind alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import BaseModel, Field

from shared.domain.operation import Operation, OperationStatus
from shared.http.reply import Reply


class ProgressView(BaseModel, from_attributes=True):
    """How far an operation is."""

    done: int = Field(description="Units of work done.")
    total: int | None = Field(description="Units of work in all; null until it is known.")


class CountsView(BaseModel, from_attributes=True):
    """Records of a file: accepted + rejected = read."""

    read: int = Field(description="Records that were read.")
    accepted: int = Field(description="Records that passed every check.")
    rejected: int = Field(description="Records that failed one; /etl/runs/{run_id}/rejects lists them.")


class OperationFailure(BaseModel):
    """Why an operation failed."""

    code: str = Field(description="Stable; meant for programs.")
    detail: str = Field(description="Meant for people.")


class OperationFields(BaseModel, from_attributes=True):
    """What all kinds of operations have."""

    id: str = Field(description="The operation's id.")
    status: OperationStatus = Field(description="pending, running, or how it ended.")
    step: str | None = Field(None, description="What it is doing now; null while it does nothing.")
    progress: ProgressView = Field(description="How far the step is.")
    counts: CountsView | None = Field(None, description="Of an import, once its file is read.")
    error: OperationFailure | None = Field(None, description="Why it failed; null unless it did.")
    created_by: str = Field(description="The user who started it, or `scheduler`.")
    created_at: dt.datetime = Field(description="When it was asked for.")
    updated_at: dt.datetime = Field(description="When it last changed.")
    started_at: dt.datetime | None = Field(None, description="When work on it began.")
    finished_at: dt.datetime | None = Field(None, description="When it came to its end.")
    parent: str | None = Field(None, description="The run that it is a step of; null of one that stands alone.")


class NoParameters(BaseModel):
    """Nothing has to be said of it."""


def shown_fields(operation: Operation) -> dict[str, Any]:
    """The values of OperationFields, as they are stored, which every poll reads, without another look at them."""
    shown = {name: getattr(operation, name) for name in OperationFields.model_fields}
    return shown | {"updated_at": operation.updated_at or operation.created_at}


def followed_at(operation: Operation, view: OperationFields) -> Reply:
    """202 with the operation as it is shown, and where to follow it."""
    return Reply(view, 202, {"Location": f"/api/v1/operations/{operation.id}"})
