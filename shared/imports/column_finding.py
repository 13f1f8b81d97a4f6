"""Which columns of a header the fields of an import are read from where nobody says: by the names that are known.

A name that is merely like a known one is suggested, never taken.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial

from shared.domain.imports.column_names import (
    NAME_OR_ID_KEYS,
    NUMBER_OR_NAME_KEYS,
    OTHER_NUMBER_KEYS,
    known_keys,
    name_key,
    name_ranks,
)
from shared.domain.imports.record_fields import Field
from shared.imports.readers.file_reading import HeaderFit

_LIKE = 0.82  # of 1: `Artikelnumer`, `Quantty`
_COMPARED_COLUMNS = 60


@dataclass(frozen=True)
class FoundColumns:
    """The column of each field, and for fields that several columns may be, which these are."""

    columns: Mapping[str, str]
    unclear: Mapping[str, tuple[str, ...]]


def find_columns(fields: Sequence[Field], header: Sequence[str], taken: Collection[str] = ()) -> FoundColumns:
    """The columns of the fields, without those that are `taken` already."""
    names = [field.name for field in fields]
    ranks = {name: name_ranks(name, names) for name in names}
    columns = {name: name for name in names if name in header}
    free = {column: name_key(column) for column in header if column not in taken and column not in columns}
    unclear: dict[str, tuple[str, ...]] = {}
    for rank in range(3):
        for name in names:
            if name in columns or name in unclear:
                continue
            alike = tuple(column for column, key in free.items() if key in ranks[name][rank])
            if len(alike) == 1:
                columns[name] = alike[0]
                del free[alike[0]]
            elif alike:
                unclear[name] = alike
    _identify_items(names, columns, unclear, free)
    _name_suppliers(names, columns)
    return FoundColumns(columns, unclear)


def _identify_items(
    names: Sequence[str], columns: dict[str, str], unclear: dict[str, tuple[str, ...]], free: Mapping[str, str]
) -> None:
    """Settle what items are known by.

    A product that has one number only is known by it, be it called SKU or EAN. A column `Item` may hold names, so with
    a column of other numbers beside it none is taken.
    """
    if "item_id" not in names or "item_id" in unclear:
        return
    others = tuple(column for column, key in free.items() if key in OTHER_NUMBER_KEYS)
    column = columns.get("item_id")
    if column is None and "sku" in columns:
        columns["item_id"] = columns.pop("sku")
    elif column is None and len(others) == 1:
        columns["item_id"] = others[0]
    elif column is None and others:
        unclear["item_id"] = others
    elif column is not None and others and name_key(column) in NUMBER_OR_NAME_KEYS:
        del columns["item_id"]
        unclear["item_id"] = (column, *others)


def _name_suppliers(names: Sequence[str], columns: dict[str, str]) -> None:
    """A list of suppliers has their names: where one column could be either, `Lieferant` say, it is no id."""
    column = columns.get("supplier_id")
    if "name" in names and "name" not in columns and column is not None and name_key(column) in NAME_OR_ID_KEYS:
        columns["name"] = columns.pop("supplier_id")


def suggested_columns(fields: Sequence[Field], header: Sequence[str], columns: Mapping[str, str]) -> dict[str, str]:
    """The columns of the fields, those that are bound and those that a person may mean."""
    suggested = dict(columns)
    free = {column: name_key(column) for column in header if column not in columns.values()}
    free = dict(list(free.items())[:_COMPARED_COLUMNS])
    for field in fields:
        if field.name in suggested or not free:
            continue
        likeness, column = max((_likeness(key, field.name), column) for column, key in free.items())
        if likeness >= _LIKE:
            suggested[field.name] = column
            del free[column]
    return suggested


def _likeness(key: str, field: str) -> float:
    known = known_keys(field)
    if key in known:
        return 1.0
    matcher = SequenceMatcher(b=key, autojunk=False)
    best = 0.0
    for name in known:
        matcher.set_seq1(name)
        if matcher.real_quick_ratio() >= _LIKE and matcher.quick_ratio() >= _LIKE:
            best = max(best, matcher.ratio())
    return best


def header_fit(fields: Sequence[Field], named: Collection[str]) -> HeaderFit:
    """How well a row is the header of such records: how many fields have a column in it; `named` are columns that the
    caller's mapping reads."""
    return partial(_fit, tuple(fields), tuple(named))  # which another process can be given


def _fit(fields: Sequence[Field], named: Sequence[str], cells: Sequence[str | None]) -> int:
    header = list(dict.fromkeys(cell.strip() for cell in cells if cell and cell.strip()))
    given = [name for name in named if name in header]
    found = find_columns(fields, header, given)
    return len(given) + len(found.columns) + len(found.unclear)
