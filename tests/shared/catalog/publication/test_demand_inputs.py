"""What a refresh makes of demand at places that an item was never stocked at."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl

from shared.catalog.open_orders import with_open_lines, with_order_sums
from shared.catalog.publication.demand_inputs import DemandInputs
from shared.catalog.schema import ROW_SCHEMA
from shared.domain.settings import Settings
from tests.benchmarks import synthetic
from tests.support.tenants import TODAY

LINE = {
    "order_id": "1",
    "po_number": "PO-2024-000001",
    "location_id": "LONDON",
    "outstanding": Decimal(12),
    "expected_delivery_date": TODAY + dt.timedelta(3),
}


def past(*places: str | None) -> pl.DataFrame:
    """What is known of the sales of the first synthetic item, in all and at these places."""
    names = ("first_record", "last_sale", "units_sold_28d", "sale_price", "days_per_sale", "usual_daily_demand")
    item = synthetic.item_ids(1)[0]
    return pl.DataFrame(
        [{"item_id": item, "location_id": place, "recent_mean": 1.0, "recent_variance": 1.0} for place in places],
        schema={
            "item_id": pl.String,
            "location_id": pl.String,
            "recent_mean": pl.Float64,
            "recent_variance": pl.Float64,
        },
    ).with_columns(pl.lit(None, ROW_SCHEMA[name]).alias(name) for name in names)


def test_a_place_that_only_sold_has_nothing_of_what_the_item_has_elsewhere() -> None:
    rows = synthetic.catalog_rows(1, at_all_locations=0).with_columns(
        committed=pl.lit(Decimal(5)).cast(ROW_SCHEMA["committed"])
    )
    item, home = rows["item_id"][0], rows["location_id"][1]
    rows = with_open_lines(rows, {item: [LINE | {"location_id": home}]})
    classes = pl.DataFrame(schema=dict.fromkeys(("item_id", "abc", "xyz", "demand_pattern"), pl.String()))

    completed = DemandInputs(past(None, home, "a stall"), pl.DataFrame(), classes).completed(rows, Settings())

    stall = completed.row(by_predicate=pl.col("location_id") == "a stall", named=True)
    assert (stall["current_stock"], stall["committed"], stall["stock_updated_at"]) == (0, 0, None)
    summed = with_order_sums(completed, Settings(), TODAY)
    on_order = dict(summed.select("location_id", "on_order").iter_rows())
    assert on_order == {None: 12, home: 12, "a stall": 0}
