"""What the kinds of operations are asked for (parameters) and what they leave (results).

Operations are answered with as they are stored; these models say in the document how that looks, and tests check each
answer against it.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, NotRequired

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from shared.domain.forecast_engine import FallbackReason

# As shared/imports has them, which this package does not import; a test compares them.
RecordKind = Literal[
    "sales-history", "products", "stock-levels", "committed", "locations", "suppliers", "product-suppliers"
]
FileFormat = Literal["csv", "excel", "parquet"]
Aggregation = Literal["none", "invoice_lines"]
Mode = Literal["upsert", "replace"]

MappingOrigin = Literal["given", "saved", "found"]
_MAPPING_SOURCE = (
    "Who says which columns are read: given, by the caller or the source of a sync; saved, by the client's mapping of "
    "this kind; found, nobody does."
)

Mark = Literal[".", ","]
Order = Literal["YMD", "DMY", "MDY"]

Count = Annotated[int, Field(ge=0)]


class ForecastParameters(BaseModel):
    items: int | None = Field(description="How many items are forecast; null: all of them.")
    horizon_days: int = Field(description="How many days ahead are forecast.")


class ForecastResult(BaseModel):
    """What a forecast run has published."""

    run_id: str = Field(description="The run's id at /forecast/{run_id}.")
    engine: str = Field(description="The engine that made it, of most series where several did.")
    requested_engine: str = Field(description="The engine that was asked for, by the request or by the settings.")
    fallback_reason: FallbackReason | None = Field(
        description="Why another engine made the run, or a part of it; null: the requested one did."
    )
    items: int = Field(description="Items with a forecast.")
    series: int = Field(description="Items, and items at their locations, with a forecast.")


class RefreshParameters(BaseModel):
    rebuild: bool = Field(description="Whether everything is read from its documents instead of the last snapshot.")


class RefreshResult(BaseModel):
    """What a metrics refresh has computed."""

    items: int = Field(description="Items with metrics.")
    rows: int = Field(description="Rows of items and of items at their locations.")
    metrics_rows_changed: int = Field(description="Rows of the history of metrics that differ from those of before.")
    as_of: dt.date = Field(description="The client's day that the metrics are of.")
    forecast_run_id: str | None = Field(description="The forecast run that they are computed from; null: none.")
    published: bool = Field(description="Whether lists show them; false: a newer refresh came first.")
    rebuilt: bool = Field(description="Whether everything was read from its documents.")


class EtlRunParameters(BaseModel):
    date: dt.date = Field(description="The client's day: what is forecast begins with it.")
    source_ids: list[str] | None = Field(description="The sources that were chosen; null: all that are read daily.")


class EtlRunResult(BaseModel):
    """What a run has done."""

    steps: Count = Field(description="How many steps it had; each has succeeded.")


class ValidationResult(BaseModel):
    """What a validation has found: how many checks of each severity."""

    error: Count = Field(description="Checks by which advice is wrong until it is mended.")
    warning: Count = Field(description="Checks by which some of it may be.")
    info: Count = Field(description="Checks that are worth knowing of.")
    suspicious: bool = Field(description="Whether something has changed that should be looked at before ordering.")


class ImportParameters(BaseModel):
    """What an import was asked to do."""

    kind: RecordKind = Field(description="What the file holds.")
    format: FileFormat = Field(description="The file's format.")
    encoding: str | None = Field(description="The encoding that a CSV file was said to have; null: to be found.")
    delimiter: str | None = Field(description="What was said to separate its cells; null: to be found.")
    header_row: int | None = Field(description="The row that was said to name the columns; null: to be found.")
    sheet: str | None = Field(description="The sheet that was said to hold the records; null: to be found.")
    decimal_mark: Mark | None = Field(description="The mark that was said to be decimal; null: to be found.")
    date_order: Order | None = Field(description="The order that dates were said to have; null: to be found.")
    mapping: str | None = Field(description="The mapping of columns, as JSON: that which was sent or saved.")
    mapping_source: MappingOrigin = Field(description=_MAPPING_SOURCE)
    aggregate: Aggregation | None = Field(description="Whether sales are invoice lines; null: to be found.")
    mode: Mode = Field(description="Whether stored records that the file lacks stay (upsert) or go (replace).")
    dry_run: bool = Field(description="Whether only the rejects are written.")
    default_location_id: str | None = Field(description="The location of records that name none; null: none.")
    accept_shrinkage: bool = Field(description="Whether a source that shrank by more than half is taken.")
    file_name: str = Field(description="The file's name.")


class SyncParameters(BaseModel):
    """What a sync was asked to do."""

    kind: RecordKind = Field(description="What is read.")
    source_id: str = Field(description="The source that it is read from.")
    start_date: dt.date | None = Field(description="The first day to read, of sales; null: what the watermark says.")
    end_date: dt.date | None = Field(description="The last day to read, of sales; null: the client's today.")
    mode: Mode = Field(description="Whether stored records that the source lacks stay (upsert) or go (replace).")
    dry_run: bool = Field(description="Whether only the rejects are written.")
    accept_shrinkage: bool = Field(description="Whether a source that has shrunk by more than half is taken.")


class FormatFound(TypedDict):
    """How a file is laid out and written, as it was found or said; null: it has no such thing."""

    name: Annotated[FileFormat, Field(description="The file's format.")]
    encoding: Annotated[str | None, Field(description="The encoding of a text file.")]
    delimiter: Annotated[str | None, Field(description="What separates the cells of a text file.")]
    header_row: Annotated[int | None, Field(description="The row that names the columns, from 1.")]
    sheet: Annotated[str | None, Field(description="The sheet of a workbook that was read.")]
    decimal_mark: Annotated[
        Mark | None, Field(description="The mark that is decimal in numbers written as text; null: none has one.")
    ]
    date_order: Annotated[
        Order | None, Field(description="The order of dates written in figures; null: they need none, or differ.")
    ]


class BoundColumn(TypedDict):
    """Where a field is read from, where it is more than the name of a column."""

    column: NotRequired[Annotated[str, Field(description="The column.")]]
    values: NotRequired[Annotated[dict[str, str], Field(description="What its values stand for.")]]
    default: NotRequired[Annotated[str, Field(description="What an empty cell stands for.")]]
    constant: NotRequired[Annotated[str, Field(description="The value of every record.")]]


Columns = dict[str, str | BoundColumn]
Cell = str | float | bool | None


class PreviewedRecord(TypedDict):
    """A record as it was given, and as it is understood."""

    row: Annotated[int, Field(description="Where it stands, as a spreadsheet counts.")]
    given: Annotated[dict[str, str | None], Field(description="Its cells, by the columns of the file.")]
    understood: Annotated[dict[str, Cell], Field(description="Its values, by field; null: none, or none that is read.")]


class OpenQuestion(TypedDict):
    """Two readings are possible; an import that is no dry run stops until a form field says which is meant."""

    code: Annotated[
        Literal["ambiguous_numbers", "ambiguous_dates", "ambiguous_encoding"],
        Field(description="What the question is about, the code that an import would fail with."),
    ]
    column: Annotated[str | None, Field(description="The column that it is about; null: the file.")]
    examples: Annotated[list[str], Field(description="Texts that have several readings.")]
    choices: Annotated[list[str], Field(description="The answers that are possible.")]
    form_field: Annotated[
        Literal["decimal_mark", "date_order", "encoding"], Field(description="The field of the form that answers it.")
    ]
    suggestion: Annotated[str | None, Field(description="The likely answer; null: nothing speaks for any.")]
    detail: Annotated[str, Field(description="The question, for people.")]


class ImportResult(TypedDict):
    """What every run says of its file, or of its source."""

    file_name: NotRequired[Annotated[str, Field(description="The file's name.")]]
    format: NotRequired[Annotated[FormatFound, Field(description="How the file is laid out and written.")]]
    source_id: NotRequired[Annotated[str, Field(description="The source that a sync has read.")]]
    mapping: Annotated[Columns, Field(description="The column that each field was read from.")]
    mapping_source: Annotated[MappingOrigin, Field(description=_MAPPING_SOURCE)]
    unclear_columns: Annotated[
        dict[str, list[str]], Field(description="Fields that were read from no column, as several may be meant.")
    ]
    preview: NotRequired[Annotated[list[PreviewedRecord], Field(description="Dry runs: the first ten records.")]]
    suggested_mapping: NotRequired[
        Annotated[Columns, Field(description="Dry runs: the mapping, with columns that may be meant for other fields.")]
    ]
    questions: NotRequired[
        Annotated[list[OpenQuestion], Field(description="Dry runs: what has to be said before an import is possible.")]
    ]
    dry_run: Annotated[bool, Field(description="Whether only the rejects were written.")]
    rejected_by_check: Annotated[
        dict[str, Count], Field(description="How many records each check rejected, by its code.")
    ]
    inserted: Annotated[int, Field(description="Stored records that are new; on a dry run those that would be.")]
    updated: Annotated[int, Field(description="Stored records that changed; on a dry run those that would.")]
    unchanged: Annotated[int, Field(description="Records that were stored already as they are in the file.")]


class ProductsImportResult(ImportResult):
    needs_review: Annotated[int, Field(description="Products that were written without a category or a unit_cost.")]


class StockImportResult(ImportResult):
    items: Annotated[int, Field(description="Items that the file lists.")]
    emptied: Annotated[
        int, Field(description="Items that the file, as a full list, leaves out: nothing is left of them.")
    ]
    kept: Annotated[
        int,
        Field(description="Quantities of an item at a location left as they were: a rejected row may be about them."),
    ]
    summed: Annotated[int, Field(description="Rows added to another one of their item and location, of other lots.")]


class Outlier(TypedDict):
    """A day on which an item sold far more than it usually does. It is kept."""

    item_id: Annotated[str, Field(description="The product's item_id.")]
    location_id: Annotated[str, Field(description="Where it was sold.")]
    date_local: Annotated[dt.date, Field(description="The day.")]
    units_sold: Annotated[float, Field(description="Units sold on this day.")]
    usual_units: Annotated[float, Field(description="Units that it usually sells on a day with a sale.")]


class Gap(TypedDict):
    """Days within the file's range on which nothing at all was sold."""

    from_date: Annotated[dt.date, Field(description="The first of them.")]
    to_date: Annotated[dt.date, Field(description="The last of them, included.")]


