"""HTTP surface of the ETL: imports, runs and their rejects."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from typing import Any

from flask import Response

from functions.etl import service
from functions.etl.schemas import (
    FileImportForm,
    RejectPage,
    RunPage,
    RunPath,
    RunQuery,
    RunView,
    TaskBody,
    TaskResult,
)
from functions.etl.service import ModeNotForKind, RunNotFound
from shared.config import config
from shared.domain.access.principal import EVERY_ROLE, RUNNERS_OF_ETL
from shared.domain.imports.import_errors import EmptyFile, InvalidMapping
from shared.domain.operation import Operation
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.http.access import allow, errors, internal, now, principal, request_context, tenant
from shared.http.app import Api
from shared.http.idempotency import ERRORS as IDEMPOTENCY_ERRORS
from shared.http.idempotency import once
from shared.http.operations import OperationView, accepted, operation_view
from shared.http.paging import NumberedPage, by_token, numbered

_IMPORT_LIMIT_BYTES = 32 * 1024**2

app = Api("etl", "Imports", prefixes=("etl",), body_limit_bytes=_IMPORT_LIMIT_BYTES)


@app.post("/etl/import", summary="Import a file", responses={202: OperationView})
@allow(RUNNERS_OF_ETL)
@errors(
    InvalidMapping,
    *IDEMPOTENCY_ERRORS,
    fields=(
        EmptyFile,
        ModeNotForKind,
    ),
)
def import_file(form: FileImportForm) -> Response:
    """Import sales history, products or stock levels from CSV, Excel or Parquet. Importing the same file twice changes
    nothing.

    Follow the operation: its counts say how many records were read, accepted and rejected, and
    `/etl/runs/{run_id}/rejects` says why.
    """
    caller, client = principal(), tenant()
    with closing(form.file):
        upload = service.checked_upload(form)
        operation_id = request_context().request_id

        def act() -> Any:
            return accepted(service.start_import(config(), client, upload, caller.user_id, now(), operation_id))

        return once(request_context(), upload.fingerprint, act)


@app.get("/etl/runs", summary="List imports, newest first", responses={200: RunPage})
@allow(EVERY_ROLE)
def list_runs(query: RunQuery) -> dict[str, Any]:
    """Return every import of the client."""
    operations, following = service.runs(tenant(), query.page_size, query.position(), query.kind, query.status)
    return vars(by_token(query, [_run_view(operation) for operation in operations], following))


@app.get("/etl/runs/<string:run_id>", summary="Get an import", responses={200: RunView})
@allow(EVERY_ROLE)
@errors(RunNotFound)
def get_run(path: RunPath) -> dict[str, Any]:
    """Return its status, counts and result."""
    return _run_view(service.run_of(tenant(), path.run_id))


@app.get("/etl/runs/<string:run_id>/rejects", summary="List rejected records", responses={200: RejectPage})
@allow(EVERY_ROLE)
@errors(RunNotFound)
def list_rejects(path: RunPath, query: NumberedPage) -> dict[str, Any]:
    """Return each rejected record with its row, the check it failed and the reason, in the order of the file."""
    total, items = service.rejects(config(), tenant(), path.run_id, query.offset, query.page_size)
    return vars(numbered(query, total, items))


@app.post("/etl/internal/import", responses={200: TaskResult})
@internal("etl")
def run_import(body: TaskBody) -> dict[str, Any]:
    """Make one attempt at an import. Cloud Tasks calls this until it answers 200."""
    from functions.etl.import_worker import work_on_import

    worked_on = Tenant(database(config()), body.client_id)
    return {"status": work_on_import(config(), worked_on, body.operation_id, lambda: dt.datetime.now(dt.UTC))}


def _run_view(operation: Operation) -> dict[str, Any]:
    shown = {name: value for name, value in operation.parameters.items() if name != "upload"}
    return operation_view(operation).model_dump() | {"parameters": shown}
