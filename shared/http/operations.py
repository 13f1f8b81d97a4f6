"""Operations as they are answered with: each kind with its own parameters and result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, Field, RootModel

from shared.domain.operation import Operation, OperationKind, OperationStatus, StepName
from shared.http.app import BodyModel
from shared.http.client_export_operation import ClientExportOperation
from shared.http.operation_fields import NoParameters, OperationFields, followed_at, shown_fields
from shared.http.operation_results import (
    EtlRunParameters,
    EtlRunResult,
    ForecastParameters,
    ForecastResult,
    ImportParameters,
    ImportResult,
    ProductsImportResult,
    RefreshParameters,
    RefreshResult,
    SalesImportResult,
    StockImportResult,
    SyncParameters,
    ValidationResult,
)
from shared.http.reply import Reply

_INNER_PARAMETERS = frozenset({"upload"})  # the name that a file has in our bucket


class ForecastOperation(OperationFields):
    """A requested forecast run."""

    kind: Literal["forecast"]
    parameters: ForecastParameters
    result: ForecastResult | None = Field(None, description="Once it has succeeded.")


class RefreshOperation(OperationFields):
    """A refresh of all metrics."""

    kind: Literal["metrics_refresh", "metrics_refresh.rebuild"]
    parameters: RefreshParameters
    result: RefreshResult | None = Field(None, description="Once it has succeeded.")


class SalesImport(OperationFields):
    """An import of sales history."""

    kind: Literal["etl_import.sales-history"]
    parameters: ImportParameters
    result: SalesImportResult | None = Field(None, description="From the moment on that it begins to write.")


class ProductsImport(OperationFields):
    """An import of products."""

    kind: Literal["etl_import.products"]
    parameters: ImportParameters
    result: ProductsImportResult | None = Field(None, description="From the moment on that it begins to write.")


class StockImport(OperationFields):
    """An import of stock levels, or of what customers have ordered of them."""

    kind: Literal["etl_import.stock-levels", "etl_import.committed"]
    parameters: ImportParameters
    result: StockImportResult | None = Field(None, description="From the moment on that it begins to write.")


class SalesSync(OperationFields):
    """A sync of sales history from a source."""

    kind: Literal["etl_sync.sales-history"]
    parameters: SyncParameters
    result: SalesImportResult | None = Field(None, description="From the moment on that it begins to write.")


class ProductsSync(OperationFields):
    """A sync of products from a source."""

    kind: Literal["etl_sync.products"]
    parameters: SyncParameters
    result: ProductsImportResult | None = Field(None, description="From the moment on that it begins to write.")


class StockSync(OperationFields):
    """A sync of stock levels, or of what customers have ordered of them, from a source."""

    kind: Literal["etl_sync.stock-levels", "etl_sync.committed"]
    parameters: SyncParameters
    result: StockImportResult | None = Field(None, description="From the moment on that it begins to write.")


class SyncedRecordsImport(OperationFields):
    """An import of what the client's own system keeps: locations, suppliers, and which of them sell which product."""

    kind: Literal["etl_import.locations", "etl_import.suppliers", "etl_import.product-suppliers"]
    parameters: ImportParameters
    result: ImportResult | None = Field(None, description="From the moment on that it begins to write.")


class SyncedRecordsSync(OperationFields):
    """A sync of locations, of suppliers, or of which of them sell which product, from a source."""

    kind: Literal["etl_sync.locations", "etl_sync.suppliers", "etl_sync.product-suppliers"]
    parameters: SyncParameters
    result: ImportResult | None = Field(None, description="From the moment on that it begins to write.")


ImportView = Annotated[
    SalesImport
    | ProductsImport
    | StockImport
    | SyncedRecordsImport
    | SalesSync
    | ProductsSync
    | StockSync
    | SyncedRecordsSync,
    Field(discriminator="kind"),
]