class Orphans(TypedDict):
    """Ids of items that are no product. Their sales are kept for when there is one."""

    count: Annotated[int, Field(description="How many there are.")]
    examples: Annotated[list[str], Field(description="At most 20 of them.")]


class SalesImportResult(ImportResult):
    orphans: Annotated[Orphans, Field(description="Items with sales that are no product of the client.")]
    daily_records: Annotated[int, Field(description="Records of one item, location and day that the file makes.")]
    deleted: Annotated[int, Field(description="Stored records of the file's range that a replacement removed.")]
    from_date: Annotated[dt.date | None, Field(description="The first day of the file; null: no record is accepted.")]
    to_date: Annotated[dt.date | None, Field(description="The last day of the file; null: no record is accepted.")]
    aggregate: Annotated[Aggregation, Field(description="Whether the sales were invoice lines.")]
    returned_units: Annotated[float, Field(description="Units that the file's returns took back of what was sold.")]
    summed: Annotated[int, Field(description="Records added to another one of their day, of another time.")]
    outliers: Annotated[int, Field(description="How many outliers there are.")]
    largest_outliers: Annotated[list[Outlier], Field(description="At most 20 of them, the largest first.")]
    gaps: Annotated[list[Gap], Field(description="Days without any record within the range.")]
    warnings: Annotated[list[str], Field(description="What a person should know, in sentences.")]
