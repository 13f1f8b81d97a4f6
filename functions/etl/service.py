"""Imports: take the file and start an operation; work on it, safe to repeat; look up what became of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import IO

from functions.etl import uploads
from functions.etl.import_request import ImportRequest, operation_kind
from functions.etl.schemas import FileImportForm, Reject
from functions.etl.syncing import sync_kind
from shared.domain.errors import InvalidField, NotFound
from shared.domain.imports.given_notation import GivenNotation
from shared.domain.imports.import_errors import EmptyFile
from shared.domain.location import LocationNotFound
from shared.domain.operation import Operation, OperationFilter, OperationRequest, OperationStatus
from shared.firestore.locations import Locations
from shared.firestore.page import Page, PageRequest
from shared.firestore.tenant import Tenant
from shared.imports.import_options import KINDS_BY_LOCATION, ImportKind, ImportOptions, WriteMode
from shared.imports.readers.file_reading import FileReading
from shared.imports.readers.formats import SourceFormat, detect_format
from shared.imports.run_kinds import run_kind
from shared.request_context import RequestContext
from shared.tasks.operations import Operations
from shared.tasks.starting import delivered

_BLOCK_BYTES = 1024**2
_WORK_PATH = "/internal/import"
FAMILIES = ("etl_import", "etl_sync")


class RunNotFound(NotFound):
    """There is no such import."""

    code = "run_not_found"


class ModeNotForKind(InvalidField):
    """This mode or aggregation is not for this kind of import."""

    code = "not_for_this_kind"


@dataclass(frozen=True)
class Upload:
    """A file that was sent, and what to do with it. `fingerprint` tells two different requests apart."""

    content: IO[bytes]
    request: ImportRequest
    fingerprint: str


def checked_upload(context: RequestContext, form: FileImportForm) -> Upload:
    """What the caller sent, as far as it can be judged at once; raises Invalid."""
    from shared.imports.column_mapping import parse_exclusions, parse_mapping

    content = form.file.stream
    first_bytes = content.read(16)
    if not first_bytes:
        raise EmptyFile(f"file {form.file.filename!r} is empty").at("form/file")
    options = ImportOptions(
        kind=form.kind,
        mapping=form.mapping,
        aggregate=form.aggregate,
        mode=_mode(form),
        dry_run=form.dry_run,
        default_location_id=form.default_location_id,
        accept_shrinkage=form.accept_shrinkage,
    )
    kind = run_kind(options.kind)
    if options.aggregate is not None and options.aggregate not in kind.fields:
        raise ModeNotForKind("form/aggregate", f"aggregate=invoice_lines is for sales-history, not {form.kind}")
    fields = kind.mapped_fields(options.aggregate)
    parse_mapping(options.mapping, fields)
    parse_exclusions(options.mapping, fields)
    _check_default_location(context, options)
    file_name = form.file.filename or ""
    source_format = form.format or detect_format(file_name, first_bytes)
    notation = GivenNotation(form.decimal_mark, form.date_order)
    request = ImportRequest(options, source_format, _reading(form, source_format), notation, file_name[:200], upload="")
    digest = hashlib.sha256(json.dumps(request.to_parameters(), sort_keys=True).encode())
    content.seek(0)
    while block := content.read(_BLOCK_BYTES):
        digest.update(block)
    return Upload(content, request, digest.hexdigest())


def start_import(context: RequestContext, upload: Upload) -> Operation:
    """Store the file, then start the operation that reads it; the one of an earlier attempt where there is one."""
    tenant, operation_id = context.tenant, context.new_id()
    request = replace(upload.request, upload=uploads.object_name(tenant.client_id, operation_id))
    uploads.store(context.config, request.upload, upload.content)
    started = OperationRequest(
        request.operation_kind,
        "etl",
        _WORK_PATH,
        context.user_id,
        context.now,
        request.to_parameters(),
        operation_id,
    )
    return delivered(context.config, Operations(tenant).start(started))


def runs(
    tenant: Tenant, page: PageRequest, kinds: Iterable[ImportKind], statuses: Iterable[OperationStatus]
) -> Page[Operation]:
    """A page of the imports and syncs, the newest first; without kinds, of all of them."""
    of_kinds = tuple(kind for chosen in kinds for kind in (operation_kind(chosen), sync_kind(chosen)))
    families = () if of_kinds else FAMILIES
    return Operations(tenant).page(page, OperationFilter(of_kinds, tuple(statuses), families))


def run_of(tenant: Tenant, run_id: str) -> Operation:
    """The run; raises OperationNotFound, and RunNotFound for an operation that is no import."""
    operation = Operations(tenant).get(run_id)
    if operation.family not in FAMILIES:
        raise RunNotFound(f"no run {run_id!r}")
    return operation


def rejects(context: RequestContext, run_id: str, offset: int, size: int) -> tuple[int, list[Reject]]:
    """(total, rejects of one page) of a run, in the file's order; raises NotFound."""
    from shared.bigquery.import_queries import REJECTS
    from shared.bigquery.warehouse import Warehouse

    run = run_of(context.tenant, run_id)
    rows = Warehouse(context.config, context.tenant.client_id).rows(
        REJECTS,
        date=run.created_at.date(),
        run_id=run.id,
        size=size,
        offset=offset,
    )
    items = [
        Reject(
            row_number=row.row_number,
            check=row.check,
            field=row.field,
            reason=row.reason,
            record=json.loads(row.record),
        )
        for row in rows
    ]
    total = rows[0].total if rows else run.counts.rejected if run.counts else 0
    return total, items


_LAYOUT_OF = {
    "encoding": (SourceFormat.CSV,),
    "delimiter": (SourceFormat.CSV,),
    "header_row": (SourceFormat.CSV, SourceFormat.EXCEL),
    "sheet": (SourceFormat.EXCEL,),
}


def _reading(form: FileImportForm, source_format: SourceFormat) -> FileReading:
    """How the form says that the file is laid out; raises Invalid for what its format does not have."""
    for name, formats in _LAYOUT_OF.items():
        if getattr(form, name) is not None and source_format not in formats:
            allowed = " and ".join(found.value for found in formats)
            raise ModeNotForKind(f"form/{name}", f"{name} is for {allowed} files, this one is {source_format.value}")
    return FileReading(form.encoding, form.delimiter, form.header_row, form.sheet)


def _check_default_location(context: RequestContext, options: ImportOptions) -> None:
    """Raises Invalid for a default location of a kind whose records are not of one, and for one that is unknown."""
    location_id, pointer = options.default_location_id, "form/default_location_id"
    if location_id is None:
        return
    if options.kind not in KINDS_BY_LOCATION:
        kinds = ", ".join(KINDS_BY_LOCATION)
        raise ModeNotForKind(pointer, f"default_location_id is for {kinds}, not for {options.kind}")
    if not Locations(context.tenant).exists(location_id):
        raise LocationNotFound(location_id).at(pointer, "add it at /locations first")


def _mode(form: FileImportForm) -> WriteMode:
    """The mode that the form names, or the first one of its kind; raises Invalid for another kind's."""
    allowed = run_kind(form.kind).modes
    mode = form.mode or allowed[0]
    if mode not in allowed:
        raise ModeNotForKind("form/mode", f"mode={mode} is not for {form.kind}, whose mode is always {allowed[0]}")
    return mode
