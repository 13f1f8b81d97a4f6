"""What the suppliers endpoints take and give.

Results of imported rows are TypedDicts: there may be 100,000, which go into the answer as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from shared.domain.imports.row_status import RowStatus
from shared.domain.money import round_money
from shared.domain.operation import Counts
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.supplier import MAX_LEAD_TIME_DAYS, MAX_ORDER_VALUE, MAX_SUPPLIER_ID_LENGTH, is_email
from shared.http.app import BodyModel
from shared.http.operations import CountsView
from shared.http.paging import TokenEnvelope, TokenPage
from shared.http.texts import Label, Line, Lines
from shared.http.types import Money, Quantity
from shared.http.uploads import UploadedFile
from shared.imports.import_options import ImportMode


def _email(text: str) -> str:
    if not is_email(text):
        raise ValueError("it is no email address, such as orders@example.com")
    return text


def _to_cents(value: Decimal) -> Decimal:
    return round_money(value)


class SupplierPath(BaseModel):
    supplier_id: Annotated[str, Field(min_length=1, max_length=MAX_SUPPLIER_ID_LENGTH)]


class SupplierQuery(TokenPage):
    search: Annotated[
        str | None, Field(max_length=200, description="Each word must begin a word of the name or the id.")
    ] = None


class SupplierBody(BodyModel):
    """All fields of a supplier except its id; omitted fields are null."""

    name: Label
    email: Annotated[Line, AfterValidator(_email)] | None = None
    phone: Line | None = None
    address: Lines | None = None
    contact_name: Line | None = None
    payment_terms: Line | None = None
    lead_time_days: Annotated[
        int | None, Field(ge=0, le=MAX_LEAD_TIME_DAYS, description="Days. The default for new links to products.")
    ] = None
    minimum_order_value: (
        Annotated[Money, Field(ge=0, le=MAX_ORDER_VALUE, decimal_places=2), AfterValidator(_to_cents)] | None
    ) = None
    note: Lines | None = None


class NewSupplier(SupplierBody):
    supplier_id: Annotated[Label | None, Field(description="Default: a generated id.")] = None


class SupplierView(BaseModel, from_attributes=True):
    supplier_id: str
    name: str
    email: str | None
    phone: str | None
    address: str | None
    contact_name: str | None
    payment_terms: str | None
    lead_time_days: int | None
    minimum_order_value: Money | None
    note: str | None
    is_synced: bool = Field(description="Maintained by the client's own system; not changed here.")
    created_at: dt.datetime | None


class SupplierPage(TokenEnvelope):
    """With a search of several words, a page may have fewer items than page_size although another page follows."""

    items: list[SupplierView]


class SuppliedProduct(BaseModel):
    """A product that the supplier sells, with its purchase terms."""

    item_id: str
    sku: str | None
    product_name: str | None = Field(description="null: the product is in no list yet")
    category: str | None
    lead_time_days: int
    moq: Quantity
    packaging_qty: Quantity
    supplier_cost: Money
    is_primary: bool


class SuppliedProductPage(TokenEnvelope):
    items: list[SuppliedProduct]


class PlacedOrder(BaseModel):
    """An order with the supplier."""

    id: str
    po_number: str
    status: OrderStatus
    order_date: dt.date
    expected_delivery_date: dt.date | None
    location_id: str | None
    line_count: int
    currency: str
    total_amount: Annotated[Money, Field(description="In `currency`")]


class SupplierDetail(SupplierView):
    products: list[SuppliedProduct] = Field(
        description="The first products by item_id; all of them at /suppliers/{supplier_id}/products."
    )
    more_products: bool
    orders: list[PlacedOrder] = Field(description="The latest orders, newest first.")


class CsvImportForm(BaseModel):
    """A CSV file, sent as multipart/form-data."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    file: Annotated[UploadedFile, Field(description="CSV in UTF-8 with commas and a header row; 100,000 rows at most.")]
    mode: Annotated[
        ImportMode,
        Field(
            description="all_or_nothing: a rejected row stops the import (422). accept_valid imports the other rows."
        ),
    ] = ImportMode.ALL_OR_NOTHING
    dry_run: Annotated[bool, Field(description="Return what would happen to each row, and write nothing.")] = False


class RowErrorView(TypedDict):
    """An error in a row. `field` is null if it concerns the whole row."""

    field: str | None
    code: str
    detail: str


class SupplierResult(TypedDict):
    """The result of a row. Rows are numbered as in a spreadsheet: the header is row 1."""

    row: int
    supplier_id: str | None
    status: RowStatus
    errors: list[RowErrorView]


class ConditionResult(SupplierResult):
    item_id: str | None


class StatusCounts(BaseModel):
    created: int
    updated: int
    unchanged: int
    rejected: int


class ImportSummary(BaseModel):
    dry_run: bool
    counts: CountsView
    statuses: StatusCounts
    operation_id: str | None = Field(
        description="The rebuild of all metrics that a large import starts; null otherwise."
    )


class SupplierImport(ImportSummary):
    results: list[SupplierResult]


class ConditionImport(ImportSummary):
    results: list[ConditionResult]


@dataclass(frozen=True)
class ImportAnswer:
    """What SupplierImport and ConditionImport describe; a result for each row, in the order of the file."""

    dry_run: bool
    counts: Counts
    statuses: StatusCounts
    operation_id: str | None
    results: Sequence[SupplierResult]
