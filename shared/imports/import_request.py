"""What a caller asked to import, as it is kept in the operation until the import is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.domain.imports.record_fields import Field, ImportKind, fields_of
from shared.imports.column_mapping import ColumnBinding, parse_mapping
from shared.imports.readers.formats import SourceFormat


def operation_kind(kind: ImportKind) -> str:
    """The kind of operation that imports this kind of records."""
    return f"etl_import.{kind.value}"


OPERATION_KINDS = tuple(operation_kind(kind) for kind in ImportKind)


class Aggregate(StrEnum):
    """How sales come: one record per item, location and day, or invoice lines that are added up to it."""

    NONE = "none"
    INVOICE_LINES = "invoice_lines"


class WriteMode(StrEnum):
    """`upsert` adds and changes; `replace` also deletes what the file's window holds and the file does not."""

    UPSERT = "upsert"
    REPLACE = "replace"


@dataclass(frozen=True)
class ImportRequest:
    """One upload and how to read it. `mapping` is the caller's JSON; `upload` names the object in the bucket."""

    kind: ImportKind
    source_format: SourceFormat
    mapping: str | None
    aggregate: Aggregate
    mode: WriteMode
    dry_run: bool
    file_name: str
    upload: str

    @property
    def operation_kind(self) -> str:
        return operation_kind(self.kind)

    @property
    def fields(self) -> tuple[Field, ...]:
        return fields_of(self.kind, self.aggregate is Aggregate.INVOICE_LINES)

    def bindings(self) -> dict[str, ColumnBinding]:
        """The mapping, parsed; raises Invalid."""
        return parse_mapping(self.mapping, self.fields)

    def to_parameters(self) -> dict[str, Any]:
        """As the operation's parameters."""
        return {
            "kind": self.kind.value,
            "format": self.source_format.value,
            "mapping": self.mapping,
            "aggregate": self.aggregate.value,
            "mode": self.mode.value,
            "dry_run": self.dry_run,
            "file_name": self.file_name,
            "upload": self.upload,
        }

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> ImportRequest:
        """From an operation's parameters."""
        return cls(
            kind=ImportKind(parameters["kind"]),
            source_format=SourceFormat(parameters["format"]),
            mapping=parameters["mapping"],
            aggregate=Aggregate(parameters["aggregate"]),
            mode=WriteMode(parameters["mode"]),
            dry_run=parameters["dry_run"],
            file_name=parameters["file_name"],
            upload=parameters["upload"],
        )
