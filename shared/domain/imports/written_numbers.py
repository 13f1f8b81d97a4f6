"""Numbers as people and systems write them: `1.234,50`, `1 234.50`, `(12.50)`, `12,50-`, `£ 1.20`, `3 days`.

One number may have two readings: `1.234` is a little more than one to some and more than a thousand to others. What a
column or a file holds beside it tells which (`NumberEvidence`); where nothing does, somebody has to be asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import polars as pl

from shared.domain.imports.given_notation import DECIMAL_MARKS, DecimalMark

_SPACES = " \u00a0\u2009\u202f"
_APOSTROPHES = "'\u2019"
_MINUS = r"\-\u2212\u2013"
_NUMBER = re.compile(
    rf"""(?P<sign>[+{_MINUS}])? \s*
    (?P<before>[^\d\s.,()+%{_MINUS}{_APOSTROPHES}][^\d()+%{_MINUS}{_APOSTROPHES}]*?)? \s*
    (?P<inner>[+{_MINUS}])? \s*
    (?P<digits>(?:[0-9]|(?<![^\W\d_])[.,][0-9])[0-9.,{_APOSTROPHES}{_SPACES}]*?) \s*
    (?P<behind>[{_MINUS}])? \s*
    (?P<after>[^\d\s.,()+%{_MINUS}{_APOSTROPHES}][^\d()+%{_MINUS}{_APOSTROPHES}]*)? \s*
    (?P<last>[{_MINUS}])?""",
    re.VERBOSE,
)


def _readings(mark: DecimalMark, group: DecimalMark) -> re.Pattern[str]:
    whole = rf"[1-9][0-9]{{0,2}}(?P<group>[ '{group}])[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*|[0-9]*"
    return re.compile(rf"(?P<whole>{whole})(?:[{mark}](?P<part>[0-9]+))?")


_READINGS: Mapping[DecimalMark, re.Pattern[str]] = {".": _readings(".", ","), ",": _readings(",", ".")}
# What of a column needs no look at each number: polars' patterns.
_EXPONENT = r"([eE][+-]?[0-9]{1,3})?$"
_WHOLE = rf"^[+-]?[0-9]+{_EXPONENT}"
_EITHER = r"^[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}$"
_POINT = rf"^[+-]?([0-9]*\.[0-9]+|[0-9]+\.){_EXPONENT}"
_COMMA = rf"^[+-]?([0-9]*,[0-9]+|[0-9]+,){_EXPONENT}"

_MOST_UNITS, _MOST_EXAMPLES = 20, 5
_CLEAR = 20  # so many that tell, for one that tells otherwise or nothing

_CURRENCIES = (
    *("$", "£", "€", "¥", "₹", "₽", "₺", "₴", "₪", "₩", "r$", "us$", "a$", "c$", "fr", "sfr", "kr", "rs", "zł", "zl"),
    *("kč", "kc", "ft", "lei", "лв", "euro", "euros", "usd", "eur", "gbp", "chf", "sek", "nok", "dkk", "isk", "pln"),
    *("czk", "huf", "ron", "bgn", "jpy", "cny", "inr", "rub", "try", "uah", "ils", "krw", "brl", "mxn", "ars", "clp"),
    *("cop", "aud", "cad", "nzd", "sgd", "hkd", "zar", "aed", "sar"),
)
_DAYS = (
    *("d", "day", "days", "t", "tag", "tage", "tagen", "j", "jour", "jours", "dia", "dias", "día", "días"),
    *("gg", "giorno", "giorni", "dag", "dagen"),
)
_PIECES = (
    *("pc", "pcs", "pce", "pces", "piece", "pieces", "ea", "each", "u", "un", "unit", "units", "kg"),
    *("st", "stk", "stck", "stück", "stücke", "stueck", "stuk", "stuks", "pz", "pzi", "pezzo", "pezzi"),
    *("pièce", "pièces", "unité", "unités", "ud", "uds", "uni", "unidad", "unidades", "unità"),
)


class Measure(StrEnum):
    """What a number counts, and so which units may stand beside it."""

    NUMBER = "a number"
    MONEY = "an amount of money"
    DAYS = "days"
    UNITS = "units"


_UNITS: Mapping[Measure, frozenset[str]] = {
    Measure.NUMBER: frozenset(),
    Measure.MONEY: frozenset(_CURRENCIES),
    Measure.DAYS: frozenset(_DAYS),
    Measure.UNITS: frozenset(_PIECES),
}


class WrittenNumber(NamedTuple):
    """A number's parts: its digits with their marks, and its unit as units are compared, "" for none."""

    is_negative: bool
    digits: str
    unit: str


def written_number(text: str) -> WrittenNumber | None:
    """The parts of what is written; None for what is no number."""
    text = text.strip()
    in_brackets = text.startswith("(") and text.endswith(")")
    found = _NUMBER.fullmatch(text[1:-1].strip() if in_brackets else text)
    if found is None:
        return None
    signs = [sign for name in ("sign", "inner", "behind", "last") if (sign := found[name])]
    if len(signs) + in_brackets > 1 or (found["before"] and found["after"]):
        return None
    digits = found["digits"].translate(_PLAIN).rstrip()
    unit = (found["before"] or found["after"] or "").casefold().replace(".", "").strip()
    return WrittenNumber(in_brackets or bool(signs and signs[0] != "+"), digits, " ".join(unit.split()))


_PLAIN = str.maketrans(dict.fromkeys(_SPACES, " ") | dict.fromkeys(_APOSTROPHES, "'"))


