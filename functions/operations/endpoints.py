"""HTTP surface of operations, and the scheduler's tick."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field

from functions.operations import service
from shared.config import config
from shared.domain.access.principal import CANCELLERS, EVERY_ROLE
from shared.domain.etl_run import RunInProgress
from shared.domain.operation import (
    NotRetryable,
    OperationFilter,
    OperationFinished,
    OperationIsStored,
    OperationKind,
    OperationNotFound,
    OperationNotYours,
    OperationStatus,
    TooManyCombinations,
)
from shared.http.access import allow, errors, idempotent, internal, now
from shared.http.app import Api
from shared.http.operation_fields import OperationFields
from shared.http.operations import OperationView, accepted, operation_view
from shared.http.paging import ItemsByToken, TokenEnvelope, TokenPage, views_by_token
from shared.http.reply import Reply
from shared.http.several import MAX_VALUES, SEVERAL
from shared.request_context import RequestContext

app = Api("operations", "Operations", prefixes=("operations",))


class OperationQuery(TokenPage):
    """Filters narrow together, several values of one to any of them."""

    kind: Annotated[list[OperationKind] | None, SEVERAL, Field(max_length=MAX_VALUES, description="What is done.")] = (
        None
    )
    status: Annotated[
        list[OperationStatus] | None, SEVERAL, Field(max_length=MAX_VALUES, description="How far it is.")
    ] = None


class OperationPage(TokenEnvelope):
    items: list[OperationView]


class OperationPath(BaseModel):
    operation_id: Annotated[str, Field(min_length=1, max_length=200, description="The operation's id.")]


class DrainResult(BaseModel):
    delivered: int


@app.get("/operations", summary="List operations, newest first", responses={200: OperationPage})
@allow(EVERY_ROLE)
@errors(fields=(TooManyCombinations,))
def list_operations(context: RequestContext, query: OperationQuery) -> ItemsByToken[OperationFields]:
    """Return every asynchronous run of the client."""
    chosen = OperationFilter(tuple(query.kind or ()), tuple(query.status or ()))
    page = service.operations(context.tenant, query.request(), chosen)
    return views_by_token(query, page, operation_view)


@app.get("/operations/<string:operation_id>", summary="Get an operation", responses={200: OperationView})
@allow(EVERY_ROLE)
@errors(OperationNotFound)
def get_operation(context: RequestContext, path: OperationPath) -> OperationFields:
    """Poll this until `status` is succeeded, failed or cancelled."""
    return operation_view(service.operation(context.tenant, path.operation_id))


@app.post("/operations/<string:operation_id>/cancel", summary="Cancel an operation", responses={200: OperationView})
@allow(CANCELLERS)
@errors(OperationNotFound, OperationNotYours, OperationFinished, OperationIsStored)
def cancel_operation(context: RequestContext, path: OperationPath) -> OperationFields:
    """Cancel what you have started, or what your role may start. A running operation stops at its next step; what it
    has not published yet stays as it was. A run (`etl_run`) is cancelled together with the step that it is at.
    """
    return operation_view(service.cancel(context, path.operation_id))


@app.post("/operations/<string:operation_id>/retry", summary="Retry a failed operation", responses={202: OperationView})
@allow(CANCELLERS)
@idempotent
@errors(OperationNotFound, OperationNotYours, NotRetryable, RunInProgress)
def retry_operation(context: RequestContext, path: OperationPath) -> Reply:
    """Have a failed operation tried again: what it has done already is not done twice. A run (`etl_run`) goes on from
    the step that failed, by a new operation. One that has not ended is answered with as it is.
    """
    return accepted(service.retry(context, path.operation_id))


@app.post("/operations/internal/drain-outbox", responses={200: DrainResult})
@internal("operations")
def drain_outbox() -> DrainResult:
    """Deliver tasks whose request died between its commit and Cloud Tasks. Cloud Scheduler calls this every minute."""
    return DrainResult(delivered=service.drain_outbox(config(), now() - dt.timedelta(seconds=30)))
