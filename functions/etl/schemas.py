"""What the etl endpoints take and answer with."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from shared.domain.imports.given_mapping import MAX_MAPPING_LENGTH
from shared.domain.imports.given_notation import Delimiter, Encoding, GivenMark, GivenOrder, HeaderRow, Sheet
from shared.domain.imports.saved_mapping import DefaultLocation, KindMapping, SavedMapping
from shared.domain.imports.validation import Severity
from shared.domain.operation import OperationStatus
from shared.firestore.versioned import Versioned
from shared.http.app import BodyModel
from shared.http.operations import ImportView
from shared.http.paging import NumberedPage, PageEnvelope, TokenEnvelope, TokenPage
from shared.http.several import MAX_VALUES, SEVERAL
from shared.http.uploads import UploadedFile
from shared.imports.import_options import Aggregate, ImportKind, WriteMode
from shared.imports.readers.formats import SourceFormat

_MAPPING_HELP = """JSON object of target fields. `"units_sold": "Quantity"` reads a column;
`"location_id": {"column": "Country", "values": {"EIRE": "DUBLIN"}, "default": "LONDON"}` translates its values;
`"location_id": {"constant": "LONDON"}` gives every record the same value. A field
that is not named is read from the one column that has one of its names, in six languages (docs/imports.md).
Without a mapping the one that is saved for the kind is used (`/etl/mappings/{kind}`), with what is saved beside it and
not said here; an empty object leaves it aside.
`"exclude": [{"reason": "postage", "where": {"item_id":
{"matches": "^(POST|DOT)$"}}}]` leaves records out of which all conditions hold: `matches`, `not_matches` (regular
expressions), `empty` (true or false), `equals`, `below` (numbers).
Fields of sales-history: item_id, location_id, date_local, units_sold, price, revenue, promotion_flag,
holiday_flag, marketing_spend, stock_on_date; with aggregate=invoice_lines: invoice_no, item_id, location_id, date_local
(with the time of day), units_sold (negative on returns), price or revenue, customer_id, description.
Of products: item_id, sku, product_name, category, unit_cost, unit_price, strategic, and what is planned: service_level,
min_stock, max_stock, do_not_order, do_not_order_until, reason. Of stock-levels: item_id, location_id, current_stock; of
committed: item_id, location_id, committed (units promised to customers). Of locations: location_id, name, type
(warehouse or store), address, city, country. Of suppliers: supplier_id, external_id, name, contact_name, contact_email,
contact_phone, supplier_type, payment_terms, address, lead_time_days, minimum_order_value, notes. Of product-suppliers:
item_id, the supplier by supplier_id, external_id or supplier_name, supplier_cost, lead_time_days, moq, packaging_qty,
packaging_unit, supplier_sku, is_primary, notes."""


MAX_FILE_ROWS = 100_000
RecordValue = str | int | float | bool | None | list[str]


class FileImportForm(BaseModel):
    """A file and how to read it, sent as multipart/form-data."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    file: Annotated[
        UploadedFile,
        Field(
            description="CSV with a header row, whose separator is found, Excel (.xlsx) or Parquet; compressed (.gz) "
            "or not."
        ),
    ]
    kind: Annotated[ImportKind, Field(description="What the file holds.")]
    format: Annotated[
        SourceFormat | None, Field(description="Default: detected from the file's name, then from its content.")
    ] = None
    encoding: Encoding | None = None
    delimiter: Delimiter | None = None
    header_row: HeaderRow | None = None
    sheet: Sheet | None = None
    decimal_mark: GivenMark | None = None
    date_order: GivenOrder | None = None
    mapping: Annotated[str | None, Field(max_length=MAX_MAPPING_LENGTH, description=_MAPPING_HELP)] = None
    aggregate: Annotated[
        Aggregate | None,
        Field(
            description="`invoice_lines`: sales are lines of invoices or receipts. They are kept by invoice, and days "
            "summed from them: a day may come in several files, and a line of negative units takes back what its "
            "customer bought last. `none`: one record an item, location and day. Default: `invoice_lines` where the "
            "file has a column of invoice numbers."
        ),
    ] = None
    mode: Annotated[
        WriteMode | None,
        Field(
            description="For sales-history: `upsert` (default), or `replace` all days that the file spans. For "
            "stock-levels and committed: `replace` (default), the file is the full list, or `upsert`, it changes what "
            "it names."
        ),
    ] = None
    dry_run: Annotated[bool, Field(description="Check and count everything; write only the rejects.")] = False
    default_location_id: DefaultLocation | None = None
    accept_shrinkage: Annotated[
        bool,
        Field(description="What a file replaces may shrink by more than half, or to nothing: that is meant."),
    ] = False


class KindPath(BaseModel):
    kind: ImportKind = Field(description="What the files hold.")


