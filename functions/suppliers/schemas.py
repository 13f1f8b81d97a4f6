"""What the suppliers endpoints take and give.

Results of imported rows are TypedDicts: there may be 100,000, which go into the answer as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from typing_extensions import TypedDict

from shared.domain.imports.given_notation import Delimiter, Encoding, GivenMark
from shared.domain.imports.row_status import RowStatus
from shared.domain.money import round_money
from shared.domain.operation import Counts
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.supplier import (
    MAX_LEAD_TIME_DAYS,
    MAX_ORDER_VALUE,
    MAX_SUPPLIER_ID_LENGTH,
    Supplier,
    is_email,
)
from shared.firestore.versioned import Versioned
from shared.http.app import BodyModel
from shared.http.operation_fields import CountsView
from shared.http.paging import TokenEnvelope, TokenPage
from shared.http.texts import Identifier, Label, Line, Lines
from shared.http.types import Money, Quantity, UnitMoney
from shared.http.uploads import UploadedFile
from shared.imports.import_options import ImportMode


def _email(text: str) -> str:
    if not is_email(text):
        raise ValueError("it is no email address, such as orders@example.com")
    return text


def _to_cents(value: Decimal) -> Decimal:
    return round_money(value)


def any_of(values: object) -> object:
    """The values of a filter that may be repeated or have commas: each as it is, and each of its parts."""
    if not isinstance(values, list):
        return values
    parts = [part.strip() for value in values for part in (str(value), *str(value).split(","))]
    return list(dict.fromkeys(part for part in parts if part))


class SupplierPath(BaseModel):
    supplier_id: Annotated[
        str, Field(min_length=1, max_length=MAX_SUPPLIER_ID_LENGTH, description="The supplier's id here.")
    ]


_MAX_VALUES = 200
_Texts = Annotated[
    Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=_MAX_VALUES)] | None,
    BeforeValidator(any_of),
]


class SupplierQuery(TokenPage):
    """Filters narrow together; one that is repeated or has commas means any of its values. Ranges include their ends;
    a supplier without the number is in no range of it."""

    search: Annotated[
        str | None,
        Field(max_length=200, description="Each word must begin a word of the name, the id or the external_id."),
    ] = None
    supplier_id: Annotated[_Texts, Field(description="Any of these ids.")] = None
    external_id: Annotated[_Texts, Field(description="Any of these numbers of your own system.")] = None
    supplier_type: Annotated[_Texts, Field(description="Any of these types, whatever their case.")] = None
    is_synced: Annotated[bool | None, Field(description="Those that your own system maintains, or the others.")] = None
    min_lead_time_days: Annotated[int | None, Field(ge=0, le=MAX_LEAD_TIME_DAYS, description="Days, at least.")] = None
    max_lead_time_days: Annotated[int | None, Field(ge=0, le=MAX_LEAD_TIME_DAYS, description="Days, at most.")] = None
    min_minimum_order_value: Annotated[
        Money | None,
        Field(ge=0, le=MAX_ORDER_VALUE, decimal_places=2, description="In the client's currency, at least."),
    ] = None
    max_minimum_order_value: Annotated[
        Money | None,
        Field(ge=0, le=MAX_ORDER_VALUE, decimal_places=2, description="In the client's currency, at most."),
    ] = None
    sort: Annotated[
        str | None,
        Field(max_length=200, description="Fields separated by commas, `-` for descending. Default: name."),
    ] = None


class SupplierBody(BodyModel):
    """All fields of a supplier except its id; omitted fields are null."""

    name: Annotated[
        Label,
        Field(description="No two suppliers share a name; case, spaces and the form of characters make no difference."),
    ]
    external_id: Annotated[
        Identifier | None, Field(description="Its number in your own system; no two suppliers share one.")
    ] = None
    contact_name: Annotated[Line | None, Field(description="Whom to ask for.")] = None
    contact_email: Annotated[
        Annotated[Line, AfterValidator(_email)] | None, Field(description="Where orders are sent.")
    ] = None
    contact_phone: Annotated[Line | None, Field(description="Telephone number, as you write it.")] = None
    address: Annotated[Lines | None, Field(description="Postal address, in one or several lines.")] = None
    supplier_type: Annotated[
        Line | None, Field(description="Your own grouping, such as manufacturer or wholesaler.")
    ] = None
    payment_terms: Annotated[Line | None, Field(description="As agreed, such as 30 days net.")] = None
    lead_time_days: Annotated[
        int | None, Field(ge=0, le=MAX_LEAD_TIME_DAYS, description="Days. The default for new links to products.")
    ] = None
    minimum_order_value: Annotated[
        Annotated[Money, Field(ge=0, le=MAX_ORDER_VALUE, decimal_places=2), AfterValidator(_to_cents)] | None,
        Field(description="Least value of an order, in the client's currency; null: none."),
    ] = None
    notes: Annotated[Lines | None, Field(description="Anything else, for people.")] = None


class NewSupplier(SupplierBody):
    supplier_id: Annotated[Identifier | None, Field(description="Its id here; default: a generated one.")] = None


class SupplierView(BaseModel):
    supplier_id: Annotated[str, Field(description="Its id here, which links, orders and imports name.")]
    external_id: Annotated[str | None, Field(description="Its number in your own system; null: none.")]
    name: Annotated[str, Field(description="Its name, which no other supplier has.")]
    contact_name: Annotated[str | None, Field(description="Whom to ask for.")]
    contact_email: Annotated[str | None, Field(description="Where orders are sent.")]
    contact_phone: Annotated[str | None, Field(description="Telephone number.")]
    address: Annotated[str | None, Field(description="Postal address, in one or several lines.")]
    supplier_type: Annotated[str | None, Field(description="Your own grouping of suppliers.")]
    payment_terms: Annotated[str | None, Field(description="As agreed.")]
    lead_time_days: Annotated[int | None, Field(description="Days. The default for new links to products.")]
    minimum_order_value: Annotated[
        Money | None, Field(description="Least value of an order, in the client's currency; null: none.")
    ]
    notes: Annotated[str | None, Field(description="Anything else, for people.")]
    is_synced: Annotated[
        bool,
        Field(description="Maintained by your own system; here only contacts and notes may be changed."),
    ]
    created_at: Annotated[dt.datetime, Field(description="When it was added here, UTC.")]
    updated_at: Annotated[dt.datetime, Field(description="When it was last changed here, UTC.")]

    @classmethod
    def of(cls, supplier: Versioned[Supplier]) -> SupplierView:
        return cls.model_validate(vars(supplier.value) | supplier.moments())


class SupplierPage(TokenEnvelope):
    """With a search of several words, a page may have fewer items than page_size although another page follows."""

    items: list[SupplierView]


class SuppliedProduct(BaseModel):
    """A product that the supplier sells, with its purchase terms."""

    item_id: Annotated[str, Field(description="The product.")]
    sku: Annotated[str | None, Field(description="Its other name; null: none.")]
    product_name: Annotated[str | None, Field(description="null: the product is in no list yet.")]
    category: Annotated[str | None, Field(description="null: the product is in no list yet.")]
    supplier_sku: Annotated[str | None, Field(description="The product's number at the supplier; null: not known.")]
    lead_time_days: Annotated[int, Field(description="Days from order to receipt.")]
    moq: Annotated[Quantity, Field(description="Least quantity of an order, in units.")]
    packaging_unit: Annotated[str | None, Field(description="What it is packed in, such as a box; null: not known.")]
    packaging_qty: Annotated[Quantity, Field(description="Units in a pack; orders are multiples of it.")]
    supplier_cost: Annotated[UnitMoney, Field(description="What a unit costs, in the client's currency.")]
    is_primary: Annotated[bool, Field(description="Whether planning goes by this supplier.")]
    notes: Annotated[str | None, Field(description="Anything else, for people.")]
    is_synced: Annotated[bool, Field(description="Whether the link came from the client's own system.")]
    created_at: Annotated[dt.datetime, Field(description="When the supplier was linked, UTC.")]
    updated_at: Annotated[dt.datetime, Field(description="When the terms were last changed, UTC.")]


class SuppliedProductPage(TokenEnvelope):
    items: Annotated[list[SuppliedProduct], Field(description="The products of the page, by item_id.")]


class PlacedOrder(BaseModel):
    """An order with the supplier."""

    id: Annotated[str, Field(description="The order's id.")]
    po_number: Annotated[str, Field(description="Its number for people, such as PO-2026-000123.")]
    status: Annotated[OrderStatus, Field(description="How far it is.")]
    order_date: Annotated[dt.date, Field(description="The client's date on which it was placed.")]
    expected_delivery_date: Annotated[dt.date | None, Field(description="When it should arrive; null: not known.")]
    location_id: Annotated[str | None, Field(description="Where it is to arrive; null: nowhere named.")]
    line_count: Annotated[int, Field(description="Number of its lines.")]
    currency: Annotated[str, Field(description="ISO 4217 code of its money.")]
    total_amount: Annotated[Money, Field(description="Sum of its lines, in its currency.")]


class SupplierDetail(SupplierView):
    products: Annotated[
        list[SuppliedProduct],
        Field(description="The first products by item_id; all of them at /suppliers/{supplier_id}/products."),
    ]
    more_products: Annotated[bool, Field(description="Whether it sells more products than are shown.")]
    orders: Annotated[list[PlacedOrder], Field(description="The latest orders, newest first.")]


class CsvImportForm(BaseModel):
    """A CSV file, sent as multipart/form-data."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    file: Annotated[UploadedFile, Field(description="CSV with a header row; 100,000 rows at most.")]
    mode: Annotated[
        ImportMode,
        Field(
            description="all_or_nothing: a rejected row stops the import (422). accept_valid imports the other rows."
        ),
    ] = ImportMode.ALL_OR_NOTHING
    dry_run: Annotated[bool, Field(description="Return what would happen to each row, and write nothing.")] = False
    encoding: Encoding | None = None
    delimiter: Delimiter | None = None
    decimal_mark: GivenMark | None = None


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
    columns: dict[str, str] = Field(description="The column that each field was read from.")
    ignored_columns: list[str] = Field(description="Columns of the file that are no field.")
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
    columns: Mapping[str, str]
    ignored_columns: Sequence[str]
    operation_id: str | None
    results: Sequence[SupplierResult]
