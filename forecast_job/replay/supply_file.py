"""How a Parquet file says that its items are supplied."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from forecast_job.demand.demand_file import ALIASES
from forecast_job.demand.online_retail import item_code
from forecast_job.replay.supply import ItemSupply
from shared.domain.errors import Invalid

_MONEY = {"unit_cost": pl.Expr.mean, "unit_price": pl.Expr.median}
_COST_SHARE_OF_PRICE = 0.5
_LEAST_SUPPLY = {"lead_time_days": 0.0, "moq": 0.0, "packaging_qty": 0.001}


class InvalidSupply(Invalid):
    """A supply file holds a value that cannot be."""

    code = "invalid_supply"


def read_supply(path: Path) -> dict[str, ItemSupply]:
    """What the file says of how its items are supplied, by item; empty where it says nothing.

    Price: the median of unit_price. Unit cost: the mean of unit_cost, else half the price. lead_time_days, moq and
    packaging_qty: an item's last value. Raises Invalid for a value that cannot be.
    """
    columns = pl.read_parquet_schema(path)
    item = next((name for name in (*ALIASES["item_id"], "stock_code") if name in columns), None)
    money = [name for name in _MONEY if name in columns]
    terms = [name for name in _LEAST_SUPPLY if name in columns]
    values = [*terms, *money]
    if item is None or not values:
        return {}
    code = pl.col(item).cast(pl.String)
    named = item_code(code) if item == "stock_code" else code
    try:
        frame = pl.read_parquet(path, columns=[item, *values]).select(
            named.alias("item"), *(pl.col(name).cast(pl.Float64) for name in values)
        )
    except pl.exceptions.PolarsError as error:
        raise InvalidSupply(f"{path}: {', '.join(values)} must be numbers: {str(error).splitlines()[0]}") from error
    supply = frame.drop_nulls("item").group_by("item").agg(*(pl.col(name).drop_nulls().last() for name in terms))
    for name in terms:
        _check(path, name, supply)
    paid = frame.group_by("item").agg(pl.col(name).filter(pl.col(name) > 0).pipe(_MONEY[name]) for name in money)
    supply = supply.join(paid, on="item", how="left")
    return {row.pop("item"): _supply(row) for row in supply.iter_rows(named=True)}


def _check(path: Path, name: str, supply: pl.DataFrame) -> None:
    wrong = supply.filter((pl.col(name) < _LEAST_SUPPLY[name]) | ~pl.col(name).is_finite()).sort("item")
    if len(wrong):
        item, value = wrong.row(0, named=True)["item"], wrong.row(0, named=True)[name]
        raise InvalidSupply(f"{path}: {name} of item {item!r} is {value:g}; it must be {_LEAST_SUPPLY[name]:g} or more")


def _supply(row: Mapping[str, float | None]) -> ItemSupply:
    lead_time_days, cost, price = (row.get(name) for name in ("lead_time_days", "unit_cost", "unit_price"))
    return ItemSupply(
        unit_cost=price * _COST_SHARE_OF_PRICE if cost is None and price is not None else cost,
        price=price,
        lead_time_days=None if lead_time_days is None else round(lead_time_days),
        moq=row.get("moq"),
        packaging_qty=row.get("packaging_qty"),
    )
