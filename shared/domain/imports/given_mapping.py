"""A mapping of columns as the API takes and gives it. Without polars: a cold start reads it, a worker applies it."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from shared.domain.imports.exclusions import MAX_EXCLUSIONS, Exclusion, FieldName

ColumnName = Annotated[str, Field(max_length=300)]
_Value = Annotated[str, Field(max_length=500)]
_MAX_VALUES = 10_000
_MAX_FIELDS = 100
MAX_MAPPING_LENGTH = 100_000  # of its JSON


class MappedColumn(BaseModel):
    """Where one field comes from: a column, translated or not, or a constant."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: ColumnName | None = Field(None, description="The column that it is read from.")
    values: dict[_Value, _Value] | None = Field(None, max_length=_MAX_VALUES, description="What its values stand for.")
    default: _Value | None = Field(
        None, description="What stands for an empty cell, and with `values` for every value that they do not list."
    )
    constant: _Value | None = Field(None, description="One value for every record, instead of a column.")

    @model_validator(mode="after")
    def _one_origin(self) -> MappedColumn:
        if (self.column is None) == (self.constant is None):
            raise ValueError("give either `column` or `constant`")
        if self.constant is not None and (self.values or self.default is not None):
            raise ValueError("`values` and `default` go with `column`")
        return self

    @property
    def is_plain(self) -> bool:
        """Whether it reads a column as it is."""
        return self.column is not None and self.values is None and self.default is None


GivenMapping = Annotated[
    dict[FieldName, ColumnName | MappedColumn | Annotated[list[Exclusion], Field(max_length=MAX_EXCLUSIONS)]],
    Field(max_length=_MAX_FIELDS),
]
_JSON: TypeAdapter[Any] = TypeAdapter(GivenMapping)


def mapping_text(mapping: GivenMapping) -> str:
    """The mapping as the JSON that an import takes."""
    return json.dumps(_JSON.dump_python(mapping, mode="json", exclude_none=True), ensure_ascii=False)
