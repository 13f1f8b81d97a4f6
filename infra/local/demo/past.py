"""The demo shop's past: its real sales as the arrays that a year is played over, and what the year left."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

import numpy as np
import polars as pl

from infra.local.demo.assortment import TODAY, Assortment, draw
from infra.local.demo.buyer import Terms
from infra.local.demo.frozen_forecasts import FrozenForecasts
from infra.local.demo.partners import HABITS, LOCATIONS, SUPPLIERS, WAREHOUSE
from infra.local.demo.played_year import PlayedYear, Shop, played_year
from infra.local.demo.shop_metrics import Goods, ShopMetrics
from shared.arrays import Ints
from shared.domain.planning.metrics import TEN_THOUSANDTHS
from shared.domain.purchasing.product import Condition, ruling_condition

_PLACES = (WAREHOUSE, *(location.location_id for location in LOCATIONS if location.location_id != WAREHOUSE))
_DAYS_OF_A_RANGE = 5  # a branch keeps what it has sold on so many days
_YEAR_DAYS = 364
_WITHOUT_SUPPLIER = 0.02


class Past:
    """What was bought and sold by TODAY. Items and places are numbered in the order of `item_ids` and `places`."""

    places = _PLACES

    def __init__(self, assortment: Assortment) -> None:
        self.assortment = assortment

    @cached_property
    def item_ids(self) -> list[str]:
        return self.assortment.items["item_id"].to_list()

    @cached_property
    def year(self) -> PlayedYear:
        return played_year(self.shop, TODAY)

    @cached_property
    def shop(self) -> Shop:
        kept = (self.sales > 0).sum(axis=0) >= _DAYS_OF_A_RANGE
        advice = {frozen.run_date: self.metrics.advice(frozen.panel.days, frozen) for frozen in self.frozen.forecasts}
        return Shop(self.first_day, self.sales, kept, self.terms, HABITS, advice)

    @cached_property
    def frozen(self) -> FrozenForecasts:
        return FrozenForecasts(self.item_ids, self.sales.sum(axis=2), self.first_day, TODAY)

    @cached_property
    def metrics(self) -> ShopMetrics:
        return ShopMetrics(self.sales.sum(axis=2), self.terms, self.goods)

    @cached_property
    def first_day(self) -> dt.date:
        first: dt.date = self.assortment.demand["date_local"].min()  # type: ignore[assignment]
        return first

    @cached_property
    def sales(self) -> Ints:
        """Days x items x places, whole units."""
        return self._per_day("units_sold")

    @cached_property
    def sales_in_places(self) -> list[Ints]:
        """Days x items of each place."""
        return [np.ascontiguousarray(self.sales[:, :, place]) for place in range(len(self.places))]

    @cached_property
    def first_sale(self) -> Ints:
        """The number of the day on which each item was first sold; one after the last where it never was."""
        sold = self.metrics.sales > 0
        return np.where(sold.any(axis=0), sold.argmax(axis=0), len(sold))

    @cached_property
    def revenue(self) -> Ints:
        """Days x items x places, in pence."""
        return self._per_day("pence")

    def _per_day(self, column: str) -> Ints:
        cells = self.assortment.demand.filter(pl.col("item_id").is_in(self.item_ids)).select(
            day=(pl.col("date_local") - self.first_day).dt.total_days(),
            item=pl.col("item_id").replace_strict(self.item_ids, range(len(self.item_ids))),
            place=pl.col("location_id").replace_strict(self.places, range(len(self.places))),
            value=column,
        )
        table = np.zeros(((TODAY - self.first_day).days, len(self.item_ids), len(self.places)), dtype=np.int64)
        np.add.at(table, tuple(cells[name].to_numpy() for name in ("day", "item", "place")), cells["value"].to_numpy())
        return table

    def conditions(self) -> list[Condition]:
        """The purchase terms of today. One item in 50 that is not on order has lost its supplier."""
        on_order = self.year.on_order(TODAY) > 0
        return [
            condition
            for number, item in enumerate(self.item_ids)
            if on_order[number] or draw(item, "supplied") >= _WITHOUT_SUPPLIER
            for condition in self.assortment.conditions[item]
        ]

    def discontinued(self) -> list[str]:
        """Items that have sold out and not been asked for in the year."""
        gone = ~self.sales[-_YEAR_DAYS:].any(axis=(0, 2)) & (self.year.stock[-1].sum(axis=1) == 0)
        gone &= self.year.on_order(TODAY) == 0
        return [self.item_ids[item] for item in np.flatnonzero(gone).tolist()]

    def stock_levels(self) -> pl.DataFrame:
        """Today's stock of every item in London, and in the branches that keep it or have some left."""
        stock = self.year.stock[-1]
        kept = self.shop.stocked | (stock > 0)
        kept[:, 0] = True
        items, places = np.nonzero(kept)
        return pl.DataFrame(
            {
                "item_id": [self.item_ids[item] for item in items],
                "location_id": [self.places[place] for place in places],
                "current_stock": stock[items, places],
            }
        )

    @cached_property
    def terms(self) -> Terms:
        numbers = {supplier.supplier_id: number for number, supplier in enumerate(SUPPLIERS)}
        ruling = [ruling_condition(self.assortment.conditions[item]) for item in self.item_ids]
        chosen = [condition for condition in ruling if condition is not None]  # all of them have one
        return Terms(
            supplier=np.array([numbers[condition.supplier_id] for condition in chosen], dtype=np.int64),
            lead_time_days=np.array([condition.lead_time_days for condition in chosen], dtype=np.int64),
            moq=np.array([int(condition.moq) for condition in chosen], dtype=np.int64),
            packaging_qty=np.array([int(condition.packaging_qty) for condition in chosen], dtype=np.int64),
        )

    @cached_property
    def goods(self) -> Goods:
        """What the supplier asks where the product list lacks a cost."""
        products = self.assortment.products
        asked = [self.assortment.conditions[item][0].supplier_cost for item in self.item_ids]
        cost = products["unit_cost"].fill_null(pl.Series([float(value) for value in asked]))
        return Goods(
            unit_cost=_ten_thousandths(cost),
            sale_price=_ten_thousandths(products["unit_price"]),
            strategic=products["strategic"].to_numpy(),
        )


def _ten_thousandths(money: pl.Series) -> Ints:
    return (money * TEN_THOUSANDTHS).round().cast(pl.Int64).to_numpy()
