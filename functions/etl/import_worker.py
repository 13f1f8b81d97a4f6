"""One attempt at an import, as Cloud Tasks asks for it: may be killed anywhere and run again with the same result."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from functions.etl import uploads
from shared.bigquery.warehouse import Warehouse
from shared.config import Config
from shared.domain.imports.record_fields import ImportKind
from shared.domain.operation import Operation
from shared.firestore.clients import Clients
from shared.firestore.tenant import Tenant
from shared.imports.column_mapping import bind
from shared.imports.import_request import ImportRequest
from shared.imports.import_run import ImportRun
from shared.imports.kinds.products import import_products
from shared.imports.kinds.sales import import_sales
from shared.imports.kinds.stock_levels import import_stock
from shared.imports.readers.formats import open_source
from shared.tasks.operations import Operations
from shared.tasks.starting import start_metrics_refresh
from shared.tasks.worker import Clock, OperationOutcome, Reporter, run

_IMPORTS = {
    ImportKind.SALES_HISTORY: import_sales,
    ImportKind.PRODUCTS: import_products,
    ImportKind.STOCK_LEVELS: import_stock,
}
_CHANGES = ("inserted", "updated", "deleted", "emptied")


def work_on_import(config: Config, tenant: Tenant, operation_id: str, clock: Clock) -> str:
    """Claim the import, do it, record the outcome; returns its status.

    Raises what shared.tasks.worker.run raises. What an attempt leaves behind (the upload, the staging table) is removed
    only once the operation is finished.
    """
    when_done = ExitStack()

    def work(operation: Operation, reporter: Reporter) -> OperationOutcome:
        outcome = _import(config, tenant, operation, reporter, when_done)
        changed = any(outcome.result.get(name) for name in _CHANGES)
        request = ImportRequest.from_parameters(operation.parameters)
        if changed and not request.dry_run:
            # Products and stock are read from their documents by a rebuild only; demand is read anew by every refresh.
            rebuild = request.kind is not ImportKind.SALES_HISTORY
            start_metrics_refresh(config, tenant, operation.created_by, clock(), rebuild=rebuild)
        return outcome

    status = run(Operations(tenant), operation_id, work, clock)
    when_done.close()
    uploads.remove(config, uploads.object_name(tenant.client_id, operation_id))
    return status


def _import(
    config: Config, tenant: Tenant, operation: Operation, reporter: Reporter, when_done: ExitStack
) -> OperationOutcome:
    request = ImportRequest.from_parameters(operation.parameters)
    with TemporaryDirectory(prefix="import-") as folder:
        path = Path(folder) / "upload"
        reporter.step("fetching")
        uploads.fetch(config, request.upload, path)
        source = open_source(path, request.source_format)
        attempt = ImportRun(
            id=operation.id,
            request=request,
            client=Clients(tenant.database).get(tenant.client_id),
            tenant=tenant,
            warehouse=Warehouse(config, tenant.client_id),
            source=source,
            bound=bind(request.bindings(), request.fields, source.header),
            folder=Path(folder),
            started_at=operation.created_at,
            begun=operation.result is not None,
            progress=reporter,
            when_done=when_done,
        )
        return _IMPORTS[request.kind](attempt)
