"""HTTP surface of the ETL: imports, runs and their rejects."""

from __future__ import annotations

from contextlib import closing

from flask import Response

from functions.etl import chain, service, validation
from functions.etl.rejects_file import rejects_as_csv
from functions.etl.schemas import (
    MAX_FILE_ROWS,
    DailyResult,
    FileImportForm,
    ImportRunPage,
    ImportRunView,
    Reject,
    RejectPage,
    RejectsQuery,
    RunPath,
    RunQuery,
    ValidationFinding,
    ValidationReport,
    ValidationSummary,
)
from functions.etl.service import ModeNotForKind, RunNotFound
from shared.config import config
from shared.domain.access.principal import EVERY_ROLE, RUNNERS_OF_ETL
from shared.domain.etl_run import RunInProgress
from shared.domain.imports.import_errors import EmptyFile, InvalidMapping
from shared.domain.imports.validation import Report, Severity
from shared.domain.location import LocationNotFound
from shared.domain.operation import OperationNotFound, TooManyCombinations
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.http.accept import accepts
from shared.http.access import allow, clock, errors, idempotent, internal, now
from shared.http.app import Api
from shared.http.idempotency import ERRORS as IDEMPOTENCY_ERRORS
from shared.http.idempotency import once
from shared.http.operations import OperationFields, OperationView, TaskBody, TaskResult, accepted, operation_view
from shared.http.paging import ItemsByToken, NumberedItems, numbered, views_by_token
from shared.http.reply import Reply
from shared.http.routes import File, ModelOrFile
from shared.request_context import RequestContext

_CSV = "text/csv; charset=utf-8"
_IMPORT_LIMIT_BYTES = 32 * 1024**2

app = Api("etl", "Imports", prefixes=("etl",), body_limit_bytes=_IMPORT_LIMIT_BYTES)


@app.post("/etl/import", summary="Import a file", responses={202: OperationView})
@allow(RUNNERS_OF_ETL)
@errors(
    InvalidMapping,
    *IDEMPOTENCY_ERRORS,
    fields=(
        EmptyFile,
        LocationNotFound,
        ModeNotForKind,
    ),
)
def import_file(context: RequestContext, form: FileImportForm) -> Response:
    """Import records of any kind from CSV, Excel or Parquet. Importing the same file twice changes nothing.

    Locations, suppliers and product-suppliers (which supplier sells which product) are then kept by your own system:
    what is maintained here is not touched, its records are rejected as `app_managed`.

    Follow the operation: its counts say how many records were read, accepted and rejected, and
    `/etl/runs/{run_id}/rejects` says why.
    """
    with closing(form.file):
        upload = service.checked_upload(context, form)
        return once(context, upload.fingerprint, lambda: accepted(service.start_import(context, upload)))


@app.get("/etl/runs", summary="List imports and syncs, newest first", responses={200: ImportRunPage})
@allow(EVERY_ROLE)
@errors(fields=(TooManyCombinations,))
def list_import_runs(context: RequestContext, query: RunQuery) -> ItemsByToken[OperationFields]:
    """Return every import and sync of the client."""
    page = service.runs(context.tenant, query.request(), query.kind or (), query.status or ())
    return views_by_token(query, page, operation_view)


@app.get("/etl/runs/<string:run_id>", summary="Get an import", responses={200: ImportRunView})
@allow(EVERY_ROLE)
@errors(RunNotFound, OperationNotFound)
def get_import_run(context: RequestContext, path: RunPath) -> OperationFields:
    """Return its status, counts and result."""
    return operation_view(service.run_of(context.tenant, path.run_id))


