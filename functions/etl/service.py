"""Imports: take the file and start an operation; work on it, safe to repeat; look up what became of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import IO

from functions.etl import mappings, uploads
from functions.etl.import_checks import ModeNotForKind, check_default_location, mode_of, reading_of
from functions.etl.import_request import ImportRequest, operation_kind
from functions.etl.schemas import FileImportForm, Reject
from functions.etl.syncing import sync_kind
from shared.domain.errors import NotFound
from shared.domain.imports.given_notation import GivenNotation
from shared.domain.imports.import_errors import EmptyFile
from shared.domain.operation import Operation, OperationFilter, OperationRequest, OperationStatus
from shared.firestore.page import Page, PageRequest
from shared.firestore.tenant import Tenant
from shared.imports.import_options import ImportKind, ImportOptions, MappingSource
from shared.imports.readers.formats import detect_format
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


@dataclass(frozen=True)
class Upload:
    """A file that was sent, and what to do with it. `fingerprint` tells two different requests apart."""

    content: IO[bytes]
    request: ImportRequest
    fingerprint: str


def checked_upload(context: RequestContext, form: FileImportForm) -> Upload:
    """What the caller sent, as far as it can be judged at once; raises Invalid."""
    from shared.imports.column_mapping import parse_mapping

    content = form.file.stream
    first_bytes = content.read(16)
    if not first_bytes:
        raise EmptyFile(f"file {form.file.filename!r} is empty").at("form/file")
    options = ImportOptions(
        kind=form.kind,
        mapping=form.mapping,
        aggregate=form.aggregate,
        mode=mode_of(form),
        dry_run=form.dry_run,
        default_location_id=form.default_location_id,
        accept_shrinkage=form.accept_shrinkage,
        mapping_source=MappingSource.FOUND if form.mapping is None else MappingSource.GIVEN,
    )
    kind = run_kind(options.kind)
    if options.aggregate is not None and options.aggregate not in kind.fields:
        raise ModeNotForKind("form/aggregate", f"aggregate=invoice_lines is for sales-history, not {form.kind}")
    parse_mapping(options.mapping, kind.mapped_fields(options.aggregate))
    check_default_location(context, options.kind, options.default_location_id)
    file_name = form.file.filename or ""
    source_format = form.format or detect_format(file_name, first_bytes)
    notation = GivenNotation(form.decimal_mark, form.date_order)
    request = ImportRequest(
        options, source_format, reading_of(form, source_format), notation, file_name[:200], upload=""
    )
    digest = hashlib.sha256(json.dumps(request.to_parameters(), sort_keys=True).encode())
    content.seek(0)
    while block := content.read(_BLOCK_BYTES):
        digest.update(block)
    return Upload(content, request, digest.hexdigest())


def start_import(context: RequestContext, upload: Upload) -> Operation:
    """Store the file, then start the operation that reads it; the one of an earlier attempt where there is one.

    Where the caller says nothing of it, the file is read as the client's saved mapping says; raises Invalid.
    """
    tenant, operation_id = context.tenant, context.new_id()
    request = mappings.completed(context, upload.request)
    request = replace(request, upload=uploads.object_name(tenant.client_id, operation_id))
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
