"""What the job reads from BigQuery: the client's items, the shop as a whole, and the demand of some items at a time.

Items are dealt to shards by a hash of client and item, which no other item changes. A shard reads its items in blocks,
so its memory does not grow with the client; only one number an item and one a day are read for all of them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from forecast_job.client_history.season_and_open_days import AWAKE_DAYS, ClientHistory
from forecast_job.demand.panel import HISTORY_DAYS
from shared.bigquery.demand_queries import DAILY_SELLERS, DEMAND_RECORDS, FUTURE_RECORDS, JOB_ITEMS
from shared.bigquery.warehouse import Warehouse

BLOCK_SERIES = 20_000  # about 60 MB of panel, and half a gigabyte while it is forecast
_REVENUE_DAYS = 365


@dataclass(frozen=True)
class DemandSource:
    """A client's demand before `run_date`, at most two years of it."""

    warehouse: Warehouse
    run_date: dt.date

    @property
    def first(self) -> dt.date:
        return self.run_date - dt.timedelta(days=HISTORY_DAYS)

    @property
    def last(self) -> dt.date:
        return self.run_date - dt.timedelta(days=1)

    def items(self) -> pl.DataFrame:
        """Every item with a record in the history, by item_id: `revenue` of the last year, `first_sale`, `last_sale`
        (null: never), the number of `locations`, and `records`: a digest of all that a panel shows of the item."""
        revenue_first = self.run_date - dt.timedelta(days=_REVENUE_DAYS)
        table = self.warehouse.arrow(JOB_ITEMS, revenue_first=revenue_first, first=self.first, last=self.last)
        return _frame(table)

    def history(self) -> ClientHistory:
        """The shop from its first day in the history on."""
        table = self.warehouse.arrow(DAILY_SELLERS, first=self.first, last=self.last, awake_days=AWAKE_DAYS)
        daily = _frame(table)
        if not len(daily):
            return ClientHistory(self.run_date, np.zeros(0))
        days = np.array([(day - self.first).days for day in daily["date_local"]])
        counts = np.zeros((3, HISTORY_DAYS))
        counts[:, days] = daily.select("sellers", "woke", "last_sales").to_numpy().T
        sellers, woke, last_sales = counts
        fell_asleep = np.pad(last_sales, (AWAKE_DAYS, 0))[:HISTORY_DAYS]
        awake = np.cumsum(woke - fell_asleep)
        start = int(days.min())
        return ClientHistory(self.first + dt.timedelta(days=start), sellers[start:], awake[start:])

    def future_records(self) -> int:
        """How many records are dated on the run date or later: they are not read."""
        (future,) = self.warehouse.rows(FUTURE_RECORDS, last=self.last)
        return future.records

    def demand(self, item_ids: Sequence[str]) -> pl.DataFrame:
        """The daily records of some items, at every location."""
        if not item_ids:
            raise ValueError("no item to read the demand of")
        table = self.warehouse.arrow(
            DEMAND_RECORDS,
            first=self.first,
            last=self.last,
            low=min(item_ids),
            high=max(item_ids),
            items=list(item_ids),
        )
        return _frame(table)


def items_of_products(items: pl.DataFrame, products: Collection[str] | None, named: Collection[str]) -> pl.DataFrame:
    """Those of the items that are products of the client, or are named; `products` None: nobody knows which are.

    Sales of no product stay stored, but no list shows the item, and nothing is learned from it.
    """
    return items if products is None else items.filter(pl.col("item_id").is_in([*products, *named]))


def wanted_items(items: pl.DataFrame, item_ids: Sequence[str] | None) -> pl.DataFrame:
    """Those of the items, in order; None: all of them. One without a record in the history is in neither."""
    return items if item_ids is None else items.filter(pl.col("item_id").is_in(list(item_ids)))


def shard_items(client_id: str, items: pl.DataFrame, index: int, count: int) -> pl.DataFrame:
    """The items of one of `count` shards, in order. Each item is in exactly one."""
    return items.filter([_hash(client_id, item_id) % count == index for item_id in items["item_id"]])


def sample_items(client_id: str, items: pl.DataFrame) -> list[str]:
    """A random sample of the items, the same in every shard: those with the smallest hashes that fit one block."""
    hashes = [_hash(client_id, item_id) for item_id in items["item_id"]]
    hashed = items.with_columns(hash=pl.Series(hashes, dtype=pl.UInt64)).sort("hash", "item_id")
    return next(iter(blocks(hashed)), [])


def blocks(items: pl.DataFrame, series: int = BLOCK_SERIES) -> list[list[str]]:
    """The items cut into blocks of at most so many series, item totals counted; at least one item a block."""
    result: list[list[str]] = []
    room = 0
    for item_id, locations in zip(items["item_id"], items["locations"], strict=True):
        if not result or locations + 1 > room:
            result.append([])
            room = series
        result[-1].append(item_id)
        room -= locations + 1
    return result


def _hash(client_id: str, item_id: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{client_id}\0{item_id}".encode()).digest()[:8])


def _frame(table: object) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    if not isinstance(frame, pl.DataFrame):
        raise TypeError(f"expected a table, got {type(frame).__name__}")
    return frame
