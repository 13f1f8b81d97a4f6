"""What the job reads: every item in exactly one shard, blocks of bounded size, and the queries against the emulator."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_job.client_history.season_and_open_days import AWAKE_DAYS, ClientHistory
from forecast_job.demand import load
from forecast_job.demand.load import DemandSource
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from tests.support.tenants import TODAY, TestClient

DAY = dt.timedelta(days=1)
Record = tuple[str, dt.date, float, float | None]  # location, day, units, stock
IDS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), unique=True, max_size=40)


def _items(item_ids: list[str], locations: int = 2) -> pl.DataFrame:
    schema = {"item_id": pl.String, "locations": pl.Int64}
    return pl.DataFrame({"item_id": sorted(item_ids), "locations": [locations] * len(item_ids)}, schema=schema)


@given(IDS, st.integers(1, 7))
def test_each_item_is_in_exactly_one_shard(item_ids: list[str], count: int) -> None:
    items = _items(item_ids)
    shards = [load.shard_items("client", items, index, count)["item_id"].to_list() for index in range(count)]
    assert sorted(item for shard in shards for item in shard) == sorted(item_ids)


@given(IDS, st.text(max_size=3))
def test_an_item_keeps_its_shard_when_others_come(item_ids: list[str], other: str) -> None:
    before = load.shard_items("client", _items(item_ids), 0, 3)["item_id"].to_list()
    after = load.shard_items("client", _items(list({*item_ids, other})), 0, 3)["item_id"].to_list()
    assert [item for item in after if item != other or other in item_ids] == before


@given(IDS, st.integers(0, 12_000))
def test_blocks_hold_all_items_and_no_more_series_than_fit(item_ids: list[str], locations: int) -> None:
    blocks = load.blocks(_items(item_ids, locations))
    assert [item for block in blocks for item in block] == sorted(item_ids)
    assert all(len(block) == 1 or len(block) * (locations + 1) <= load.BLOCK_SERIES for block in blocks)


def test_the_sample_is_the_same_whatever_the_order_and_fits_a_block() -> None:
    items = _items([f"I{number}" for number in range(300)], 999)
    sample = load.sample_items("client", items)
    assert len(sample) == load.BLOCK_SERIES // 1000
    assert load.sample_items("client", items.reverse()) == sample
    assert load.sample_items("other", items) != sample
    assert load.sample_items("client", _items([])) == []


@pytest.fixture
def source(client: TestClient) -> DemandSource:
    def row(item: str, location: str, days_ago: int, units: float, **more: object) -> dict[str, object]:
        day = TODAY - days_ago * DAY
        return {"item_id": item, "location_id": location, "date_local": day, "units_sold": units} | {
            "revenue": None,
            "stock_on_date": None,
            **more,
        }

    client.sell(
        [
            row("A", "N", 400, 2, revenue=100),
            row("A", "N", 3, 1, revenue=5),
            row("A", "S", 3, 0, stock_on_date=0),
            row("B", "N", 3, 4, revenue=7),
            row("B", "N", 0, 9, revenue=900),  # dated on the run date
            row("B", "N", -5, 9, revenue=900),
            row("OLD", "N", 4000, 1),
        ]
    )
    return DemandSource(Warehouse(config(), client.client_id), TODAY)


def test_items_know_last_years_revenue_and_their_sales(source: DemandSource) -> None:
    frame = source.items().drop("records")
    assert frame.rows(named=True) == [
        {
            "item_id": "A",
            "revenue": 5.0,
            "first_sale": TODAY - 400 * DAY,
            "last_sale": TODAY - 3 * DAY,
            "locations": 2,
        },
        {"item_id": "B", "revenue": 7.0, "first_sale": TODAY - 3 * DAY, "last_sale": TODAY - 3 * DAY, "locations": 1},
    ]


def test_items_have_other_records_when_their_panel_would_be_another(client: TestClient) -> None:
    """Each variant is sold as an item of its own; the digest is of records, not of the item."""
    north, south, day = "NORTH", "SOUTH", TODAY - 40 * DAY
    first: list[Record] = [(north, day, 1, None), (north, day + DAY, 2, None), (south, day, 3, None)]
    variants: list[list[Record]] = [
        first,
        [(north, day, 2, None), (north, day + DAY, 1, None), (south, day, 3, None)],  # swapped between days
        [(north, day, 3, None), (north, day + DAY, 2, None), (south, day, 1, None)],  # and between locations
        [(north, day, 1, None), (north, day + DAY, 2, None), (south, day + DAY, 3, None)],
        [(north, day, 1, None), (north, day + DAY, 2, None), (north, day + 2 * DAY, 3, None)],
        [*first[:2], (south, day, 3.001, None)],
        first[:2],
        [*first, (south, day + DAY, 0, None)],
        [*first, (south, day + DAY, 0, 0)],  # not known: there was nothing to sell
    ]
    same: list[list[Record]] = [
        first[::-1],
        [*first[:2], (south, day, 3, 8)],
        [*first, (north, TODAY - 800 * DAY, 5, 0)],
    ]
    client.sell(
        [
            {"item_id": f"{number:02}", "location_id": place, "date_local": sold_on, "units_sold": float(units)}
            | {"stock_on_date": stock, "revenue": float(number)}
            for number, records in enumerate([*variants, *same])
            for place, sold_on, units, stock in records
        ]
    )
    found = DemandSource(Warehouse(config(), client.client_id), TODAY).items()["records"].to_list()
    assert len(set(found[: len(variants)])) == len(variants)
    assert found[len(variants) :] == found[:1] * len(same)


def test_the_shop_counts_items_that_sold(source: DemandSource) -> None:
    history = source.history()
    assert (history.first, history.days) == (TODAY - 400 * DAY, 400)
    assert history.sellers[[0, -3]].tolist() == [1, 2]
    assert history.sellers.sum() == 3


def test_the_warehouse_counts_the_range_as_the_panel_does(client: TestClient) -> None:
    """Items that sleep for half a year, wake again, sell at two places or nothing at all."""
    rng = np.random.default_rng(8)
    days = 500
    sold = rng.random((6, days)) < np.array([0.5, 0.02, 0.004, 0.004, 0.002, 0.0])[:, None]
    sold[2, 10] = sold[2, 10 + AWAKE_DAYS] = True
    sold[:, 0] |= np.arange(6) < 2
    first = TODAY - days * DAY
    client.sell(
        [
            {
                "item_id": f"I{item}",
                "location_id": place,
                "date_local": first + int(day) * DAY,
                "units_sold": float(sold[item, day]) if place == "S" else 0.0,
            }
            for item, day in zip(*np.nonzero(sold | (rng.random(sold.shape) < 0.05)), strict=True)
            for place in ("S", "T")
        ]
    )
    found = DemandSource(Warehouse(config(), client.client_id), TODAY).history()
    counted = ClientHistory.of(first, sold.astype(float))
    assert found.first == first
    np.testing.assert_array_equal(found.sellers, counted.sellers)
    np.testing.assert_array_equal(found.awake, counted.awake)


def test_demand_is_that_of_the_items_asked_for(source: DemandSource) -> None:
    frame = source.demand(["A"])
    assert set(frame["item_id"]) == {"A"}
    assert frame.filter(pl.col("location_id") == "S").select("units_sold", "stock_on_date").rows() == [(0.0, 0.0)]
    assert source.demand(["A", "B"])["units_sold"].sum() == 7


def test_records_of_the_future_are_counted(source: DemandSource) -> None:
    assert source.future_records() == 2


def test_a_client_without_demand(client: TestClient) -> None:
    empty = DemandSource(Warehouse(config(), client.client_id), TODAY)
    assert empty.items().is_empty()
    assert empty.history().days == 0
    assert empty.future_records() == 0
