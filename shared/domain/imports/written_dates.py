"""Dates as people and systems write them: 2011-10-12, 20111012, 12.10.2011, 10/12/11, 12 Okt 2011, 40828 in a sheet.

`03/04/2025` is a day in April to some and one in March to others. What the column holds beside it tells which
(`DateEvidence`); where nothing does, somebody has to be asked. A year of two digits is one of this century, and never
later than tomorrow: in `25/12/11`, written in 2012, it cannot come first.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from shared.domain.folding import folded
from shared.domain.imports.given_notation import DATE_ORDERS, DateOrder

_ANY_ORDER = frozenset(DATE_ORDERS)

_NUMERIC = re.compile(r"([0-9]{1,4})([./\- ])([0-9]{1,2})\2([0-9]{1,4})\.?")
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
_SERIAL = re.compile(r"[0-9]{5}")
_DAY_MONTH = re.compile(
    r"([0-9]{1,2})(?:\.|st|nd|rd|th|er|º|°)?[ \-./]*(?:de |di |d')?([^\W\d_]+)\.?,?[ \-./]*(?:de |del )?"
    r"([0-9]{4}|[0-9]{2})"
)
_MONTH_DAY = re.compile(r"([^\W\d_]+)\.? ?([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})")
_TIME = r"(?:[Tt]|,?\s+)([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,][0-9]{1,9})?\s*([AaPp]\.?[Mm]\.?)?$"
_ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"

_FIRST_SERIAL, _LAST_SERIAL = dt.date(1990, 1, 1), dt.date(2099, 12, 31)
_SERIAL_ZERO = dt.date(1899, 12, 30)  # Excel counts a 29 February 1900 that never was
_MOST_EXAMPLES = 5
_CLEAR = 20  # so many that tell, for one that tells otherwise or nothing

_MONTH_NAMES = (
    "january jan januar janner janvier janv enero ene gennaio gen januari",
    "february feb februar fevrier fevr fev febrero febbraio februari febr",
    "march mar marz mrz maerz mars marzo maart mrt",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag mei",
    "june jun juni juin junio giugno giu",
    "july jul juli juillet juil julio luglio lug",
    "august aug aout aou agosto ago augustus",
    "september sep sept septembre septiembre setiembre set settembre sett",
    "october oct oktober okt octobre octubre ottobre ott",
    "november nov novembre noviembre",
    "december dec dezember dez decembre diciembre dic dicembre",
)
MONTHS: Mapping[str, int] = {name: month for month, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}


def dates_written(text: str, latest: dt.date) -> dict[DateOrder, dt.date]:
    """The day that the text means in each order that it can be read in; none for what is no date.

    `latest` is the last day that a year of two digits may give.
    """
    text = text.strip()
    if (found := _NUMERIC.fullmatch(text)) is not None:
        return _numeric(found[1], found[3], found[4], found[2], latest)
    day = _unordered(text, latest)
    return {} if day is None else dict.fromkeys(DATE_ORDERS, day)


def _numeric(first: str, middle: str, last: str, separator: str, latest: dt.date) -> dict[DateOrder, dt.date]:
    if len(first) > 2:
        day = _day(first, middle, last, latest) if len(first) == 4 and len(last) <= 2 else None
        return {} if day is None else dict.fromkeys(DATE_ORDERS, day)
    if len(last) not in (2, 4) and not (len(last) == 1 and len(first) == 2):
        return {}
    readings: dict[DateOrder, dt.date | None] = {"DMY": _day(last, middle, first, latest)}
    if separator != ".":  # who separates by points names the day first
        readings["MDY"] = _day(last, first, middle, latest)
        if len(last) <= 2:
            readings["YMD"] = _day(first, middle, last, latest)
    return {order: day for order, day in readings.items() if day is not None}


def _unordered(text: str, latest: dt.date) -> dt.date | None:
    """A date that has one reading: without separators, counted in days, or with the name of its month."""
    if (found := _COMPACT.fullmatch(text)) is not None:
        return _day(found[1], found[2], found[3], latest)
    if _SERIAL.fullmatch(text):
        date = _SERIAL_ZERO + dt.timedelta(days=int(text))
        return date if _FIRST_SERIAL <= date <= _LAST_SERIAL else None
    if (found := _DAY_MONTH.fullmatch(text)) is not None:
        day, name, year = found.groups()
    elif (found := _MONTH_DAY.fullmatch(text)) is not None:
        name, day, year = found.groups()
    else:
        return None
    month = MONTHS.get(folded(name))
    return None if month is None else _day(year, str(month), day, latest)


def _day(year: str, month: str, day: str, latest: dt.date) -> dt.date | None:
    if len(year) not in (2, 4):
        return None
    try:
        date = dt.date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None
    return None if len(year) == 2 and date > latest else date


@dataclass(frozen=True)
class DateNotation:
    """How the dates of a column are written: in which order, where they need one. `latest` as in `dates_written`.

    `is_iso`: as programs write them.
    """

    order: DateOrder = "YMD"
    latest: dt.date = dt.date.max
    is_iso: bool = True

    def day(self, text: str) -> dt.date | None:
        """The day; None for what is no date in this order."""
        return dates_written(text, self.latest).get(self.order)


ISO = DateNotation()


def local_times(texts: pl.Series, notation: DateNotation) -> pl.Series:
    """The dates and times of a column that are not written in ISO format; null for what is none."""
    days = texts.str.replace(_TIME, "").str.strip_chars(" ,")
    others = days.drop_nulls().unique().to_list()
    if not others:
        return pl.Series(texts.name, [None] * len(texts), dtype=pl.Datetime("us"))
    day = days.replace_strict(others, [notation.day(text) for text in others], default=None, return_dtype=pl.Date)
    clock = texts.str.extract_groups(_TIME)
    frame = pl.DataFrame({"day": day, "time": clock.struct.field("1"), "half": clock.struct.field("2")})
    return frame.select(_at(pl.col("day"), pl.col("time"), pl.col("half").str.to_lowercase().str.slice(0, 1)))["at"]


def _at(day: pl.Expr, time: pl.Expr, half: pl.Expr) -> pl.Expr:
    """The day at the time, which may be missing; null where there is no such time."""
    numbers = time.str.split(":").list.eval(pl.element().cast(pl.Int64))
    hour, minute = numbers.list.get(0), numbers.list.get(1)
    second = numbers.list.get(2, null_on_oob=True).fill_null(0)
    exists = (minute < 60) & (second < 60) & pl.when(half.is_null()).then(hour < 24).otherwise(hour.is_between(1, 12))
    full = pl.when(half == "p").then(hour % 12 + 12).when(half == "a").then(hour % 12).otherwise(hour)
    at = day.cast(pl.Datetime("us")) + pl.duration(hours=full, minutes=minute, seconds=second)
    return pl.when(time.is_null()).then(day.cast(pl.Datetime("us"))).when(exists).then(at).alias("at")


@dataclass
class DateEvidence:
    """What the dates of a column say of their order: how many of them each set of orders can read."""

    latest: dt.date
    counts: Counter[frozenset[DateOrder]] = field(default_factory=Counter)
    is_iso: bool = True
    examples: list[str] = field(default_factory=list)

    def add(self, texts: pl.Series) -> None:
        """Take the next texts of the column into account."""
        texts = texts.drop_nulls().unique(maintain_order=True)
        texts = texts.filter(~texts.str.contains(_ISO))
        if texts.is_empty():
            return
        self.is_iso = False
        for text in texts.str.replace(_TIME, "").str.strip_chars(" ,").unique(maintain_order=True):
            readings = dates_written(text, self.latest)
            orders = frozenset(readings)
            if not orders or (orders == _ANY_ORDER and len(set(readings.values())) == 1):
                continue
            if len(set(readings.values())) > 1 and len(self.examples) < _MOST_EXAMPLES:
                self.examples.append(text)
            if {"DMY", "MDY"} <= orders and readings["DMY"] == readings["MDY"] and "YMD" not in orders:
                continue
            self.counts[orders] += 1

    @property
    def possible(self) -> tuple[DateOrder, ...]:
        """The orders that can read the most of the column: one, where the column tells it, or that can all be meant."""
        if not self.counts:
            return ("DMY",)
        misread = {order: sum(n for orders, n in self.counts.items() if order not in orders) for order in DATE_ORDERS}
        least = min(misread.values())
        undecided = sum(n for orders, n in self.counts.items() if len(orders) > 1)
        possible = []
        for order in DATE_ORDERS:
            told_otherwise = misread[order] - least
            is_refuted = told_otherwise > 0 and told_otherwise >= _CLEAR * least
            reads_none = misread[order] == self.counts.total()
            if not (reads_none or (is_refuted and told_otherwise * _CLEAR >= undecided)):
                possible.append(order)
        return tuple(possible)

    def notation(self, order: DateOrder) -> DateNotation:
        """How the column is written, in this order."""
        return DateNotation(order, self.latest, self.is_iso)
