"""The picture's geometry and its text, by what is in them."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.forecast.chart import (
    HEIGHT,
    WIDTH,
    DayBacktest,
    DayForecast,
    chart,
    day_backtest,
    day_forecast,
    filled,
)
from functions.forecast.picture import Area, Line, Picture, Text, svg
from shared.bigquery.backtest_queries import ItemBacktestDay
from shared.bigquery.forecast_queries import ForecastDay
from shared.bigquery.tables import DAILY_QUANTILES, quantile_column

DAY = dt.date(2024, 6, 3)
_UNITS = st.floats(0, 1e9)


def forecast(days: int, units: float) -> list[DayForecast]:
    band = ((0.0, 2 * units), (0.2 * units, 1.8 * units), (0.5 * units, 1.5 * units))
    return [DayForecast(DAY + dt.timedelta(day), units, band) for day in range(days)]


def history(days: int, units: float) -> list[tuple[dt.date, float]]:
    return [(DAY - dt.timedelta(day), units) for day in range(days, 0, -1)]


@given(st.integers(1, 365), st.integers(0, 730), _UNITS, _UNITS)
def test_everything_lies_on_the_picture(days: int, past: int, expected: float, sold: float) -> None:
    picture = chart("x", "y", history(past, sold), forecast(days, expected))
    points = [point for shape in picture.shapes if not isinstance(shape, Text) for point in shape.points]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    labels = [shape.at[0] for shape in picture.shapes if isinstance(shape, Text) and shape.align == "middle"]
    assert len(labels) >= 1
    assert all(b - a > 25 for a, b in pairwise(labels))


def test_the_bands_lie_within_each_other_around_the_mean() -> None:
    picture = chart("x", "y", history(5, 1), forecast(3, 4))
    bands = [shape for shape in picture.shapes if isinstance(shape, Area) and len(shape.points) == 12]
    tops, bottoms = ([edge(y for _, y in band.points) for band in bands] for edge in (min, max))
    assert tops == sorted(tops)
    assert bottoms == sorted(bottoms, reverse=True)
    (mean,) = (shape for shape in picture.shapes if isinstance(shape, Line) and len(shape.points) == 6)
    assert all(tops[-1] < y < bottoms[-1] for _, y in mean.points)
    # The forecast begins where the history ends.
    (sold,) = (shape for shape in picture.shapes if isinstance(shape, Line) and len(shape.points) == 10)
    assert sold.points[-1][0] == mean.points[0][0]


def test_a_days_bands_come_from_its_quantiles() -> None:
    row = {quantile_column(level): 100 * level for level in DAILY_QUANTILES}
    made = day_forecast(ForecastDay(DAY, 60, **row, engine="statistical"))
    assert made.mean == 60
    assert [pytest.approx(band) for band in made.bands] == [(5, 95), (10, 90), (25, 75)]


def test_a_day_without_a_record_sold_nothing() -> None:
    sales = {DAY - dt.timedelta(4): 2.0, DAY - dt.timedelta(2): 3.0}
    assert [units for _, units in filled(sales, DAY)] == [2, 0, 3, 0]
    assert filled({}, DAY) == []


@given(st.text())
def test_any_name_is_text_in_the_document(name: str) -> None:
    document = svg(Picture(10, 10, name, name, [Text((1, 1), name, 10, "#000000")]))
    root = ElementTree.fromstring(document)
    assert {one.tag.partition("}")[2] for one in root.iter()} == {"svg", "title", "desc", "rect", "text"}
    shown = root[0].text or ""
    assert len(shown) == len(name)
    assert sum(a != b for a, b in zip(shown, name, strict=True)) == sum(
        not (one in "\t\n" or " " <= one <= "\ud7ff" or "\ue000" <= one <= "\ufffd" or one >= "\U00010000")
        for one in name
    )


def test_a_long_name_is_cut_on_the_picture_but_not_in_its_description() -> None:
    name = "long " * 40
    picture = chart(name, "y", [], forecast(1, 1))
    assert picture.title == name
    assert max(len(shape.text) for shape in picture.shapes if isinstance(shape, Text)) == 90


def backtest(days: int, units: float) -> list[DayBacktest]:
    return [DayBacktest(DAY - dt.timedelta(day), units, (0.3 * units, 1.7 * units)) for day in range(days, 0, -1)]


@given(st.integers(0, 40), st.integers(0, 28), _UNITS, _UNITS)
def test_a_backtest_is_shown_where_the_history_is(past: int, days: int, expected: float, sold: float) -> None:
    picture = chart("x", "y", history(past, sold), forecast(3, 1), backtest(days, expected))
    points = [point for shape in picture.shapes if not isinstance(shape, Text) for point in shape.points]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    shown = min(past, days)
    bands = [shape for shape in picture.shapes if isinstance(shape, Area) and shape.colour == "#f3ead6"]
    assert [len(band.points) for band in bands] == ([4 * shown, 4] if shown else [])
    # The history is drawn on it.
    kinds = [getattr(shape, "colour", "") for shape in picture.shapes]
    assert not shown or kinds.index("#f3ead6") < kinds.index("#3e4c59")


def test_a_backtest_day_is_its_median_and_deciles() -> None:
    row = ItemBacktestDay._make([DAY, 3.0, 2.0, *[0.0] * 11, DAY, DAY, 1, *[None] * 11])._replace(
        q10=1.0, q50=2.5, q90=9.0, q95=12.0
    )
    assert day_backtest(row) == DayBacktest(DAY, 2.5, (1.0, 9.0))
