"""Records of a client's system that are not what an import is about, as its mapping says: postage, vouchers, tests.

What a system invoices under the number of a product, and how it marks a booking of stock, is its own convention. So it
stands in the mapping of that client and in no rule of ours:

    {"exclude": [{"reason": "postage", "where": {"item_id": {"matches": "^(POST|DOT)$"}}}]}

excludes a record for which every condition under `where` holds. It is rejected with that reason, so that it is counted
and can be looked up.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, model_validator

MAX_EXCLUSIONS = 100
MAX_CONDITIONS = 100
_MAX_PATTERN_LENGTH = 1000

FieldName = Annotated[str, Field(max_length=100)]


def _pattern(text: str) -> str:
    import polars as pl  # a cold start does without

    try:
        pl.select(pl.lit("").str.contains(text))
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"no regular expression: {str(error).splitlines()[0]}") from None
    return text


# Of Rust's regex library, whose time grows with the length of the text alone, whatever the expression.
Pattern = Annotated[str, AfterValidator(_pattern), Field(min_length=1, max_length=_MAX_PATTERN_LENGTH)]

Compared = Annotated[Decimal, Field(ge=-1_000_000_000_000, le=1_000_000_000_000)]


class Condition(BaseModel, extra="forbid", frozen=True):
    """What has to hold of one field; of several conditions all have to. An empty field only ever is `empty`."""

    matches: Annotated[Pattern | None, Field(description="A regular expression that is found in the text.")] = None
    not_matches: Annotated[Pattern | None, Field(description="A regular expression that is not found in it.")] = None
    empty: Annotated[bool | None, Field(description="Whether the field is empty.")] = None
    equals: Annotated[Compared | None, Field(description="The number that it is.")] = None
    below: Annotated[Compared | None, Field(description="A number that it is less than.")] = None

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


class Exclusion(BaseModel, extra="forbid", frozen=True):
    """Records that are left out, and why."""

    reason: Annotated[str, Field(min_length=1, max_length=200, description="What such a record is, for people.")]
    where: Annotated[
        dict[FieldName, Condition],
        Field(min_length=1, max_length=MAX_CONDITIONS, description="A condition for each of some target fields."),
    ]
