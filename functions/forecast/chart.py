"""The picture of an item's forecast: history, mean, and the bands within which demand is on 50, 80 and 90 % of days.

Behind the history, paler, the median and the 80 % band that would have been forecast for its last days.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from functions.forecast.picture import Area, Line, Picture, Point, Shape, Text
from shared.bigquery.backtest_queries import ItemBacktestDay
from shared.bigquery.forecast_queries import ForecastDay

WIDTH, HEIGHT = 960, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 936, 84, 374
_INK, _FAINT, _GRID = "#1f2933", "#616e7c", "#e4e7eb"
_HISTORY, _MEAN = "#3e4c59", "#0b5fa5"
_TESTED, _TESTED_BAND = "#b08a3c", "#f3ead6"  # quiet, and no blue: it is over
# From the outside in: the widest band first, each darker one drawn on it.
_BANDS = (("90 %", "#d6e6f5"), ("80 %", "#adcdea"), ("50 %", "#7fb0dc"))
_MAX_TITLE = 90
_GRID_LINES = 5
_WEEKLY_UP_TO_DAYS, _MONTHLY_UP_TO_DAYS = 60, 400


@dataclass(frozen=True)
class DayForecast:
    """Expected units of a day and the ends of its bands: (lower, upper) of 90, 80 and 50 %."""

    date_local: dt.date
    mean: float
    bands: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class DayBacktest:
    """What would have been forecast of a day that is over: its median, and the band of 80 %."""

    date_local: dt.date
    median: float
    band: tuple[float, float]


def day_backtest(row: ItemBacktestDay) -> DayBacktest:
    """The median and the band of a day."""
    return DayBacktest(row.date_local, row.q50, (row.q10, row.q90))


def day_forecast(row: ForecastDay) -> DayForecast:
    """The mean and the bands of a day. The quartiles are the means of the deciles beside them."""
    quartiles = (row.q20 + row.q30) / 2, (row.q70 + row.q80) / 2
    return DayForecast(row.date_local, row.mean, ((row.q05, row.q95), (row.q10, row.q90), quartiles))


def filled(sales: Mapping[dt.date, float], until: dt.date) -> list[tuple[dt.date, float]]:
    """Each day from the first sale in `sales` to the day before `until`; a day without a record sold nothing."""
    if not sales:
        return []
    first = min(sales)
    days = (first + dt.timedelta(days=day) for day in range((until - first).days))
    return [(day, sales.get(day, 0.0)) for day in days]


def chart(
    title: str,
    subtitle: str,
    history: Sequence[tuple[dt.date, float]],
    days: Sequence[DayForecast],
    backtest: Sequence[DayBacktest] = (),
) -> Picture:
    """The picture; `days` has at least one, `history` ends before it and may be empty. Of `backtest` those days are
    shown of which the history is."""
    first = history[0][0] if history else days[0].date_local
    tested = [day for day in backtest if first <= day.date_local < days[0].date_local]
    plane = _Plane(first, days[-1].date_local, _top_of_axis(history, days, tested))
    shapes: list[Shape] = [*_axes(plane), *_tested(plane, tested)]
    for band, (_, colour) in enumerate(_BANDS):
        upper = plane.steps((day.date_local, day.bands[band][1]) for day in days)
        lower = plane.steps((day.date_local, day.bands[band][0]) for day in days)
        shapes.append(Area([*upper, *reversed(lower)], colour))
    shapes.append(Line(plane.steps((day.date_local, day.mean) for day in days), _MEAN, 2.2))
    if history:
        shapes.append(Line(plane.steps(history), _HISTORY, 1.3))
    begins = plane.x(days[0].date_local)
    shapes += [Line([(begins, _TOP), (begins, _BOTTOM)], _FAINT), *_heading(_shortened(title), subtitle, tested)]
    begin, end = days[0].date_local, days[-1].date_local
    expected = sum(day.mean for day in days)
    told = f"Daily units from {begin} to {end}: {expected:.1f} expected in all. {subtitle}"
    return Picture(WIDTH, HEIGHT, title, told, shapes)


@dataclass(frozen=True)
class _Plane:
    """Places on the picture by day and units. A day is as wide as it is long, so that one alone is seen too."""

    first: dt.date
    last: dt.date
    top: float

    def x(self, day: dt.date, part: float = 0.0) -> float:
        """Where the day begins, or how far into it `part` says."""
        return _LEFT + (_RIGHT - _LEFT) * ((day - self.first).days + part) / ((self.last - self.first).days + 1)

    def y(self, units: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * units / self.top

    def steps(self, values: Iterable[tuple[dt.date, float]]) -> list[Point]:
        """A line that stays at each day's units from its beginning to its end."""
        return [(self.x(day, part), self.y(units)) for day, units in values for part in (0.0, 1.0)]


