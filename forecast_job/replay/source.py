"""What a replay plays: the demand of a file or of a client, how its items are supplied, and how the client plans."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import polars as pl

from forecast_job.demand.client_demand import client_records, google_in_one_line
from forecast_job.demand.demand_file import read_demand
from forecast_job.progress import JobProgress
from forecast_job.replay.supply import ItemSupply
from forecast_job.replay.supply_file import read_supply
from shared.config import config
from shared.domain.purchasing.product import Condition, Product, ruling_condition
from shared.domain.settings import Settings
from shared.firestore.conditions import Conditions
from shared.firestore.driver import database
from shared.firestore.products import Products
from shared.firestore.settings import SettingsStore
from shared.firestore.tenant import Tenant

_ITEMS_PER_CALL = 300
_ONE_UNIT = 1.0
_AT = " at "


@dataclass(frozen=True)
class ReplaySource:
    """`records` of daily demand; `supply_of` some items, by item; `settings` of the client, the defaults for a file."""

    records: pl.DataFrame
    supply_of: Callable[[Sequence[str]], Mapping[str, ItemSupply]]
    settings: Settings = field(default_factory=Settings)

    def by_week(self) -> ReplaySource:
        """The same with the units of each whole week, from Monday on, in one record on that Monday."""
        if not len(self.records):
            return self
        day, week = pl.col("date_local"), pl.col("date_local").dt.truncate("1w")
        sums = self.records.group_by("item_id", "location_id", date_local=week).agg(pl.col("units_sold").sum())
        first, last = self.records.select(first=day.min(), last=day.max()).row(0)
        whole = (day >= first) & (day + dt.timedelta(days=6) <= last)
        return replace(self, records=sums.filter(whole))

    def by_location(self) -> ReplaySource:
        """The same with each item at a location as an item of its own, supplied as the item is."""
        place = pl.concat_str("item_id", "location_id", separator=_AT)

        def supply_of(items: Sequence[str]) -> dict[str, ItemSupply]:
            item_of = {item: item.rpartition(_AT)[0] for item in items}
            supply = self.supply_of(sorted({*item_of.values()}))
            return {place: supply.get(item, ItemSupply()) for place, item in item_of.items()}

        return replace(self, records=self.records.with_columns(item_id=place), supply_of=supply_of)


def from_file(path: Path) -> ReplaySource:
    """A Parquet file's. Raises Invalid."""
    records, supply = read_demand(path), read_supply(path)
    return ReplaySource(records, lambda _: supply)


def from_client(client_id: str, progress: JobProgress) -> ReplaySource:
    """A client's own. Raises NotFound, Invalid and Unavailable as `client_records` does."""
    records = client_records(client_id, progress)
    with google_in_one_line():
        tenant = Tenant(database(config()), client_id)
        settings = SettingsStore(tenant).get().value
    return ReplaySource(records, lambda item_ids: client_supply(tenant, settings, item_ids), settings)


def client_supply(tenant: Tenant, settings: Settings, item_ids: Sequence[str]) -> dict[str, ItemSupply]:
    """The items' supply as planning has it: by the ruling condition, else the default lead time, and no MOQ or pack.

    A read for each product and each condition, of these items only: a replay takes some hundred of a client's items.
    """
    supply: dict[str, ItemSupply] = {}
    waiting = iter(item_ids)
    with google_in_one_line():
        while some := list(islice(waiting, _ITEMS_PER_CALL)):
            products, conditions = Products(tenant).get_many(some), Conditions(tenant).of_items(some)
            for item_id in some:
                ruling = ruling_condition(conditions[item_id])
                supply[item_id] = _supply(products.get(item_id), ruling, settings.default_lead_time_days)
    return supply


def _supply(product: Product | None, ruling: Condition | None, default_lead_time_days: int) -> ItemSupply:
    """A product without a unit cost is valued at what its supplier asks; it is sold for the price on its record."""
    costs = [product.unit_cost if product is not None else 0, ruling.supplier_cost if ruling is not None else 0]
    cost = next((float(cost) for cost in costs if cost > 0), None)
    price = float(product.unit_price) if product is not None and product.unit_price else None
    if ruling is None:
        return ItemSupply(cost, price, default_lead_time_days, moq=0.0, packaging_qty=_ONE_UNIT)
    return ItemSupply(cost, price, ruling.lead_time_days, float(ruling.moq), float(ruling.packaging_qty))
