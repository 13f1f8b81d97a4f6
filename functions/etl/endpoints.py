"""HTTP surface of the ETL: imports, runs and their rejects."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from flask import Response

from functions.etl import chain, client_files, mappings, service, sources, validation
from functions.etl.import_checks import ModeNotForKind
from functions.etl.rejects_file import rejects_as_csv
from functions.etl.schemas import (
    MAX_FILE_ROWS,
    DailyResult,
    DeletionsResult,
    EtlRunBody,
    ExportFilePath,
    FileImportForm,
    ImportRunPage,
    ImportRunView,
    KindPath,
    MappingBody,
    MappingPage,
    MappingView,
    Reject,
    RejectPage,
    RejectsQuery,
    RunPath,
    RunQuery,
    TemplateQuery,
    ValidationFinding,
    ValidationReport,
    ValidationSummary,
)
from functions.etl.service import RunNotFound
from functions.etl.source_schemas import (
    BigQuerySourceView,
    SourceBody,
    SourcePage,
    SourcePath,
    SourceTest,
    SourceView,
    SqlSourceView,
    SyncBody,
    SyncPath,
)
from functions.etl.sources import ShownSource, UnusableSource, WhichSource
from shared.config import Config, config
from shared.domain.access.principal import ADMINISTRATORS, EVERY_ROLE, RUNNERS_OF_ETL
from shared.domain.dates import InvalidRange
from shared.domain.errors import InvalidLines
from shared.domain.etl_run import RunInProgress
from shared.domain.imports.data_source import EntityNotOfSource, SourceNotFound, UnusableSourceUrl
from shared.domain.imports.import_errors import EmptyFile, InvalidMapping
from shared.domain.imports.read_only_query import NoReadOnlyQuery
from shared.domain.imports.saved_mapping import KindMapping, MappingNotFound
from shared.domain.imports.validation import Report, Severity
from shared.domain.location import LocationNotFound
from shared.domain.operation import OperationNotFound, OperationStatus, TooManyCombinations
from shared.domain.versions import StaleVersion
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.firestore.versioned import Versioned
from shared.http.accept import accepts
from shared.http.access import allow, clock, errors, idempotent, internal, now, versioned
from shared.http.app import Api
from shared.http.etag import etag
from shared.http.idempotency import ERRORS as IDEMPOTENCY_ERRORS
from shared.http.idempotency import once
from shared.http.operation_fields import OperationFields
from shared.http.operations import OperationView, TaskBody, TaskResult, accepted, operation_view
from shared.http.paging import ItemsByToken, NumberedItems, NumberedPage, numbered, sliced, views_by_token
from shared.http.reply import Reply
from shared.http.routes import File, ModelOrFile
from shared.imports.run_kinds import run_kind
from shared.outbound.address import AddressNotAllowed
from shared.request_context import RequestContext
from shared.tasks.worker import Clock

_CSV = "text/csv; charset=utf-8"
_IMPORT_LIMIT_BYTES = 32 * 1024**2

_TEMPLATE_TYPES = {"csv": _CSV, "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_TEMPLATE = File("The template, as an attachment.", tuple(_TEMPLATE_TYPES.values()))
_EXPORTED = "application/octet-stream"

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


@app.get("/etl/mappings", summary="List saved mappings", responses={200: MappingPage})
@allow(EVERY_ROLE)
def list_mappings(context: RequestContext, query: NumberedPage) -> NumberedItems[MappingView]:
    """Return how the client's files are read, by kind."""
    return sliced(query, [MappingView.of(each) for each in mappings.listed(context)])


@app.get("/etl/mappings/<string:kind>", summary="Get a saved mapping", responses={200: MappingView})
@allow(EVERY_ROLE)
@errors(MappingNotFound)
@versioned
def get_mapping(context: RequestContext, path: KindPath) -> Reply:
    """Return how the client's files of this kind are read."""
    return _mapping_answer(mappings.shown(context, path.kind))


@app.put("/etl/mappings/<string:kind>", summary="Save a mapping", responses={200: MappingView})
@allow(RUNNERS_OF_ETL)
@errors(InvalidMapping, StaleVersion, fields=(LocationNotFound, ModeNotForKind))
@versioned
def put_mapping(context: RequestContext, path: KindPath, body: MappingBody) -> Reply:
    """Keep how the client's files of this kind are read, over what was kept. Honours If-Match.

    An import of this kind that sends no mapping uses it, and of what is kept beside it (separator, encoding, decimal
    mark, order of dates, sheet, header row, default location) whatever it does not say itself. Syncs have mappings of
    their own.
    """
    return _mapping_answer(mappings.put(context, path.kind, body))


