"""The demo's past, of every twentieth of its real items: what the year left, and what the tables say of it."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

import numpy as np
import polars as pl
import pytest

from infra.local.demo.assortment import TODAY, Assortment
from infra.local.demo.campaigns import campaigns
from infra.local.demo.frozen_forecasts import HORIZON_DAYS, WEEKS, FrozenForecasts
from infra.local.demo.past import Past
from infra.local.demo.weekly_metrics import weekly_metrics
from shared.bigquery.tables import ALL_LOCATIONS, CLASSIFICATIONS, FORECASTS, LEAD_TIME_DEMAND, METRICS, WINDOW_DAYS
from shared.domain.campaigns.campaign import CampaignStatus

NOW = dt.datetime(2011, 10, 13, 6, tzinfo=dt.UTC)


class Few(Assortment):
    @cached_property
    def lines(self) -> pl.DataFrame:
        return super().lines.filter(pl.col("item_id").hash(seed=1) % 20 == 0)


@pytest.fixture(scope="module")
def past() -> Past:
    return Past(Few())


@pytest.fixture(scope="module")
def metrics(past: Past) -> pl.DataFrame:
    return weekly_metrics(past, "demo", NOW)


def test_real_sales_add_up_with_what_was_ordered(past: Past) -> None:
    year = past.year
    received = np.zeros(len(past.item_ids), dtype=np.int64)
    for order in year.orders:
        for delivery in order.deliveries:
            if year.first_day <= delivery.day < TODAY:
                np.add.at(received, order.items, delivery.units)

    sold = past.sales[-364:].sum(axis=(0, 2))
    assert (year.stock[0].sum(axis=1) + received - sold == year.stock[-1].sum(axis=1)).all()


def test_stock_levels_are_those_of_this_morning(past: Past) -> None:
    levels = past.stock_levels().group_by("item_id").agg(pl.col("current_stock").sum()).sort("item_id")

    assert levels["item_id"].to_list() == past.item_ids
    assert levels["current_stock"].to_list() == past.year.stock[-1].sum(axis=1).tolist()


def test_what_is_on_order_has_a_supplier(past: Past) -> None:
    supplied = {condition.item_id for condition in past.conditions()}
    on_order = past.year.on_order(TODAY)

    assert all(item in supplied for item, units in zip(past.item_ids, on_order.tolist(), strict=True) if units)
    assert len(supplied) < len(past.item_ids)


def test_every_week_has_the_stock_of_its_morning_and_keeps_the_columns_of_the_table(
    past: Past, metrics: pl.DataFrame
) -> None:
    whole = metrics.filter(pl.col("location_id") == ALL_LOCATIONS)
    weeks = whole.group_by("date").agg(pl.col("current_stock", "on_order").sum().cast(pl.Int64)).sort("date")

    assert metrics.columns == list(METRICS.column_names)
    assert weeks["date"].to_list() == [past.year.morning(week) for week in range(52)]
    assert weeks["current_stock"].to_list() == past.year.stock[:-1].sum(axis=(1, 2)).tolist()
    assert weeks["on_order"].to_list() == [int(past.year.on_order(day).sum()) for day in weeks["date"]]
    places = metrics.filter(pl.col("location_id") != ALL_LOCATIONS)
    in_places = places.group_by("date").agg(pl.col("current_stock", "on_order").sum().cast(pl.Int64)).sort("date")
    assert in_places.equals(weeks)
    assert not any(whole[column.name].null_count() for column in METRICS.columns if column.required)
    assert not whole.select("date", "item_id").is_duplicated().any()


def test_a_status_says_what_the_stock_is(metrics: pl.DataFrame) -> None:
    assert set(metrics["status"].unique()) == {"normal", "understocked", "overstocked", "dead_stock"}
    assert metrics.filter((pl.col("status") == "dead_stock") & (pl.col("current_stock") <= 0)).is_empty()


def test_a_frozen_forecast_knows_only_what_was_sold_before_it(past: Past) -> None:
    sales = past.sales.sum(axis=2)
    changed = sales.copy()
    changed[-21:] += 1000

    def means(units: np.ndarray) -> list[np.ndarray]:
        return [one.daily.mean for one in FrozenForecasts(past.item_ids, units, past.first_day, TODAY).forecasts]

    before, after = means(sales), means(changed)
    assert len(before) == WEEKS
    assert all(np.array_equal(*pair) for pair in zip(before[:-2], after[:-2], strict=True))
    assert not np.array_equal(before[-1], after[-1])


def test_rows_of_a_frozen_forecast_are_those_of_its_day(past: Past) -> None:
    frozen = past.frozen.forecasts[-1:]
    rows = past.frozen.rows(frozen, "demo", past.revenue.sum(axis=2))

    items, run_date = len(frozen[0].items), TODAY - dt.timedelta(7)
    forecasts = pl.DataFrame(pl.from_arrow(rows[FORECASTS.name]))
    assert forecasts.height == items * HORIZON_DAYS
    assert (forecasts["date_local"].min(), forecasts["date_local"].max()) == (run_date, run_date + dt.timedelta(27))
    assert rows[LEAD_TIME_DEMAND.name].num_rows == items * len(WINDOW_DAYS)
    classes = pl.DataFrame(pl.from_arrow(rows[CLASSIFICATIONS.name]))
    assert classes.height == items
    assert classes["last_sale"].max() < run_date  # type: ignore[operator]


def test_campaigns_are_of_products_that_sold_in_them_cheaper_than_before() -> None:
    past = Past(Assortment())
    plans = campaigns(past)

    statuses = [campaign.status(TODAY) for campaign in plans]
    assert statuses.count(CampaignStatus.ENDED) >= 3
    assert {CampaignStatus.RUNNING, CampaignStatus.PLANNED} < set(statuses)
    for campaign in plans:
        assert len(campaign.products) >= 8
        if campaign.start_date < TODAY:
            first, last = (date - past.first_day for date in (campaign.start_date, campaign.end_date))
            sold = past.sales[first.days : last.days + 1].sum(axis=(0, 2))
            for product in campaign.products:
                assert sold[past.item_ids.index(product.item_id)] > 0
                assert product.discount is not None
                assert product.discount >= 3


def test_what_is_discontinued_is_gone(past: Past) -> None:
    ended = past.discontinued()
    sold = dict(zip(past.item_ids, past.sales[-364:].sum(axis=(0, 2)).tolist(), strict=True))
    left = dict(zip(past.item_ids, past.year.stock[-1].sum(axis=1).tolist(), strict=True))

    assert 0 < len(ended) < len(past.item_ids) / 5
    assert all(sold[item] == left[item] == 0 for item in ended)