def _tested(plane: _Plane, days: Sequence[DayBacktest]) -> list[Shape]:
    if not days:
        return []
    upper = plane.steps((day.date_local, day.band[1]) for day in days)
    lower = plane.steps((day.date_local, day.band[0]) for day in days)
    median = plane.steps((day.date_local, day.median) for day in days)
    return [Area([*upper, *reversed(lower)], _TESTED_BAND), Line(median, _TESTED, 1.3)]


def _top_of_axis(
    history: Sequence[tuple[dt.date, float]], days: Sequence[DayForecast], tested: Sequence[DayBacktest]
) -> float:
    drawn = [units for _, units in history] + [day.band[1] for day in tested]
    highest = max([day.bands[0][1] for day in days] + [day.mean for day in days] + drawn)
    step = _round_step(max(highest, 1.0) / _GRID_LINES)
    return step * math.ceil(max(highest, 1.0) / step)


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, 20, ... (and tenths) that is not below `least`."""
    scale = 10.0 ** math.floor(math.log10(least))
    return next(scale * factor for factor in (1, 2, 5, 10) if scale * factor >= least * (1 - 1e-9))


def _axes(plane: _Plane) -> list[Shape]:
    shapes: list[Shape] = []
    step = _round_step(plane.top / _GRID_LINES)
    for number in range(round(plane.top / step) + 1):
        units = number * step
        y = plane.y(units)
        shapes.append(Line([(_LEFT, y), (_RIGHT, y)], _GRID))
        shapes.append(Text((_LEFT - 8, y + 4), f"{units:,.10g}", 12, _FAINT, "right"))
    shapes.append(Text((24, _TOP - 12), "units a day", 12, _FAINT))
    shapes.append(Line([(_LEFT, _BOTTOM), (_RIGHT, _BOTTOM)], _FAINT))
    for day, label in _ticks(plane.first, plane.last):
        x = plane.x(day, 0.5)
        shapes.append(Line([(x, _BOTTOM), (x, _BOTTOM + 5)], _FAINT))
        shapes.append(Text((x, _BOTTOM + 20), label, 12, _FAINT, "middle"))
    return shapes


def _ticks(first: dt.date, last: dt.date) -> list[tuple[dt.date, str]]:
    """Mondays, or firsts of months or quarters, as there is room; of some days without a Monday both ends."""
    span = [first + dt.timedelta(days=day) for day in range((last - first).days + 1)]
    if len(span) <= _WEEKLY_UP_TO_DAYS:
        ticks = [(day, f"{day.day} {day:%b}") for day in span if day.weekday() == 0]
        return ticks or [(day, f"{day.day} {day:%b}") for day in sorted({first, last})]
    months = 1 if len(span) <= _MONTHLY_UP_TO_DAYS else 3
    return [(day, f"{day:%b %Y}") for day in span if day.day == 1 and (day.month - 1) % months == 0]


def _heading(title: str, subtitle: str, tested: Sequence[DayBacktest]) -> list[Shape]:
    shapes: list[Shape] = [Text((24, 32), title, 18, _INK), Text((24, 52), subtitle, 13, _FAINT)]
    x = _RIGHT - 372.0
    if tested:
        since, left = tested[0].date_local, x - 196
        shapes.append(Area([(left, 62), (left + 18, 62), (left + 18, 74), (left, 74)], _TESTED_BAND))
        shapes.append(Line([(left, 68), (left + 18, 68)], _TESTED, 2.2))
        shapes.append(Text((left + 24, 72), f"as of {since.day} {since:%b}: median, 80 %", 12, _INK))
    for label, colour, width in (("sold", _HISTORY, 58), ("expected", _MEAN, 86)):
        shapes += [Line([(x, 68), (x + 18, 68)], colour, 2.2), Text((x + 24, 72), label, 12, _INK)]
        x += width
    for label, colour in reversed(_BANDS):
        shapes += [Area([(x, 62), (x + 14, 62), (x + 14, 74), (x, 74)], colour), Text((x + 18, 72), label, 12, _INK)]
        x += 50
    shapes.append(Text((x, 72), "of days within", 12, _INK))
    return shapes


def _shortened(title: str) -> str:
    return title if len(title) <= _MAX_TITLE else f"{title[: _MAX_TITLE - 1]}…"
