"""How a source is said to be laid out, and to write numbers and dates. Without polars: forms of cold starts have it."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

DecimalMark = Literal[".", ","]
DECIMAL_MARKS: tuple[DecimalMark, ...] = (".", ",")
DateOrder = Literal["YMD", "DMY", "MDY"]
DATE_ORDERS: tuple[DateOrder, ...] = ("YMD", "DMY", "MDY")

_CHARACTER_SETS = re.compile(r"utf-(8|16|32)|cp\d|iso8859|koi8|mac-|ascii|gb|big5|shift_jis|euc_")


def _known_encoding(name: str) -> str:
    try:
        found = codecs.lookup(name).name
    except LookupError:
        found = ""
    if not _CHARACTER_SETS.match(found):
        raise ValueError(f"unknown encoding {name!r}; allowed: utf-8, utf-16, cp1250 to cp1258, iso-8859-1 to 16, ...")
    return found


Encoding = Annotated[
    str,
    AfterValidator(_known_encoding),
    Field(max_length=40, description="Of a CSV file, such as cp1250 or utf-8. Default: found."),
]
Delimiter = Annotated[
    Literal[",", ";", "\t", "|"], Field(description="What separates cells of a CSV file. Default: found.")
]
HeaderRow = Annotated[int, Field(ge=1, le=1000, description="The row that names the columns, from 1. Default: found.")]
Sheet = Annotated[
    str, Field(min_length=1, max_length=100, description="A sheet of Excel, by name or number. Default: found.")
]
GivenMark = Annotated[
    DecimalMark, Field(description="Which mark is decimal in numbers written as text. Default: found, or asked.")
]
GivenOrder = Annotated[
    DateOrder,
    Field(description="How dates written in figures name year, month and day. Default: found, or asked."),
]


@dataclass(frozen=True)
class GivenNotation:
    """What the caller says; None: it is found."""

    decimal_mark: DecimalMark | None = None
    date_order: DateOrder | None = None


FOUND = GivenNotation()
