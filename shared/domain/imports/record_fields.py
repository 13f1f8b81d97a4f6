"""Which fields each kind of import has, and how their text becomes typed values.

Every source, a file or a table, delivers text or null per cell, so one set of rules reads them all. Parsing never
raises: text that is no value of the field's type becomes null, and `record_checks` says so in the reject.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from shared.domain.csv_cells import active_texts
from shared.domain.imports.written_dates import ISO, DateNotation, local_times
from shared.domain.imports.written_numbers import PLAIN, Measure, NumberNotation, decimals
from shared.domain.purchasing.product import MAX_ITEM_ID_LENGTH

# Longer text is refused before anything copies it: a crafted file may repeat one huge value a million times.
MAX_TEXT_LENGTH = MAX_ITEM_ID_LENGTH
_MAX_SCAN_LENGTH = 100  # of a number, a date or a flag

_ISO_DATE_TIME = (
    r"^(?<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?<time>\d{2}:\d{2}(?::\d{2})?)(?:[.,]\d{1,9})?"
    r" ?(?<zone>Z|UTC|[+-](?:(?:0\d|1[0-3]):?[0-5]\d|14:?00))?)?$"  # no place is further than 14 hours from UTC
)
EXACT = pl.Decimal(38, 12)
_WHITE_SPACE = r"[\s\p{Z}]+"
_TRUE = (
    *("true", "1", "yes", "y", "ja", "j", "wahr", "oui", "vrai", "si", "sí", "sì", "s", "verdadero", "vero", "waar"),
)
_FALSE = ("false", "0", "no", "n", "nein", "falsch", "non", "faux", "falso", "nee", "onwaar")


class FieldType(StrEnum):
    TEXT = "text"
    DECIMAL = "decimal"
    DATE_TIME = "date, or date and time"
    FLAG = "true or false"


@dataclass(frozen=True)
class Field:
    """A target field. Which names of columns are taken for it says column_names.py."""

    name: str
    type: FieldType = FieldType.TEXT
    required: bool = False
    # An identifier is taken as it is; in other text every run of white space, line breaks included, becomes a blank.
    identifier: bool = False
    # Decimals kept; more are rounded half-even, because binary floats in spreadsheets carry noise digits.
    scale: int = 0
    minimum: int | None = None
    maximum: int | None = None
    # Rounding may change the value by less than half a percent: what a unit costs is multiplied by thousands.
    precise: bool = False
    measure: Measure = Measure.NUMBER
    # For those who fill in a template: what it is, and a text that is read.
    meaning: str = ""
    example: str = ""

    @property
    def holds(self) -> str:
        """What a cell of it holds, with its unit, for people."""
        return self.measure.value if self.type is FieldType.DECIMAL else self.type.value


@dataclass(frozen=True)
class Notations:
    """How the columns of a source are written, by field; one that is not named is written as programs do."""

    numbers: Mapping[str, NumberNotation] = field(default_factory=dict)
    dates: Mapping[str, DateNotation] = field(default_factory=dict)


AS_PROGRAMS_WRITE = Notations()


def _number(
    name: str,
    scale: int,
    *,
    required: bool = False,
    minimum: int | None = 0,
    precise: bool = False,
    measure: Measure = Measure.UNITS,
    meaning: str = "",
    example: str = "",
) -> Field:
    # A billion units or pounds in one record is a mistake, and keeps products of two fields inside NUMERIC.
    return Field(
        name, FieldType.DECIMAL, required, False, scale, minimum, 1_000_000_000, precise, measure, meaning, example
    )


def _money(name: str, scale: int, *, meaning: str, example: str, precise: bool = False) -> Field:
    return _number(name, scale, precise=precise, measure=Measure.MONEY, meaning=meaning, example=example)


_ITEM = Field("item_id", required=True, identifier=True, example="TEA-250", meaning="Your number of the product.")
_LOCATION = Field("location_id", required=True, identifier=True, example="SHOP", meaning="The warehouse or shop.")
_DAY = Field(
    "date_local",
    FieldType.DATE_TIME,
    required=True,
    example="2024-06-03",
    meaning="The day, or day and time, in your own time zone.",
)

DAILY_SALES_FIELDS: tuple[Field, ...] = (
    _ITEM,
    _LOCATION,
    _DAY,
    _number("units_sold", 3, required=True, example="3", meaning="Units sold; of invoice lines negative on a return."),
    _money("price", 6, example="6.50", meaning="What a unit was sold for."),
    _money("revenue", 6, example="19.50", meaning="What all of its units were sold for."),
    Field("promotion_flag", FieldType.FLAG, example="no", meaning="Whether it was on promotion."),
    Field("holiday_flag", FieldType.FLAG, example="no", meaning="Whether it was a holiday."),
    _money("marketing_spend", 2, example="12.00", meaning="Spent on marketing it that day."),
    _number("stock_on_date", 3, example="37", meaning="Units in stock at the close of the day."),
)

# Invoice lines, aggregated by us: `units_sold` is negative on a return, `date_local` orders the lines of a day (with
# the `time` where a column of its own has it), a price that is missing is worked out from the line's `revenue`,
# `description` is there for exclusions: it tells services that are invoiced under the number of a product.
INVOICE_LINE_FIELDS: tuple[Field, ...] = (
    Field("invoice_no", required=True, example="R-1001", meaning="The invoice or receipt that the line is of."),
    _ITEM,
    _LOCATION,
    _DAY,
    Field("time", example="09:14", meaning="The time of day, where the date has none."),
    _number(
        "units_sold",
        3,
        required=True,
        minimum=-1_000_000_000,
        example="3",
        meaning="Units sold; of invoice lines negative on a return.",
    ),
    _money("price", 6, example="6.50", meaning="What a unit was sold for."),
    _number(
        "revenue",
        6,
        minimum=-1_000_000_000,
        measure=Measure.MONEY,
        example="19.50",
        meaning="What all of its units were sold for.",
    ),
    Field("customer_id", example="C-17", meaning="Who bought it."),
    Field("description", example="Assam tea, loose", meaning="What the line says, for exclusions."),
)

# What the client plans for the item itself (domain/purchasing/item_planning.py).
PLANNING_FIELDS: tuple[Field, ...] = (
    Field(
        "service_level",
        FieldType.DECIMAL,
        scale=6,
        minimum=0,
        maximum=1,
        example="0.95",
        meaning="The share of order cycles without a shortage, from 0 to 1.",
    ),
    _number("min_stock", 3, example="6", meaning="Units that are always to be there."),
    _number("max_stock", 3, example="120", meaning="Units that are never to be exceeded."),
    Field("do_not_order", FieldType.FLAG, example="no", meaning="Whether it is never to be ordered."),
    Field(
        "do_not_order_until", FieldType.DATE_TIME, example="2024-12-31", meaning="Until when it is not to be ordered."
    ),
    Field("reason", example="on display", meaning="Why it is planned so."),
)

PRODUCT_FIELDS: tuple[Field, ...] = (
    Field("item_id", required=True, identifier=True, example="TEA-250", meaning="Your number of the product."),
    Field("sku", example="4006381333931", meaning="A second number, such as the barcode."),
    Field("product_name", example="Assam tea, loose", meaning="Its name."),
    Field("category", example="Tea", meaning="What it is sorted under."),
    _money("unit_cost", 4, precise=True, example="2.85", meaning="What a unit costs you."),
    _money("unit_price", 4, precise=True, example="6.50", meaning="What a unit is sold for."),
    Field("strategic", FieldType.FLAG, example="no", meaning="Whether it is kept in stock even if it does not sell."),
    *PLANNING_FIELDS,
)

STOCK_FIELDS: tuple[Field, ...] = (
    _ITEM,
    _LOCATION,
    _number("current_stock", 3, required=True, example="40", meaning="Units in stock now."),
)

# What customers have ordered and not been sent.
COMMITTED_FIELDS: tuple[Field, ...] = (
    _ITEM,
    _LOCATION,
    _number("committed", 3, required=True, example="5", meaning="Units promised to customers and not shipped."),
)


def raw_name(field: Field) -> str:
    """The column that keeps a field's text beside its parsed value, for the messages of rejects."""
    return f"raw_{field.name}"


