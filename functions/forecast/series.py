"""One item's forecast in a run, with the history before it, from BigQuery."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from functions.forecast.backtests import backtest_of_item
from functions.forecast.runs import existing
from shared.bigquery.backtest_queries import ITEM_BACKTEST
from shared.bigquery.demand_queries import ITEM_HISTORY
from shared.bigquery.forecast_queries import ITEM_FORECAST, ITEM_TOTALS
from shared.bigquery.tables import ALL_LOCATIONS
from shared.bigquery.warehouse import Warehouse
from shared.config import Config
from shared.domain.forecast_request import ForecastNotPublished, ItemNotForecast
from shared.domain.forecast_run import ForecastRun
from shared.firestore.tenant import Tenant

_UNITS, _CENTS = Decimal("0.001"), Decimal("0.01")  # as api.md has quantities and money


@dataclass(frozen=True)
class ItemSeries:
    """`days` and `totals` as BigQuery has them, `history` with the scale of quantities and money."""

    run: ForecastRun
    item_id: str
    location_id: str | None
    engine: str
    history: list[dict[str, Any]]
    days: list[dict[str, Any]]
    totals: list[dict[str, Any]]
    backtest: list[dict[str, Any]]
    backtest_metrics: dict[str, Any] | None

    def as_view(self) -> dict[str, Any]:
        """As schemas.ItemForecast has it."""
        return {
            "run_id": self.run.run_id,
            "run_date": self.run.run_date,
            "item_id": self.item_id,
            "location_id": self.location_id,
            "engine": self.engine,
            "history": self.history,
            "days": self.days,
            "lead_time_demand": self.totals,
            "backtest": self.backtest,
            "backtest_metrics": self.backtest_metrics,
        }


def item_forecast(
    config: Config, tenant: Tenant, run_id: str, item_id: str, location_id: str | None, history_days: int
) -> ItemSeries:
    """The item's forecast as a whole or at a location. Raises NotFound, and Conflict before the run is published.

    One read, and three concurrent queries; two without history; one more of an item as a whole, of a run with a
    backtest.
    """
    run = existing(tenant, run_id)
    if not run.published:
        raise ForecastNotPublished(f"run {run.run_id} has not been published: its results can be read when it is")
    warehouse = Warehouse(config, tenant.client_id)
    which: dict[str, Any] = {"item_id": item_id, "location_id": location_id or ALL_LOCATIONS}
    of_run = which | {"run_date": run.run_date, "run_id": run.run_id}
    window = {"first": run.run_date - dt.timedelta(days=history_days), "last": run.run_date - dt.timedelta(days=1)}
    with ThreadPoolExecutor(max_workers=4) as side_by_side:
        days = side_by_side.submit(lambda: warehouse.rows(ITEM_FORECAST, **of_run))
        totals = side_by_side.submit(lambda: warehouse.rows(ITEM_TOTALS, **of_run))
        history = side_by_side.submit(lambda: warehouse.rows(ITEM_HISTORY, **which, **window)) if history_days else None
        of_item: dict[str, Any] = {"run_date": run.run_date, "run_id": run.run_id, "item_id": item_id}
        has_backtest = run.backtest and location_id is None
        backtest = side_by_side.submit(lambda: warehouse.rows(ITEM_BACKTEST, **of_item)) if has_backtest else None
        found = days.result()
        past = history.result() if history else []
        tested, metrics = backtest_of_item(backtest.result() if backtest else [])
    if not found:
        place = f" at {location_id!r}" if location_id else ""
        raise ItemNotForecast(f"run {run.run_id} has no forecast of item {item_id!r}{place}")
    return ItemSeries(
        run,
        item_id,
        location_id,
        found[0].engine,
        [
            {
                "date_local": day.date_local,
                "units_sold": day.units_sold.quantize(_UNITS),
                "revenue": None if day.revenue is None else day.revenue.quantize(_CENTS),
            }
            for day in past
        ],
        [day.without_engine() for day in found],
        [total._asdict() for total in totals.result()],
        tested,
        metrics,
    )
