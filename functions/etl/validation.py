"""Validations of a client's data: start one, get the latest report."""

from __future__ import annotations

import datetime as dt

from shared.domain.errors import NotFound
from shared.domain.imports.validation import Report
from shared.domain.operation import Operation, OperationKind, OperationRequest
from shared.firestore.tenant import Tenant
from shared.firestore.validations import Validations
from shared.request_context import RequestContext
from shared.tasks.operations import Operations
from shared.tasks.starting import delivered


class NotValidated(NotFound):
    """The client's data have not been validated yet."""

    code = "not_validated"


def validation_request(
    created_by: str, created_at: dt.datetime, operation_id: str | None = None, parent: str | None = None
) -> OperationRequest:
    """The operation that validates a client's data; with an `operation_id` the same request may be made twice."""
    return OperationRequest(
        OperationKind.VALIDATION,
        "etl",
        "/internal/validation",
        created_by,
        created_at,
        id=operation_id,
        parent=parent,
    )


def start(context: RequestContext) -> Operation:
    """Validate the client's data now."""
    request = validation_request(context.user_id, context.now, context.new_id())
    return delivered(context.config, Operations(context.tenant).start(request))


def latest(tenant: Tenant) -> Report:
    """The newest report; raises NotValidated."""
    report = Validations(tenant).latest()
    if report is None:
        raise NotValidated("nothing has been validated yet; POST /etl/validation, or wait for the daily run")
    return report
