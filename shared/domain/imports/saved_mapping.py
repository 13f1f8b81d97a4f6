"""How a client's files of one kind are laid out, written and mapped, kept so that no import has to say it again."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.domain.errors import NotFound
from shared.domain.imports.given_mapping import GivenMapping, mapping_text
from shared.domain.imports.given_notation import DateOrder, DecimalMark
from shared.domain.location import MAX_LOCATION_ID_LENGTH

_CHARACTER_SETS = re.compile(r"utf-(8|16|32)|cp\d|iso8859|koi8|mac-|ascii|gb|big5|shift_jis|euc_")


class MappingNotFound(NotFound):
    """The client has saved no mapping of this kind."""

    code = "mapping_not_found"

    def __init__(self, kind: str) -> None:
        super().__init__(f"no mapping of {kind} is saved")


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
DefaultLocation = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_LOCATION_ID_LENGTH,
        description="The location of records that name none: of a file without the column, and of its blank cells.",
    ),
]


class SavedMapping(BaseModel):
    """How the files of one kind are read. What is left out is found."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mapping: Annotated[
        GivenMapping,
        Field(
            description="Which column each field is read from, as in the mapping of an import: a column's name, or an "
            "object of column, values, default or constant; `exclude` lists the records to leave out."
        ),
    ] = {}
    encoding: Encoding | None = None
    delimiter: Delimiter | None = None
    header_row: HeaderRow | None = None
    sheet: Sheet | None = None
    decimal_mark: GivenMark | None = None
    date_order: GivenOrder | None = None
    default_location_id: DefaultLocation | None = None

    def mapping_text(self) -> str:
        """The mapping as the JSON that an import takes."""
        return mapping_text(self.mapping)


@dataclass(frozen=True)
class KindMapping:
    """The saved mapping of a kind of imports."""

    kind: str
    saved: SavedMapping
