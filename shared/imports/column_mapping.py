"""Which column of a source each target field is read from, as the caller's `mapping` says.

A mapping is a JSON object of target fields: `"Menge"` reads the field from that column;
`{"column": "country", "values": {"EIRE": "DUBLIN"}, "default": "LONDON"}` translates its values;
`{"constant": "LONDON"}` gives every record the same. A field that is not named is read from the column that has one
of its names (column_finding.py), when the source has just one. Its entry `exclude` is no field: it says which records
are left out (shared/domain/imports/exclusions.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from pydantic import ValidationError

from shared.domain.errors import InvalidField, UnknownField
from shared.domain.imports.exclusion_checks import fault_of
from shared.domain.imports.exclusions import MAX_EXCLUSIONS, Exclusion
from shared.domain.imports.given_mapping import MappedColumn
from shared.domain.imports.import_errors import InvalidBinding, InvalidMapping, MissingColumns
from shared.domain.imports.record_fields import Field, raw_name
from shared.imports.column_finding import FoundColumns, find_columns, suggested_columns

EXCLUDE = "exclude"  # the entry of a mapping that is no field
_SHOWN_COLUMNS = 30


@dataclass(frozen=True)
class ColumnMapping:
    """What a caller says of the columns: where fields are read from, and which records are left out."""

    bindings: Mapping[str, MappedColumn]
    exclusions: Sequence[Exclusion]

    @property
    def columns(self) -> list[str]:
        """The columns that it names."""
        return [binding.column for binding in self.bindings.values() if binding.column is not None]


NO_MAPPING = ColumnMapping({}, ())


def parse_mapping(text: str | None, fields: Sequence[Field]) -> ColumnMapping:
    """The caller's mapping; raises Invalid naming every entry that cannot be used and what is allowed."""
    names = [field.name for field in fields]
    entries = _entries(text)
    exclusions = _exclusions(entries.pop(EXCLUDE, []), fields)
    bindings: dict[str, MappedColumn] = {}
    errors: list[InvalidField] = []
    for name, binding in entries.items():
        pointer = f"form/mapping/{name}"
        if name not in names:
            errors.append(UnknownField(f"unknown field {name!r}; allowed: {', '.join(names)}").at(pointer))
            continue
        try:
            entry = {"column": binding} if isinstance(binding, str) else binding
            bindings[name] = MappedColumn.model_validate(entry)
        except ValidationError as error:
            reasons = "; ".join(reason["msg"] for reason in error.errors())
            errors.append(InvalidBinding(pointer, f"{name}: {reasons}"))
    if errors:
        raise InvalidMapping(
            "; ".join(error.detail for error in errors[:3]), errors=[part for error in errors for part in error.errors]
        )
    return ColumnMapping(bindings, exclusions)


def _exclusions(entries: object, fields: Sequence[Field]) -> list[Exclusion]:
    if not isinstance(entries, list) or len(entries) > MAX_EXCLUSIONS:
        raise _invalid_exclusion("", f"{EXCLUDE} is a list of at most {MAX_EXCLUSIONS} exclusions")
    exclusions: list[Exclusion] = []
    for number, entry in enumerate(entries):
        try:
            exclusion = Exclusion.model_validate(entry)
        except ValidationError as error:
            reasons = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
            raise _invalid_exclusion(f"/{number}", reasons) from error
        if fault := fault_of(exclusion, fields):
            raise _invalid_exclusion(f"/{number}/where", fault)
        exclusions.append(exclusion)
    return exclusions


def _invalid_exclusion(place: str, detail: str) -> InvalidMapping:
    error = InvalidBinding(f"form/mapping/{EXCLUDE}{place}", detail)
    return InvalidMapping(error.detail, errors=error.errors)


def _entries(text: str | None) -> dict[str, Any]:
    try:
        entries = json.loads(text) if text else {}
    except (ValueError, RecursionError) as error:
        raise InvalidMapping(f"mapping is no valid JSON: {error}") from error
    if not isinstance(entries, dict):
        raise InvalidMapping('mapping must be a JSON object such as {"units_sold": "Quantity"}')
    return entries


