"""What a caller asked to import, as it is kept in the operation until the import is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from shared.domain.imports.given_notation import GivenNotation
from shared.domain.imports.saved_mapping import SavedMapping
from shared.domain.operation import OperationKind
from shared.imports.import_options import Aggregate, ImportKind, ImportOptions, MappingSource, WriteMode
from shared.imports.readers.file_reading import FileReading
from shared.imports.readers.formats import SourceFormat

# Which part of a FileReading a file of which format has.
LAYOUT_OF: Mapping[str, tuple[SourceFormat, ...]] = {
    "encoding": (SourceFormat.CSV,),
    "delimiter": (SourceFormat.CSV,),
    "header_row": (SourceFormat.CSV, SourceFormat.EXCEL),
    "sheet": (SourceFormat.EXCEL,),
}


def operation_kind(kind: ImportKind) -> OperationKind:
    """The kind of operation that imports this kind of records."""
    return OperationKind(f"etl_import.{kind.value}")


@dataclass(frozen=True)
class ImportRequest:
    """One uploaded file, how it is said to be laid out and written, and what to do with its records. `upload` names the
    object in the bucket."""

    options: ImportOptions
    source_format: SourceFormat
    reading: FileReading
    notation: GivenNotation
    file_name: str
    upload: str

    @property
    def operation_kind(self) -> OperationKind:
        return operation_kind(self.options.kind)

    def completed_by(self, saved: SavedMapping) -> ImportRequest:
        """The request with what is saved, where it says nothing itself and its file's format has such a thing."""
        options = replace(
            self.options,
            mapping=saved.mapping_text(),
            mapping_source=MappingSource.SAVED,
            default_location_id=self.options.default_location_id or saved.default_location_id,
        )
        said = {
            name: getattr(self.reading, name) or (getattr(saved, name) if self.source_format in formats else None)
            for name, formats in LAYOUT_OF.items()
        }
        notation = GivenNotation(
            self.notation.decimal_mark or saved.decimal_mark, self.notation.date_order or saved.date_order
        )
        return replace(self, options=options, reading=FileReading(**said), notation=notation)

    def to_parameters(self) -> dict[str, object]:
        """As the operation's parameters."""
        return {
            "kind": self.options.kind.value,
            "format": self.source_format.value,
            "encoding": self.reading.encoding,
            "delimiter": self.reading.delimiter,
            "header_row": self.reading.header_row,
            "sheet": self.reading.sheet,
            "decimal_mark": self.notation.decimal_mark,
            "date_order": self.notation.date_order,
            "mapping": self.options.mapping,
            "mapping_source": self.options.mapping_source.value,
            "aggregate": self.options.aggregate and self.options.aggregate.value,
            "mode": self.options.mode.value,
            "dry_run": self.options.dry_run,
            "default_location_id": self.options.default_location_id,
            "accept_shrinkage": self.options.accept_shrinkage,
            "file_name": self.file_name,
            "upload": self.upload,
        }

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> ImportRequest:
        """From an operation's parameters."""
        aggregate = parameters["aggregate"]
        options = ImportOptions(
            kind=ImportKind(parameters["kind"]),
            mapping=parameters["mapping"],
            aggregate=None if aggregate is None else Aggregate(aggregate),
            mode=WriteMode(parameters["mode"]),
            dry_run=parameters["dry_run"],
            default_location_id=parameters["default_location_id"],
            accept_shrinkage=parameters["accept_shrinkage"],
            mapping_source=MappingSource(parameters["mapping_source"]),
        )
        return cls(
            options,
            SourceFormat(parameters["format"]),
            FileReading(*(parameters[name] for name in ("encoding", "delimiter", "header_row", "sheet"))),
            GivenNotation(parameters["decimal_mark"], parameters["date_order"]),
            parameters["file_name"],
            parameters["upload"],
        )