def exact_name(field: Field) -> str:
    """The column that keeps what a `precise` field says before it is rounded."""
    return f"exact_{field.name}"


def parse(
    frame: pl.DataFrame, fields: tuple[Field, ...], timezone: str, notations: Notations = AS_PROGRAMS_WRITE
) -> pl.DataFrame:
    """Add a typed column per field, from the text in its raw column.

    `date_local` is a Datetime in the client's `timezone`: a time given with an offset is converted, one without is
    local already. Text is stripped, and empty text is null. The apostrophe that our exports put in front of what a
    spreadsheet would run is taken off.
    """
    raw = [_raw(field) for field in fields]
    frame = frame.with_columns(raw)
    typed = [_typed(field, timezone, notations).alias(field.name) for field in fields]
    exact = [
        _decimal(_short(field), EXACT.scale, field, notations).alias(exact_name(field))
        for field in fields
        if field.precise
    ]
    return frame.with_columns(*typed, *exact)


def _raw(field: Field) -> pl.Expr:
    text = pl.col(raw_name(field)).str.strip_chars()
    if field.type is FieldType.TEXT:
        text = active_texts(text).str.strip_chars()
    return text.replace("", None)


def _typed(field: Field, timezone: str, notations: Notations) -> pl.Expr:
    text = pl.col(raw_name(field))
    if field.type is FieldType.TEXT:
        kept = text if field.identifier else text.str.replace_all(_WHITE_SPACE, " ")
        return pl.when(text.str.len_chars() <= MAX_TEXT_LENGTH).then(kept)
    short = _short(field)
    if field.type is FieldType.DECIMAL:
        return _decimal(short, field.scale, field, notations)
    if field.type is FieldType.FLAG:
        lower = short.str.to_lowercase()
        return pl.when(lower.is_in(_TRUE)).then(True).when(lower.is_in(_FALSE)).then(False)
    local = _local_date_time(short, timezone)
    notation = notations.dates.get(field.name, ISO)
    if notation.is_iso:
        return local
    written = short.map_batches(lambda texts: local_times(texts, notation), pl.Datetime("us"), is_elementwise=True)
    return pl.coalesce(local, written)


