"""Values that a document holds as text: dates and times in ISO 8601, decimals with all of their digits.

Which of its fields a collection keeps so is the collection's own: some keep times as timestamps of the database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Codec(Generic[T]):
    """How a value is kept: the identifier that its document is named for, its fields, and back.

    `decode` takes the fields as the library or `every_document` gives them.
    """

    identifier: Callable[[T], str]
    encode: Callable[[T], dict[str, Any]]
    decode: Callable[[Any], T]


def text(value: dt.date | Decimal | None) -> str | None:
    """A date, a time or a decimal as its text; None stays None."""
    if value is None:
        return None
    return str(value) if isinstance(value, Decimal) else value.isoformat()


def date(value: str | None) -> dt.date | None:
    return None if value is None else dt.date.fromisoformat(value)


def moment(value: str | None) -> dt.datetime | None:
    return None if value is None else dt.datetime.fromisoformat(value)


def decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