class RunStepView(BaseModel, from_attributes=True):
    """A step of a run."""

    name: StepName = Field(description="What the step does.")
    source_id: str | None = Field(None, description="The source that it reads; null where it reads none.")
    status: OperationStatus = Field(
        description="pending until its turn comes; cancelled without an operation: left out, `detail` says why."
    )
    operation_id: str | None = Field(None, description="The operation of its last attempt; null before the first.")
    attempts: int = Field(ge=0, description="How many operations have been started for it: one more with each retry.")
    detail: str | None = Field(None, description="Why it failed or was left out; null otherwise.")


class EtlRunOperation(OperationFields):
    """A run of the whole chain of a client: sources, checks, forecast, lists."""

    kind: Literal["etl_run"]
    parameters: EtlRunParameters
    result: EtlRunResult | None = Field(None, description="Once it has succeeded.")
    steps: list[RunStepView] = Field(description="In the order in which they are done.")


class ValidationOperation(OperationFields):
    """A validation of a client's data; /etl/validation has its report."""

    kind: Literal["etl_validation"]
    parameters: NoParameters
    result: ValidationResult | None = Field(None, description="Once it has succeeded.")


class OperationView(
    RootModel[
        Annotated[
            ForecastOperation
            | RefreshOperation
            | SalesImport
            | ProductsImport
            | StockImport
            | SyncedRecordsImport
            | SalesSync
            | ProductsSync
            | StockSync
            | EtlRunOperation
            | SyncedRecordsSync
            | ValidationOperation
            | ClientExportOperation,
            Field(discriminator="kind"),
        ]
    ]
):
    """An asynchronous run, of the kind that `kind` says."""


class TaskBody(BodyModel):
    """Body of a task from Cloud Tasks: the operation to work on."""

    client_id: str
    operation_id: str


class TaskResult(BaseModel):
    """The operation's status after this attempt."""

    status: OperationStatus


_VIEWS: Mapping[OperationKind, type[OperationFields]] = {
    OperationKind.FORECAST: ForecastOperation,
    OperationKind.METRICS_REFRESH: RefreshOperation,
    OperationKind.CATALOG_REBUILD: RefreshOperation,
    OperationKind.SALES_IMPORT: SalesImport,
    OperationKind.PRODUCTS_IMPORT: ProductsImport,
    OperationKind.STOCK_IMPORT: StockImport,
    OperationKind.COMMITTED_IMPORT: StockImport,
    OperationKind.LOCATIONS_IMPORT: SyncedRecordsImport,
    OperationKind.SUPPLIERS_IMPORT: SyncedRecordsImport,
    OperationKind.LINKS_IMPORT: SyncedRecordsImport,
    OperationKind.SALES_SYNC: SalesSync,
    OperationKind.PRODUCTS_SYNC: ProductsSync,
    OperationKind.STOCK_SYNC: StockSync,
    OperationKind.ETL_RUN: EtlRunOperation,
    OperationKind.COMMITTED_SYNC: StockSync,
    OperationKind.LOCATIONS_SYNC: SyncedRecordsSync,
    OperationKind.SUPPLIERS_SYNC: SyncedRecordsSync,
    OperationKind.LINKS_SYNC: SyncedRecordsSync,
    OperationKind.VALIDATION: ValidationOperation,
    OperationKind.CLIENT_EXPORT: ClientExportOperation,
}


def operation_view(operation: Operation) -> OperationFields:
    """What is answered with of an operation."""
    shown = shown_fields(operation)
    parameters = {name: value for name, value in operation.parameters.items() if name not in _INNER_PARAMETERS}
    if operation.kind == OperationKind.ETL_RUN:
        shown["steps"] = operation.steps
    return _VIEWS[OperationKind(operation.kind)].model_construct(
        kind=operation.kind, parameters=parameters, result=operation.result, **shown
    )


def accepted(operation: Operation) -> Reply:
    """202, with where to follow the operation."""
    return followed_at(operation, operation_view(operation))