def _short(field: Field) -> pl.Expr:
    """The field's text, if it can be a number, a date or a flag by its length."""
    text = pl.col(raw_name(field))
    return pl.when(text.str.len_bytes() <= _MAX_SCAN_LENGTH).then(text)


def _decimal(text: pl.Expr, scale: int, field: Field, notations: Notations) -> pl.Expr:
    notation, type_ = notations.numbers.get(field.name, PLAIN), pl.Decimal(38, scale)
    if notation.is_plain:
        return text.cast(type_, strict=False)
    return text.map_batches(lambda texts: decimals(texts, notation, scale), type_, is_elementwise=True)


def _local_date_time(text: pl.Expr, timezone: str) -> pl.Expr:
    parts = text.str.extract_groups(_ISO_DATE_TIME)
    time = parts.struct.field("time").fill_null("00:00")
    written = pl.concat_str(
        parts.struct.field("day"),
        pl.lit("T"),
        time,
        pl.when(time.str.len_bytes() == 5).then(pl.lit(":00")).otherwise(pl.lit("")),
    )
    local = written.str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False)
    zone = parts.struct.field("zone").replace({"Z": "+0000", "UTC": "+0000"}).str.replace(":", "", literal=True)
    minutes = zone.str.slice(1, 2).cast(pl.Int64) * 60 + zone.str.slice(3, 2).cast(pl.Int64)
    sign = pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
    instant = (local - pl.duration(minutes=sign * minutes)).dt.replace_time_zone("UTC")
    converted = instant.dt.convert_time_zone(timezone).dt.replace_time_zone(None)
    return pl.when(zone.is_null()).then(local).otherwise(converted)
