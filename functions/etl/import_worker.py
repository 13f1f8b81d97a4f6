"""One attempt at an import, as Cloud Tasks asks for it: may be killed anywhere and run again with the same result."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from functions.etl import uploads
from functions.etl.import_request import ImportRequest
from shared.bigquery.warehouse import Warehouse
from shared.config import Config
from shared.domain.imports.import_errors import NothingAccepted
from shared.domain.operation import Operation, OperationStatus
from shared.firestore.clients import Clients
from shared.firestore.tenant import Tenant
from shared.imports.column_mapping import parse_mapping
from shared.imports.import_run import ImportRun
from shared.imports.readers.formats import open_file
from shared.imports.record_stream import stream_of
from shared.imports.run_kinds import run_kind
from shared.tasks.delivery import deliver
from shared.tasks.metrics_refresh import RefreshRequest
from shared.tasks.operations import Operations
from shared.tasks.worker import Clock, OperationOutcome, Reporter, run

_CHANGES = ("inserted", "updated", "deleted", "emptied")


def work_on_import(config: Config, tenant: Tenant, operation_id: str, clock: Clock) -> OperationStatus:
    """Claim the import, do it, record the outcome; returns its status: running until lists show what it changed.

    Raises what shared.tasks.worker.run raises. What an attempt leaves behind (the upload, the staging table) is removed
    only once all is stored.
    """
    when_done = ExitStack()

    def work(operation: Operation, reporter: Reporter) -> OperationOutcome | None:
        outcome = _import(config, tenant, operation, reporter, when_done)
        options = ImportRequest.from_parameters(operation.parameters).options
        if options.dry_run or not any(outcome.result.get(name) for name in _CHANGES):
            return outcome
        rebuild = run_kind(options.kind).rebuilds_catalog
        deliver(config, reporter.await_refresh(RefreshRequest(operation.created_by, clock(), rebuild), outcome))
        return None

    status = run(Operations(tenant), operation_id, work, clock)
    when_done.close()
    uploads.remove(config, uploads.object_name(tenant.client_id, operation_id))
    return status


def _import(
    config: Config, tenant: Tenant, operation: Operation, reporter: Reporter, when_done: ExitStack
) -> OperationOutcome:
    request = ImportRequest.from_parameters(operation.parameters)
    options = request.options
    kind = run_kind(options.kind)
    fields = kind.fields[options.aggregate]
    with TemporaryDirectory(prefix="import-") as folder:
        path = Path(folder) / "upload"
        reporter.step("fetching")
        uploads.fetch(config, request.upload, path)
        client = Clients(tenant.database).get(tenant.client_id)
        source = open_file(path, request.source_format, request.reading)
        attempt = ImportRun(
            id=operation.id,
            options=options,
            client=client,
            tenant=tenant,
            warehouse=Warehouse(config, tenant.client_id),
            stream=stream_of(source, parse_mapping(options.mapping, fields), fields, client.timezone),
            source_report={"file_name": request.file_name, "format": request.source_format.value},
            folder=Path(folder),
            started_at=operation.created_at,
            begun=operation.result is not None,
            progress=reporter,
            when_done=when_done,
        )
        outcome = kind.work(attempt)
    counts = outcome.counts
    if counts is not None and counts.read > 0 and counts.accepted == 0 and not options.dry_run:
        checks = outcome.result["rejected_by_check"]
        raise NothingAccepted(
            f"none of the {counts.read} records could be taken: "
            f"{', '.join(f'{count} x {check}' for check, count in checks.items())}; the rejects say why"
        )
    return outcome
