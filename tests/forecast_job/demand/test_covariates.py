"""Covariates as the history has them, and as a run was given them for the days ahead."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest

from forecast_job.demand.covariates import COVARIATES, Covariates, WarehouseCovariates, build_covariates
from forecast_job.demand.panel import Panel
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from shared.domain.forecast_request import FutureDay
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient

DAYS, HORIZON = 6, 4
FIRST = TODAY - dt.timedelta(days=DAYS)
NAN = float("nan")
SERIES = (("A", "*"), ("B", "*"), ("A", "N"), ("A", "S"), ("B", "N"))


def _day(offset: int) -> dt.date:
    return FIRST + dt.timedelta(days=offset)


def _record(item: str, place: str, offset: int, units: float, **more: object) -> dict[str, Any]:
    nothing = {"revenue": None, "promotion_flag": None, "holiday_flag": None, "marketing_spend": None}
    return {"item_id": item, "location_id": place, "date_local": _day(offset), "units_sold": units} | nothing | more


RECORDS = [
    _record("A", "N", 1, 2.0, revenue=10.0, promotion_flag=False, marketing_spend=3.0),
    _record("A", "S", 1, 1.0, revenue=8.0, promotion_flag=True),
    _record("A", "N", 3, 1.0, marketing_spend=1.5),
    _record("A", "S", 4, 0.0, revenue=0.0, holiday_flag=True),
    _record("B", "N", 2, 1.0),
]


@pytest.fixture
def panel() -> Panel:
    items, places = zip(*SERIES, strict=True)
    return Panel(FIRST, items, places, np.zeros((len(SERIES), DAYS), dtype=np.float32), np.arange(len(SERIES)))


def _of(values: Covariates, name: str, series: tuple[str, str]) -> list[float]:
    return list(values.past[name][SERIES.index(series)].tolist())


@pytest.fixture(params=["built", pytest.param("queried", marks=pytest.mark.integration)])
def known(request: pytest.FixtureRequest, panel: Panel) -> Covariates:
    """The same from records in memory and from BigQuery."""
    if request.param == "built":
        return build_covariates(pl.DataFrame(RECORDS), panel, HORIZON)
    client: TestClient = request.getfixturevalue("client")
    client.sell([*RECORDS, _record("C", "N", 1, 5.0, promotion_flag=True)])
    return WarehouseCovariates(Warehouse(config(), client.client_id)).of(panel, HORIZON)


def test_promotions_and_marketing_are_nothing_where_nothing_is_recorded(known: Covariates) -> None:
    assert _of(known, "promotion_flag", ("A", "S")) == [0, 1, 0, 0, 0, 0]
    assert _of(known, "promotion_flag", ("A", "*")) == [0, 1, 0, 0, 0, 0]
    assert _of(known, "marketing_spend", ("A", "N")) == [0, 3, 0, 1.5, 0, 0]
    np.testing.assert_array_equal(_of(known, "promotion_flag", ("B", "*")), [NAN] * DAYS)
    np.testing.assert_array_equal(_of(known, "marketing_spend", ("A", "S")), [NAN] * DAYS)


def test_a_holiday_is_everybodys(known: Covariates) -> None:
    assert all(_of(known, "holiday_flag", series) == [0, 0, 0, 0, 1, 0] for series in SERIES)


def test_a_price_holds_until_the_next_one(known: Covariates) -> None:
    np.testing.assert_array_equal(_of(known, "price", ("A", "N")), [NAN, 5, 5, 5, 5, 5])
    np.testing.assert_array_equal(_of(known, "price", ("A", "*")), [NAN, 6, 6, 6, 6, 6])
    np.testing.assert_array_equal(_of(known, "price", ("B", "N")), [NAN] * DAYS)


def test_without_plans_nothing_is_known_ahead(known: Covariates) -> None:
    assert set(known.future) == set(known.past) == set(COVARIATES)
    assert all(np.isnan(values).all() and values.shape == (len(SERIES), HORIZON) for values in known.future.values())


def test_plans_are_those_of_an_item_before_those_of_all(panel: Panel) -> None:
    planned = [
        FutureDay(TODAY + dt.timedelta(days=1), "A", promotion_flag=True, price=4.5),
        FutureDay(TODAY + dt.timedelta(days=1), promotion_flag=False),
        FutureDay(TODAY + dt.timedelta(days=1), "UNKNOWN", promotion_flag=True),
        FutureDay(TODAY - dt.timedelta(days=1), promotion_flag=True),
        FutureDay(TODAY + dt.timedelta(days=HORIZON), promotion_flag=True),
    ]
    future = build_covariates(pl.DataFrame(RECORDS), panel, HORIZON, planned).future
    for row, (item, _) in enumerate(SERIES):
        np.testing.assert_array_equal(future["promotion_flag"][row], [NAN, item == "A", NAN, NAN])
        np.testing.assert_array_equal(future["price"][row], [NAN, 4.5 if item == "A" else NAN, NAN, NAN])
    assert np.isnan(future["holiday_flag"]).all()


def test_a_panel_of_nothing_asks_for_nothing(running: Running, panel: Panel) -> None:
    source = WarehouseCovariates(Warehouse(config(), "nobody"))
    assert source.of(panel.rows(np.zeros(0, dtype=np.int64)), HORIZON) == Covariates({}, {})
