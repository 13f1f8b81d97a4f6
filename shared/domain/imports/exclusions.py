"""Records of a client's system that are not what an import is about, as its mapping says: postage, vouchers, tests.

What a system invoices under the number of a product, and how it marks a booking of stock, is its own convention. So it
stands in the mapping of that client and in no rule of ours:

    {"exclude": [{"reason": "postage", "where": {"item_id": {"matches": "^(POST|DOT)$"}}}]}

excludes a record for which every condition under `where` holds. It is rejected with that reason, so that it is counted
and can be looked up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated

import polars as pl
from pydantic import AfterValidator, BaseModel, Field, model_validator

from shared.domain.imports.record_checks import Check
from shared.domain.imports.record_fields import Field as RecordField
from shared.domain.imports.record_fields import FieldType

MAX_EXCLUSIONS = 100
_MAX_PATTERN_LENGTH = 1000


def _pattern(text: str) -> str:
    try:
        pl.select(pl.lit("").str.contains(text))
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"no regular expression: {str(error).splitlines()[0]}") from None
    return text


# Of Rust's regex library, whose time grows with the length of the text alone, whatever the expression.
Pattern = Annotated[str, AfterValidator(_pattern), Field(min_length=1, max_length=_MAX_PATTERN_LENGTH)]


class Condition(BaseModel, extra="forbid", frozen=True):
    """What has to hold of one field; of several conditions all have to. An empty field only ever is `empty`."""

    matches: Annotated[Pattern | None, Field(description="A regular expression that is found in the text.")] = None
    not_matches: Annotated[Pattern | None, Field(description="A regular expression that is not found in it.")] = None
    empty: Annotated[bool | None, Field(description="Whether the field is empty.")] = None
    equals: Annotated[Decimal | None, Field(description="The number that it is.")] = None
    below: Annotated[Decimal | None, Field(description="A number that it is less than.")] = None

    @model_validator(mode="after")
    def _says_something(self) -> Condition:
        if all(value is None for value in self.__dict__.values()):
            raise ValueError("give one of `matches`, `not_matches`, `empty`, `equals`, `below`")
        return self

    @property
    def about_numbers(self) -> bool:
        """Whether it compares numbers."""
        return self.equals is not None or self.below is not None

    @property
    def about_texts(self) -> bool:
        """Whether it compares texts."""
        return self.matches is not None or self.not_matches is not None

    def holds(self, field: pl.Expr) -> pl.Expr:
        """True for a value of which it holds."""
        parts = []
        if self.matches is not None:
            parts.append(field.str.contains(self.matches))
        if self.not_matches is not None:
            parts.append(~field.str.contains(self.not_matches))
        if self.empty is not None:
            parts.append(field.is_null() if self.empty else field.is_not_null())
        if self.equals is not None:
            parts.append(field == self.equals)
        if self.below is not None:
            parts.append(field < self.below)
        return pl.all_horizontal(parts).fill_null(value=False)


class Exclusion(BaseModel, extra="forbid", frozen=True):
    """Records that are left out, and why."""

    reason: Annotated[str, Field(min_length=1, max_length=200, description="What such a record is, for people.")]
    where: Annotated[
        Mapping[str, Condition], Field(min_length=1, description="A condition for each of some target fields.")
    ]

    @property
    def check(self) -> Check:
        """As a check of an import; expects the typed columns of the fields."""
        named = next(iter(self.where))
        conditions = [condition.holds(pl.col(name)) for name, condition in self.where.items()]
        given = pl.col(named).cast(pl.String).fill_null("").str.slice(0, 80)
        message = pl.format("{} is excluded by the mapping: {}", given, pl.lit(self.reason))
        return Check("excluded", named, pl.all_horizontal(conditions), message)


def fault_of(exclusion: Exclusion, fields: Sequence[RecordField]) -> str | None:
    """Why these fields cannot be asked what the exclusion asks; None: they can."""
    types = {field.name: field.type for field in fields}
    for name, condition in exclusion.where.items():
        if name not in types:
            return f"unknown field {name!r}; allowed: {', '.join(types)}"
        if condition.about_numbers and types[name] is not FieldType.DECIMAL:
            return f"{name} is no number: `equals` and `below` compare numbers"
        if condition.about_texts and types[name] is not FieldType.TEXT:
            return f"{name} is no text: `matches` and `not_matches` look at texts"
    return None