def bind(
    mapping: Mapping[str, MappedColumn],
    fields: Sequence[Field],
    header: Sequence[str],
    blanks: Mapping[str, str] | None = None,
) -> dict[str, MappedColumn]:
    """The mapping completed by the columns whose names are known; raises UnusableFile naming those that are missing.

    A field of `blanks` without a column is what they say.
    """
    found = _found(mapping, fields, header)
    bound: dict[str, MappedColumn] = {}
    missing: list[str] = []
    for field in fields:
        if binding := mapping.get(field.name):
            bound[field.name] = binding
            if binding.column is not None and binding.column not in header:
                missing.append(f"{binding.column!r} (for {field.name})")
        elif field.name in found.columns:
            bound[field.name] = MappedColumn(column=found.columns[field.name])
        elif blanks and field.name in blanks:
            bound[field.name] = MappedColumn(constant=blanks[field.name])
        elif field.required and field.name in found.unclear:
            missing.append(f"{field.name!r} that is clear: {_listed(found.unclear[field.name])} may be it")
        elif field.required:
            missing.append(repr(field.name))
    if missing:
        raise MissingColumns(_missing(missing, header, suggested(bound, fields, header)))
    return bound


def column_of(
    name: str, mapping: Mapping[str, MappedColumn], fields: Sequence[Field], header: Sequence[str]
) -> str | None:
    """The column that a field is read from; None for a constant, and where no column, or several, may be it."""
    binding = mapping.get(name)
    return binding.column if binding is not None else _found(mapping, fields, header).columns.get(name)


def unclear_columns(
    mapping: Mapping[str, MappedColumn], fields: Sequence[Field], header: Sequence[str]
) -> Mapping[str, tuple[str, ...]]:
    """The fields that several columns may be, so that none is taken."""
    return _found(mapping, fields, header).unclear


def suggested(bound: Mapping[str, MappedColumn], fields: Sequence[Field], header: Sequence[str]) -> dict[str, Any]:
    """A mapping to start from: what is bound, and columns that are called nearly like the other fields."""
    columns = {name: binding.column for name, binding in bound.items() if binding.column in header}
    likely = suggested_columns(fields, header, {name: column for name, column in columns.items() if column is not None})
    there = {name: binding for name, binding in bound.items() if binding.column is None or binding.column in header}
    return likely | plain_mapping(there)


def plain_mapping(bindings: Mapping[str, MappedColumn]) -> dict[str, Any]:
    """The mapping as a caller may send it."""
    return {
        name: binding.column if binding.is_plain else binding.model_dump(exclude_none=True)
        for name, binding in bindings.items()
    }


def _found(mapping: Mapping[str, MappedColumn], fields: Sequence[Field], header: Sequence[str]) -> FoundColumns:
    taken = {binding.column for binding in mapping.values() if binding.column is not None}
    return find_columns([field for field in fields if field.name not in mapping], header, taken)


def mapped(
    columns: pl.DataFrame,
    bound: Mapping[str, MappedColumn],
    fields: Sequence[Field],
    blanks: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """The raw text of every field, as `record_fields.parse` reads it; null for fields that the source does not have.

    What is blank in a field of `blanks` is what they say.
    """
    texts = {
        raw_name(field): _text(bound[field.name]) if field.name in bound else pl.lit(None, dtype=pl.String)
        for field in fields
    }
    for field in fields:
        if blanks and field.name in blanks:
            text = texts[raw_name(field)].str.strip_chars().replace("", None)
            texts[raw_name(field)] = text.fill_null(blanks[field.name])
    return columns.with_columns(**texts).select(texts.keys())


def _text(binding: MappedColumn) -> pl.Expr:
    """The field's text, from the source's columns."""
    if binding.column is None:
        return pl.lit(binding.constant, dtype=pl.String)
    text = pl.col(binding.column).str.strip_chars()
    if binding.values is None:
        return text if binding.default is None else text.replace("", None).fill_null(binding.default)
    default = text if binding.default is None else pl.lit(binding.default)
    return text.replace_strict(
        list(binding.values), list(binding.values.values()), default=default, return_dtype=pl.String
    )


def _missing(missing: Sequence[str], header: Sequence[str], suggestion: Mapping[str, Any]) -> str:
    more = f" and {len(header) - _SHOWN_COLUMNS} more" if len(header) > _SHOWN_COLUMNS else ""
    mapping = f"; suggested mapping: {json.dumps(suggestion, ensure_ascii=False)}" if suggestion else ""
    return f"the file has no column {', '.join(missing)}; it has {_listed(header)}{more}{mapping}"


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(repr(name[:80]) for name in columns[:_SHOWN_COLUMNS])