@app.get(
    "/etl/runs/<string:run_id>/rejects",
    summary="List rejected records",
    responses={200: ModelOrFile(RejectPage, File("The rejects as CSV, as an attachment.", (_CSV,)))},
)
@allow(EVERY_ROLE)
@errors(RunNotFound, OperationNotFound)
def list_import_rejects(
    context: RequestContext, path: RunPath, query: RejectsQuery
) -> NumberedItems[Reject] | Response:
    """Return each rejected record with its row, the check it failed and the reason, in the order of the file.

    As CSV (`format=csv`, or `Accept: text/csv`) the columns are those of the source, so that the records can be put
    right and imported again; a text that a spreadsheet would run as a formula starts with an apostrophe.
    """
    if query.format == "csv" or (query.format is None and accepts("text/csv")):
        _, rejects = service.rejects(context, path.run_id, 0, MAX_FILE_ROWS)
        attached = {"Content-Disposition": f'attachment; filename="rejects-{path.run_id}.csv"'}
        return Response(rejects_as_csv(rejects), headers=attached, content_type=_CSV)
    total, rejects = service.rejects(context, path.run_id, query.offset, query.page_size)
    return numbered(query, total, rejects)


@app.post("/etl/run", summary="Start the daily run now", responses={202: OperationView})
@allow(RUNNERS_OF_ETL)
@idempotent
@errors(RunInProgress)
def start_etl_run(context: RequestContext) -> Reply:
    """Do now what is done every night. Answers with an operation (`etl_run`) whose steps are operations of their own.

    A step begins when those before it have succeeded. When one fails, the run has failed, lists show what they showed
    before, and `/operations/{operation_id}/retry` goes on from there. A client has one run at a time.
    """
    return accepted(chain.start(context))


@app.get("/etl/validation", summary="Get the latest validation report", responses={200: ValidationReport})
@allow(EVERY_ROLE)
@errors(validation.NotValidated)
def get_validation(context: RequestContext) -> ValidationReport:
    """Return what is odd about the client's data, and what it means for forecast and orders.

    Every daily run makes a report, and compares it with the one before.
    """
    return _report_view(validation.latest(context.tenant))


@app.post("/etl/validation", summary="Validate the client's data", responses={202: OperationView})
@allow(RUNNERS_OF_ETL)
@idempotent
def start_validation(context: RequestContext) -> Reply:
    """Answers with an operation. Once it has succeeded, `GET /etl/validation` has its report."""
    return accepted(validation.start(context))


@app.post("/etl/internal/validation", responses={200: TaskResult})
@internal("etl")
def run_validation(body: TaskBody) -> TaskResult:
    """Make one attempt at a validation. Cloud Tasks calls this until it answers 200."""
    from functions.etl.validation_worker import work_on_validation

    tenant = Tenant(database(config()), body.client_id)
    return TaskResult(status=work_on_validation(config(), tenant, body.operation_id, clock))


@app.post("/etl/internal/daily", responses={200: DailyResult})
@internal("etl")
def start_daily_runs() -> DailyResult:
    """Start the daily run of every client whose day has come. Safe to call twice. Cloud Scheduler calls this hourly."""
    from functions.etl.daily import start_due

    return DailyResult(**vars(start_due(config(), now())))


@app.post("/etl/internal/advance", responses={200: TaskResult})
@internal("etl")
def advance_run(body: TaskBody) -> TaskResult:
    """Move a run on when a step has ended. Safe to call twice, and for nothing."""
    tenant = Tenant(database(config()), body.client_id)
    return TaskResult(status=chain.advance(config(), tenant, body.operation_id, clock))


@app.post("/etl/internal/import", responses={200: TaskResult})
@internal("etl")
def run_import(body: TaskBody) -> TaskResult:
    """Make one attempt at an import. Cloud Tasks calls this until it answers 200."""
    from functions.etl.import_worker import work_on_import

    tenant = Tenant(database(config()), body.client_id)
    return TaskResult(status=work_on_import(config(), tenant, body.operation_id, clock))


def _report_view(report: Report) -> ValidationReport:
    return ValidationReport(
        as_of=report.as_of,
        run_id=report.run_id,
        created_at=report.created_at,
        checks=[
            ValidationFinding(
                code=finding.rule.code,
                entity=finding.rule.entity,
                severity=finding.severity,
                count=finding.count,
                previous_count=finding.previous_count,
                suspicious=finding.suspicious,
                examples=[*finding.examples],
                meaning=finding.rule.meaning,
            )
            for finding in report.findings
        ],
        summary=ValidationSummary(**{severity.value: report.count(severity) for severity in Severity}),
        suspicious=report.suspicious,
    )
