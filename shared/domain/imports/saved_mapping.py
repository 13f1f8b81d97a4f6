"""How a client's files of one kind are laid out, written and mapped, kept so that no import has to say it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.errors import NotFound
from shared.domain.imports.given_mapping import GivenMapping, mapping_text
from shared.domain.imports.given_notation import Delimiter, Encoding, GivenMark, GivenOrder, HeaderRow, Sheet
from shared.domain.location import MAX_LOCATION_ID_LENGTH


class MappingNotFound(NotFound):
    """The client has saved no mapping of this kind."""

    code = "mapping_not_found"

    def __init__(self, kind: str) -> None:
        super().__init__(f"no mapping of {kind} is saved")


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