def reading(digits: str, mark: DecimalMark) -> str | None:
    """The digits with this decimal mark, as a program writes them; None where they cannot be read so.

    Groups are of three digits, all set apart by the same mark: a space, an apostrophe or the mark that is not decimal.
    """
    found = _READINGS[mark].fullmatch(digits)
    if found is None:
        return None
    whole = found["whole"].replace(found["group"], "") if found["group"] else found["whole"]
    return f"{whole or 0}.{found['part']}" if found["part"] else whole


@dataclass(frozen=True)
class NumberNotation:
    """How the numbers of a column are written. `units` may stand beside them.

    `is_plain`: digits, a minus and a point are all there is, as programs write them.
    """

    mark: DecimalMark = "."
    units: frozenset[str] = frozenset()
    is_plain: bool = True

    def value(self, text: str) -> str | None:
        """The number as a program writes it; None for what is none in this notation."""
        number = written_number(text)
        if number is None or (number.unit and number.unit not in self.units):
            return None
        value = reading(number.digits, self.mark)
        return f"-{value}" if value is not None and number.is_negative else value


PLAIN = NumberNotation()


def decimals(texts: pl.Series, notation: NumberNotation, scale: int) -> pl.Series:
    """The numbers of a column, rounded half-even; null for what is none."""
    if not notation.is_plain:
        texts = _plain(texts, notation)
    return texts.cast(pl.Decimal(38, scale), strict=False)


def _plain(texts: pl.Series, notation: NumberNotation) -> pl.Series:
    ours = texts.str.contains(_POINT if notation.mark == "." else _COMMA) | texts.str.contains(_WHOLE)
    plain = texts if notation.mark == "." else texts.str.replace(",", ".", literal=True)
    others = texts.filter(~ours).unique().to_list()
    if not others:
        return plain.zip_with(ours.fill_null(value=False), pl.Series([None], dtype=pl.String))
    values = texts.replace_strict(
        others, [notation.value(text) for text in others], default=None, return_dtype=pl.String
    )
    return plain.zip_with(ours.fill_null(value=False), values)


@dataclass
class NumberEvidence:
    """What the numbers of a column say of how they are written: how many can be read with a decimal point alone, with
    a decimal comma alone, and with either but as other numbers."""

    measure: Measure
    counts: Counter[DecimalMark] = field(default_factory=Counter)
    either: int = 0
    units: Counter[str] = field(default_factory=Counter)
    without_unit: bool = False
    is_plain: bool = True
    examples: list[str] = field(default_factory=list)

    def add(self, texts: pl.Series) -> None:
        """Take the next texts of the column into account."""
        texts = texts.drop_nulls().unique(maintain_order=True)
        whole = texts.str.contains(_WHOLE)
        self.without_unit |= bool(whole.any())
        texts = texts.filter(~whole)
        either = texts.str.contains(_EITHER)
        self._note_either(texts.filter(either))
        texts = texts.filter(~either)
        point, comma = texts.str.contains(_POINT), texts.str.contains(_COMMA)
        self.counts["."] += int(point.sum())
        self.counts[","] += int(comma.sum())
        others = texts.filter(~(point | comma))
        self.without_unit |= len(others) < len(either)
        self.is_plain &= not (bool(comma.any()) or bool(either.any()) or len(others) > 0)
        self._note(others)

    def _note_either(self, texts: Iterable[str]) -> None:
        for text in texts:
            self.either += 1
            if len(self.examples) < _MOST_EXAMPLES:
                self.examples.append(text)

    def _note(self, texts: Iterable[str]) -> None:
        for text in texts:
            number = written_number(text)
            if number is None:
                continue
            if number.unit and len(self.units) < _MOST_UNITS:
                self.units[number.unit] += 1
            self.without_unit |= not number.unit
            readings = [reading(number.digits, mark) for mark in DECIMAL_MARKS]
            if None not in readings and readings[0] != readings[1]:
                self._note_either([text])
            elif None in readings:
                self.counts.update(
                    mark for mark, value in zip(DECIMAL_MARKS, readings, strict=True) if value is not None
                )

    @property
    def mark(self) -> DecimalMark | None:
        """The decimal mark that the column itself tells; None: it tells none."""
        return told_mark(self.counts, self.either)

    @property
    def has_marks(self) -> bool:
        """Whether any number of the column has a mark that may be decimal."""
        return self.either > 0 or self.counts.total() > 0

    def notation(self, mark: DecimalMark) -> NumberNotation:
        """How the column is written, with this decimal mark."""
        return NumberNotation(mark, self._accepted_units(), self.is_plain and mark == ".")

    def _accepted_units(self) -> frozenset[str]:
        """Any word for days; the one currency of the column; the one unit of counts, if every number has it."""
        known = _UNITS[self.measure]
        if self.measure is Measure.DAYS:
            return known
        if len(self.units) != 1 or (self.measure is Measure.UNITS and self.without_unit):
            return frozenset()
        return known & self.units.keys()


def told_mark(counts: Mapping[DecimalMark, int], either: int) -> DecimalMark | None:
    """The mark that the evidence tells: that of nearly all numbers that have but one reading, if they are enough to
    speak for those with two."""
    mark: DecimalMark = "." if counts["."] >= counts[","] else ","
    telling, against = counts[mark], counts["," if mark == "." else "."]
    return mark if telling and telling >= _CLEAR * against and telling * _CLEAR >= either else None


def file_mark(columns: Iterable[NumberEvidence]) -> DecimalMark | None:
    """The decimal mark of a file: the one of all its columns that tell one; None: they tell none, or different ones."""
    marks = {column.mark for column in columns if column.counts.total()}
    return marks.pop() if len(marks) == 1 else None