@app.delete("/etl/mappings/<string:kind>", summary="Delete a saved mapping", responses={204: None})
@allow(RUNNERS_OF_ETL)
@errors(MappingNotFound, StaleVersion)
def delete_mapping(context: RequestContext, path: KindPath) -> None:
    """Forget the mapping: files of this kind are read by the names of their columns again. Honours If-Match."""
    mappings.delete(context, path.kind)


@app.get("/etl/templates/<string:kind>", summary="Get a template", responses={200: _TEMPLATE})
@allow(EVERY_ROLE)
@errors(fields=(ModeNotForKind,))
def get_template(path: KindPath, query: TemplateQuery) -> Response:
    """Return a file to fill in, as an attachment: a column for each field of the kind, the required ones first. A row
    for each record goes under the header; optional columns may be left out."""
    from functions.etl.templates import csv_template, xlsx_template

    kind = run_kind(path.kind)
    if query.aggregate not in kind.fields:
        raise ModeNotForKind("query/aggregate", f"aggregate={query.aggregate} is for sales-history, not {path.kind}")
    fields = sorted(kind.fields[query.aggregate], key=lambda field: not field.required)
    content = csv_template(fields) if query.format == "csv" else xlsx_template(path.kind, fields)
    attached = {"Content-Disposition": f'attachment; filename="{path.kind}.{query.format}"'}
    return Response(content, headers=attached, content_type=_TEMPLATE_TYPES[query.format])


@app.get(
    "/etl/exports/<string:export_id>/files/<string:file_name>",
    summary="Download a file of an export",
    responses={200: File("The file, as an attachment.", (_EXPORTED,))},
)
@allow(ADMINISTRATORS)
@errors(client_files.ExportFileNotFound)
def get_export_file(context: RequestContext, path: ExportFilePath) -> Response:
    """Return a file that `POST /clients/{client_id}/export` has made, within seven days of it.

    JSON Lines hold a document a line, Parquet a table's rows; `manifest.json` has the count and the SHA-256 of each.
    """
    tenant = context.tenant
    size, content = client_files.opened(context.config, tenant.client_id, path.export_id, path.file_name)
    headers = {"Content-Disposition": f'attachment; filename="{path.file_name}"', "Content-Length": str(size)}
    return Response(content, headers=headers, content_type=_EXPORTED)


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
@errors(RunInProgress, fields=(chain.UnknownSource, InvalidLines))
def start_etl_run(context: RequestContext, body: EtlRunBody) -> Reply:
    """Do now what is done every night. Answers with an operation (`etl_run`) whose steps are operations of their own.

    A step begins when those before it have succeeded. When one fails, the run has failed, lists show what they showed
    before, and `/operations/{operation_id}/retry` goes on from there. A client has one run at a time.
    """
    return accepted(chain.start(context, body.source_ids))


@app.get("/etl/sources", summary="List sources", responses={200: SourcePage})
@allow(EVERY_ROLE)
def list_sources(context: RequestContext, query: NumberedPage) -> NumberedItems[SqlSourceView | BigQuerySourceView]:
    """Return the client's databases that are read, ordered by id, with how far each has come. No secret is in it."""
    return sliced(query, [SourceView.of(shown) for shown in sources.listed(context)])


@app.get("/etl/sources/<string:source_id>", summary="Get a source", responses={200: SourceView})
@allow(EVERY_ROLE)
@errors(SourceNotFound)
@versioned
def get_source(context: RequestContext, path: SourcePath) -> Reply:
    """Return the source, with the last run and the watermark of each kind of records."""
    return _source_answer(sources.shown(context, path.source_id))


@app.put("/etl/sources/<string:source_id>", summary="Connect a source", responses={200: SourceView})
@allow(RUNNERS_OF_ETL)
@errors(
    StaleVersion,
    InvalidMapping,
    fields=(AddressNotAllowed, UnusableSourceUrl, NoReadOnlyQuery, UnusableSource),
)
@versioned
def put_source(context: RequestContext, path: SourcePath, body: SourceBody) -> Reply:
    """Add a source, or replace one. The URL holds no password: `secret` names the secret that does. Honours If-Match.

    Nothing is read yet: `/etl/sources/{source_id}/test` says what can be.
    """
    return _source_answer(sources.put(context, path.source_id, body.root))