class TemplateQuery(BaseModel):
    """Which template."""

    model_config = ConfigDict(extra="forbid")

    format: Annotated[
        Literal["csv", "xlsx"],
        Field(description="csv: the header alone. xlsx: a second sheet says what each column holds."),
    ] = "csv"
    aggregate: Annotated[
        Aggregate, Field(description="`invoice_lines`: sales as lines of invoices or receipts, not one record a day.")
    ] = Aggregate.NONE


class MappingBody(SavedMapping):
    """How the client's files of this kind are read."""


class MappingView(SavedMapping):
    """A saved mapping."""

    kind: ImportKind = Field(description="What the files hold.")
    created_at: dt.datetime | None = Field(description="When it was first saved, UTC.")
    updated_at: dt.datetime | None = Field(description="When it was last saved, UTC.")

    @classmethod
    def of(cls, mapping: Versioned[KindMapping]) -> MappingView:
        return cls(**mapping.value.saved.model_dump(), kind=ImportKind(mapping.value.kind), **mapping.moments())


class MappingPage(PageEnvelope):
    items: list[MappingView]


class ExportFilePath(BaseModel):
    export_id: Annotated[
        str, Field(max_length=100, pattern=r"^[A-Za-z0-9-]+$", description="The id of the export's operation.")
    ]
    file_name: Annotated[
        str, Field(max_length=100, pattern=r"^[a-z_]+\.(jsonl|parquet|json)$", description="One of the export's files.")
    ]


class DeletionsResult(BaseModel):
    due: int
    deleted: int


class RunQuery(TokenPage):
    """Filters narrow together, several values of one to any of them."""

    kind: Annotated[
        list[ImportKind] | None, SEVERAL, Field(max_length=MAX_VALUES, description="What the files hold.")
    ] = None
    status: Annotated[
        list[OperationStatus] | None, SEVERAL, Field(max_length=MAX_VALUES, description="How far the imports are.")
    ] = None


class RunPath(BaseModel):
    run_id: Annotated[str, Field(min_length=1, max_length=200, description="The import's id, that of its operation.")]


class ImportRunView(RootModel[ImportView]):
    """An import: an operation of one of the kinds that imports have."""


class ImportRunPage(TokenEnvelope):
    items: list[ImportView]


class RejectsQuery(NumberedPage):
    """One page of the rejects, or all of them as a file."""

    format: Annotated[
        Literal["json", "csv"] | None,
        Field(
            description=f"csv: the first {MAX_FILE_ROWS:,} rejects as a file, whatever the page. Default: what Accept "
            "asks for."
        ),
    ] = None


class Reject(BaseModel):
    """A record that was not imported."""

    row_number: int = Field(
        description="Where it stands, as a spreadsheet counts (the header is 1); in Parquet records are counted."
    )
    check: str = Field(description="The code of the check that it failed.")
    field: str | None = Field(description="The field that is wrong; null: the record as a whole.")
    reason: str = Field(description="What is wrong and what is allowed; meant for people.")
    record: dict[str, RecordValue] = Field(description="The record by the source's columns, as it was read.")


class ValidationFinding(BaseModel):
    """What a check has found. Checks that found nothing are not listed."""

    code: str = Field(description="The check; stable, meant for programs.")
    entity: str = Field(description="The kind of records that it is about.")
    severity: Severity = Field(
        description="error: advice is wrong until it is mended; warning: some of it may be; info: worth knowing."
    )
    count: int = Field(description="How often: items, records or days, as `meaning` says.")
    previous_count: int | None = Field(description="The count of the report before; null: there was none.")
    suspicious: bool = Field(description="Whether it is a change that should be looked at before orders are placed.")
    examples: list[str] = Field(description="At most five, the weightiest first.")
    meaning: str = Field(description="What it means for forecast and orders; meant for people.")


class ValidationSummary(BaseModel):
    """How many checks have found something."""

    error: int = Field(description="Of severity error.")
    warning: int = Field(description="Of severity warning.")
    info: int = Field(description="Of severity info.")


class ValidationReport(BaseModel):
    """Whether the client's data are fit to plan by."""

    as_of: dt.date = Field(description="The client's business date; sales are looked at up to the day before.")
    run_id: str = Field(description="The operation that made the report.")
    created_at: dt.datetime = Field(description="When it was asked for.")
    checks: list[ValidationFinding] = Field(description="What was found, the gravest first.")
    summary: ValidationSummary = Field(description="Counts of checks.")
    suspicious: bool = Field(description="Whether a check is.")


class RejectPage(PageEnvelope):
    items: list[Reject]


class EtlRunBody(BodyModel):
    """What the run reads; an empty object for what it reads every night."""

    source_ids: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=200)]] | None,
        Field(
            min_length=1,
            max_length=50,
            description="The sources that are read, also those that are not read daily; null: all that are.",
        ),
    ] = None


class DailyResult(BaseModel):
    """What a call of the scheduler has found and done."""

    due: int = Field(description="Clients whose day has come.")
    there: int = Field(description="Of these, how many had their run before.")
    started: int = Field(description="Runs that were started now.")
    waiting: int = Field(description="Clients whose run is started once another run of theirs has ended.")
