"""Rows that add up those above them, as reports end with: no records, though they look like some.

Either a cell says so and all others are blank or numbers; or the row names nothing, and one of its numbers is the sum
of those above it. A product `Total` with a name or a category is a product.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from shared.domain.imports.record_fields import Field, FieldType, raw_name
from shared.domain.imports.written_numbers import written_number

TOTAL_ROW = "total_row"  # the code of the check
IS_TOTAL = "is_total"

_LARGEST = 1_000_000_000
_WORDS = (
    *("total", "totals", "grandtotal", "subtotal", "sum", "overalltotal"),
    *("summe", "summen", "gesamt", "gesamtsumme", "zwischensumme", "endsumme", "insgesamt"),
    *("totalgénéral", "totalgeneral", "soustotal", "somme", "totaux"),
    *("suma", "totales", "sumatotal", "totale", "totali", "totalegenerale", "somma", "subtotale", "totalecomplessivo"),
    *("totaal", "totalen", "eindtotaal", "subtotaal", "algemeentotaal", "som"),
)


class TotalRows:
    """Marks the rows of a source that are totals, batch by batch in its order."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._texts = [raw_name(field) for field in fields if field.type is FieldType.TEXT]
        self._required = [raw_name(field) for field in fields if field.required and field.type is not FieldType.DECIMAL]
        self._sums = {field.name: Decimal(0) for field in fields if field.type is FieldType.DECIMAL}
        self._rows = 0

    def marked(self, records: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
        """The parsed records with IS_TOTAL; `cells` are the source's, row by row."""
        is_total = pl.Series(IS_TOTAL, [False]).new_from_index(0, records.height)
        named = [name for name in self._required if name in self._texts]
        incomplete = [pl.col(name).is_null() for name in self._required]
        suspects = records.select(
            _any([*incomplete, *(_key(pl.col(name)).is_in(_WORDS) for name in named)])
        ).to_series()
        if suspects.any():
            says = pl.Series(range(records.height)).is_in(_rows_that_say_it(cells, suspects))
            is_total = (says | self._is_sum(records, says)).alias(IS_TOTAL)
        counted = records.filter(~is_total & self._is_named(records))
        for name in self._sums:
            self._sums[name] += counted.select(_counted(name).sum()).item() or 0
        self._rows += counted.height
        return records.with_columns(is_total)

    def _is_sum(self, records: pl.DataFrame, says: pl.Series) -> pl.Series:
        """Which rows name nothing and have the sum of those above them."""
        named = self._is_named(records)
        several = pl.int_range(pl.len()) + self._rows > 1
        sums = []
        for name, sum_before in self._sums.items():
            above = pl.when(named & ~says).then(_counted(name)).fill_null(0).cum_sum().shift(1, fill_value=0)
            sums.append((pl.col(name) == above + sum_before) & (pl.col(name) != 0))
        return records.select((several & ~named & _any(sums)).alias("is_sum")).to_series()

    def _is_named(self, records: pl.DataFrame) -> pl.Series:
        return records.select(_any([pl.col(name).is_not_null() for name in self._texts]).alias("named")).to_series()


def _any(marks: Sequence[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal(pl.lit(value=False), *(mark.fill_null(value=False) for mark in marks))


def _counted(name: str) -> pl.Expr:
    """The numbers of a field but for absurd ones, whose sum no type holds."""
    return pl.when(pl.col(name).abs() <= _LARGEST).then(name)


def _key(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]", "")


def _rows_that_say_it(cells: pl.DataFrame, suspects: pl.Series) -> list[int]:
    """The places of the suspected rows in which a cell says that it is a total, and the others are blank or numbers."""
    suspected = cells.with_row_index("place of the row").filter(suspects)
    says = pl.any_horizontal(_key(pl.col(name)).is_in(_WORDS).fill_null(value=False) for name in cells.columns)
    return [place for place, *row in suspected.filter(says).iter_rows() if all(_is_silent(cell) for cell in row)]


def _is_silent(cell: str | None) -> bool:
    text = (cell or "").strip()
    word = "".join(letter for letter in text.lower() if letter.isalnum())
    return not text or word in _WORDS or written_number(text) is not None
