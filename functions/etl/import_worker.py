"""One attempt at an import of a file: fetch the upload, open it, run it."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from functions.etl import uploads
from functions.etl.import_request import ImportRequest
from functions.etl.run_worker import Attempt, OpenSource, run_records, work_on_run
from shared.config import Config
from shared.domain.imports.import_errors import AmbiguousEncoding, MissingColumns
from shared.domain.imports.questions import Question, encoding_question
from shared.domain.operation import Operation, OperationStatus
from shared.firestore.tenant import Tenant
from shared.imports.column_finding import header_fit
from shared.imports.column_mapping import parse_mapping
from shared.imports.import_options import ImportOptions, MappingSource
from shared.imports.readers.file_reading import FileReading, HeaderFit
from shared.imports.readers.formats import open_file
from shared.imports.readers.record_source import RecordSource
from shared.imports.run_kinds import run_kind
from shared.tasks.operations import Operations
from shared.tasks.worker import Clock, OperationOutcome, Reporter


def work_on_import(config: Config, tenant: Tenant, operation_id: str, clock: Clock) -> OperationStatus:
    """As run_worker.work_on_run. The upload is removed once all is stored, or the file was refused: until then another
    attempt needs it, also one that somebody asks for (`retry`)."""
    status = work_on_run(config, tenant, operation_id, clock, _options, _import)
    if status is not OperationStatus.FAILED or not Operations(tenant).get(operation_id).is_retryable:
        uploads.remove(config, uploads.object_name(tenant.client_id, operation_id))
    return status


def _options(operation: Operation) -> ImportOptions:
    return ImportRequest.from_parameters(operation.parameters).options


def _import(attempt: Attempt, options: ImportOptions) -> OperationOutcome:
    request = ImportRequest.from_parameters(attempt.operation.parameters)
    path = attempt.folder / "upload"
    attempt.reporter.step("fetching")
    uploads.fetch(attempt.config, request.upload, path)
    fields = run_kind(options.kind).mapped_fields(options.aggregate)
    mapping = parse_mapping(options.mapping, fields)
    records, questions = _opened(attempt.reporter, path, request, header_fit(fields, mapping.columns))
    source = OpenSource(
        records,
        mapping,
        {
            "file_name": request.file_name,
            "format": {"name": request.source_format.value, **asdict(records.layout)},
        },
        request.notation,
        questions,
    )
    try:
        return run_records(attempt, options, source)
    except MissingColumns as error:
        if options.mapping_source is not MappingSource.SAVED:
            raise
        raise MissingColumns(
            f"the saved mapping of {options.kind} does not fit this file: {error.detail}. Change it at "
            f"/etl/mappings/{options.kind}, or send a mapping with the file"
        ) from error


def _opened(
    reporter: Reporter, path: Path, request: ImportRequest, fit: HeaderFit
) -> tuple[RecordSource, tuple[Question, ...]]:
    """The file. A dry run asks for an encoding that cannot be told, and reads on in a likely one."""

    def opened(reading: FileReading) -> RecordSource:
        return open_file(path, request.source_format, reading, fit, lambda: reporter.step("decoding"))

    try:
        return opened(request.reading), ()
    except AmbiguousEncoding as error:
        if not request.options.dry_run:
            raise
        question = encoding_question(error)
        return opened(replace(request.reading, encoding=question.assumed)), (question,)