@app.delete("/etl/sources/<string:source_id>", summary="Disconnect a source", responses={204: None})
@allow(RUNNERS_OF_ETL)
@errors(SourceNotFound, StaleVersion)
def delete_source(context: RequestContext, path: SourcePath) -> None:
    """Forget the source and how far it has come. What was read from it stays. Honours If-Match."""
    sources.delete(context, path.source_id)


@app.post("/etl/sources/<string:source_id>/test", summary="Test a source", responses={200: SourceTest})
@allow(RUNNERS_OF_ETL)
@errors(SourceNotFound)
def test_source(context: RequestContext, path: SourcePath) -> SourceTest:
    """Read the first rows of everything that the source is read for, and say how they are understood. Changes nothing.

    What is wrong is said in `problems`; the answer is 200 all the same.
    """
    from functions.etl.source_test import tested

    return tested(context, path.source_id)


@app.post("/etl/sync/<string:kind>", summary="Read a source now", responses={202: OperationView})
@allow(RUNNERS_OF_ETL)
@idempotent
@errors(SourceNotFound, EntityNotOfSource, fields=(ModeNotForKind, InvalidRange, WhichSource))
def start_sync(context: RequestContext, path: SyncPath, body: SyncBody) -> Reply:
    """Bring in what the source has: of sales the days since the last run and the overlap, or those that are named; of
    everything else the whole list. A source that is read twice changes nothing.

    A first run reads two years of sales. Long ranges are read in windows; one that is killed goes on where it was.
    """
    return accepted(sources.start_sync(context, path.kind, body))


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

    return _attempt(body, work_on_validation)


@app.post("/etl/internal/daily", responses={200: DailyResult})
@internal("etl")
def start_daily_runs() -> DailyResult:
    """Start the daily run of every client whose day has come. Safe to call twice. Cloud Scheduler calls this hourly."""
    from functions.etl.daily import start_due

    return DailyResult(**vars(start_due(config(), now())))


@app.post("/etl/internal/client-export", responses={200: TaskResult})
@internal("etl")
def run_client_export(body: TaskBody) -> TaskResult:
    """Make one attempt at an export of a client's data. Cloud Tasks calls this until it answers 200."""
    from functions.etl.client_export import work_on_export

    return _attempt(body, work_on_export)


@app.post("/etl/internal/delete-clients", responses={200: DeletionsResult})
@internal("etl")
def delete_clients() -> DeletionsResult:
    """Delete all data of the clients whose day has come. Safe to call twice. Cloud Scheduler calls this hourly."""
    from functions.etl.client_deletion import delete_due

    return DeletionsResult(**vars(delete_due(config(), clock)))


@app.post("/etl/internal/advance", responses={200: TaskResult})
@internal("etl")
def advance_run(body: TaskBody) -> TaskResult:
    """Move a run on when a step has ended. Safe to call twice, and for nothing."""
    return _attempt(body, chain.advance)


@app.post("/etl/internal/sync", responses={200: TaskResult})
@internal("etl")
def run_sync(body: TaskBody) -> TaskResult:
    """Make one attempt at a sync. Cloud Tasks calls this until it answers 200."""
    from functions.etl.sync_worker import work_on_sync

    return _attempt(body, work_on_sync)


@app.post("/etl/internal/import", responses={200: TaskResult})
@internal("etl")
def run_import(body: TaskBody) -> TaskResult:
    """Make one attempt at an import. Cloud Tasks calls this until it answers 200."""
    from functions.etl.import_worker import work_on_import

    return _attempt(body, work_on_import)


def _attempt(body: TaskBody, work: Callable[[Config, Tenant, str, Clock], OperationStatus]) -> TaskResult:
    return TaskResult(status=work(config(), Tenant(database(config()), body.client_id), body.operation_id, clock))


def _mapping_answer(mapping: Versioned[KindMapping]) -> Reply:
    return Reply(MappingView.of(mapping), headers=etag(mapping.version))


def _source_answer(shown: ShownSource) -> Reply:
    return Reply(SourceView.of(shown), headers=etag(shown.source.version))


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
