"""The filters of product lists as parameters of a query or fields of a body: one for each column of a row, and a few
that are about several. They are made from the columns, so that what a row shows can be filtered by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, TypeVar, get_args

import polars as pl
from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema, create_model
from pydantic.fields import FieldInfo

from shared.catalog.alert_conditions import AlertCode
from shared.catalog.listing import LARGEST_BOUND, ProductFilter
from shared.catalog.schema import PUBLIC_COLUMNS
from shared.http.product_row import ProductRow

Base = TypeVar("Base", bound=BaseModel)

MAX_VALUES = 200
_MAX_TEXT_LENGTH = 4000  # several values with commas between them


def _split(values: object) -> object:
    """`status=a,b` and `status=a&status=b` mean the same."""
    return [part for value in values for part in str(value).split(",")] if isinstance(values, list) else values


def with_product_filters(base: type[Base]) -> type[Base]:
    """`base` with the filters of product lists as fields, none of them required."""
    fields: dict[str, Any] = dict(_fields())
    return create_model(f"Filtered{base.__name__}", __base__=base, __module__=__name__, **fields)


def product_filter(filters: BaseModel) -> ProductFilter:
    """What such a model asks for."""
    given = {name: value for name in _COLUMNS_OF if (value := getattr(filters, name)) is not None}
    parts: dict[str, Any] = {"any_of": {}, "flags": {}, "least": {}, "most": {}}
    for name, value in given.items():
        part, column = _COLUMNS_OF[name]
        parts[part][column] = [_text(each) for each in value] if part == "any_of" else value
    return ProductFilter(**parts, **{name: getattr(filters, name) for name in _OTHERS})


def _text(value: str | Enum) -> str:
    return value.value if isinstance(value, Enum) else value


def _fields() -> Iterator[tuple[str, tuple[Any, Any]]]:
    yield from _OTHERS.items()
    for name, (part, column) in _COLUMNS_OF.items():
        shown = ProductRow.model_fields[column]
        kind, about = _kind_of(shown), shown.description
        if part == "any_of":
            yield name, (_any_of(kind), Field(None, max_length=MAX_VALUES, description=f"Any of these. {about}."))
        elif part == "flags":
            yield name, (bool | None, Field(None, description=f"{about}."))
        else:
            end = "At least" if part == "least" else "At most"
            yield name, (_bound(kind, shown), Field(None, description=f"{end} this. {about}."))


def _any_of(kind: Any) -> Any:
    if issubclass(kind, Enum):
        return Annotated[list[kind] | None, BeforeValidator(_split)]
    return list[Annotated[str, Field(max_length=_MAX_TEXT_LENGTH)]] | None


def _bound(kind: Any, shown: FieldInfo) -> Any:
    if kind is dt.date:
        return dt.date | None
    limits = [part for part in shown.metadata if not isinstance(part, WithJsonSchema)]
    if not limits:
        limits = [Field(ge=-LARGEST_BOUND, le=LARGEST_BOUND)]
        if kind is Decimal:  # whose own schema allows texts
            limits.append(WithJsonSchema({"type": "number", "minimum": -LARGEST_BOUND, "maximum": LARGEST_BOUND}))
    return Annotated[(kind, *limits)] | None


def _kind_of(shown: FieldInfo) -> Any:
    """The type of a column's values, without null."""
    kinds = [kind for kind in get_args(shown.annotation) if kind is not type(None)]
    return kinds[0] if kinds else shown.annotation


def _columns_of() -> Iterator[tuple[str, tuple[str, str]]]:
    for column, kind in PUBLIC_COLUMNS.items():
        if kind == pl.String:
            yield column, ("any_of", column)
        elif kind == pl.Boolean:
            yield column, ("flags", column)
        else:
            yield f"min_{column}", ("least", column)
            yield f"max_{column}", ("most", column)


# Which part of a ProductFilter a parameter is, and of which column.
_COLUMNS_OF = dict(_columns_of())
_OTHERS: dict[str, tuple[Any, Any]] = {
    "search": (
        str | None,
        Field(
            None,
            max_length=200,
            description="Text in item_id, sku, name or category, whatever its case, accents and typographic signs.",
        ),
    ),
    "dead_stock": (bool | None, Field(None, description="Whether the status is dead_stock.")),
    "do_not_order": (
        bool | None,
        Field(None, description="Whether its planning says not to order it now."),
    ),
    "alert": (
        AlertCode | None,
        Field(None, description="Whether the dashboard's alert of this code counts it."),
    ),
    "marketing_threshold": (
        Literal["below", "above"] | None,
        Field(
            None,
            description="Whether DIR is below or above marketing_threshold_days of the settings; stock of which "
            "nothing is expected to sell is above.",
        ),
    ),
}
