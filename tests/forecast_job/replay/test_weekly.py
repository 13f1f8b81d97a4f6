"""Weekly demand and items at their locations, and what stock and lost sales cost."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import polars as pl

from forecast_job.replay.policies import MeanDemandPolicy, ShippedPolicy
from forecast_job.replay.simulated_store import ObservedSales, SupplyTerms, score, simulate
from forecast_job.replay.source import ReplaySource
from forecast_job.replay.supply import ItemSupply
from shared.domain.planning.costs import OrderCosts
from shared.domain.settings import Settings
from tests.benchmarks.weekly_items import weekly_items
from tests.support.panels import FIRST

_WEEKS, _PLAYED = 100, 20


def _records() -> pl.DataFrame:
    days = [dt.date(2024, 1, 3) + dt.timedelta(days=day) for day in range(19)]  # from a Wednesday to a Sunday
    frame = pl.DataFrame({"date_local": days, "units_sold": [1.0] * 19})
    places = [frame.with_columns(item_id=pl.lit("A"), location_id=pl.lit(place)) for place in ("LEEDS", "YORK")]
    return pl.concat(places).select("item_id", "location_id", "date_local", "units_sold")


def test_whole_weeks_are_summed_on_their_monday() -> None:
    source = ReplaySource(_records(), lambda _: {}).by_week()
    weeks = source.records.sort("location_id", "date_local").rows()
    mondays = [dt.date(2024, 1, 8), dt.date(2024, 1, 15)]
    assert weeks == [("A", place, monday, 7.0) for place in ("LEEDS", "YORK") for monday in mondays]
    assert not len(ReplaySource(_records().clear(), lambda _: {}).by_week().records)


def test_an_item_at_a_location_is_supplied_as_the_item_is() -> None:
    source = ReplaySource(_records(), lambda items: {item: ItemSupply(unit_cost=2.0) for item in items}).by_location()
    items = source.records["item_id"].unique().sort().to_list()
    assert items == ["A at LEEDS", "A at YORK"]
    assert source.supply_of(items) == dict.fromkeys(items, ItemSupply(unit_cost=2.0))


def _terms(items: int) -> SupplyTerms:
    none, ones = np.zeros(items, dtype=np.int64), np.ones(items)
    return SupplyTerms(none + 21, 7, none, none, none + 1000, ones, ones, none + 8_000)


def test_what_knows_the_costs_costs_less_than_the_usual_level_and_less_than_half_its_stock() -> None:
    frame = weekly_items(seed=3).sort("item_id", "date_local")
    items = 60
    weekly = frame["units_sold"].to_numpy().reshape(-1, 150)[:items, -_WEEKS:]
    demand = np.zeros((items, _WEEKS * 7), dtype=np.int64)
    demand[:, ::7] = weekly * 1000
    usual = Settings(holding_cost=Decimal("0.2"), shortage_cost=Decimal(1))
    start, terms = (_WEEKS - _PLAYED) * 7, _terms(items)
    scores = []
    for settings in (usual, usual.model_copy(update={"replenishment_policy": "least_cost"})):
        ledger = simulate(FIRST, demand, terms, ShippedPolicy(settings), start)
        scores.append(score(ledger, terms, OrderCosts.of(settings), start + 28))
    fixed_level, least_cost = scores
    assert least_cost.cost < 0.75 * fixed_level.cost
    assert least_cost.stock < fixed_level.stock / 2


def test_days_of_unknown_demand_are_not_in_the_mean() -> None:
    sales = np.zeros((1, 100), dtype=np.int64)
    sales[0, :60], in_stock = 2_000, np.arange(100)[None, :] < 60
    observed = ObservedSales(FIRST, sales, in_stock, _terms(1))
    none = np.zeros(1, dtype=np.int64)
    assert MeanDemandPolicy().order(observed, none, none, none).tolist() == [2_000 * 28]
