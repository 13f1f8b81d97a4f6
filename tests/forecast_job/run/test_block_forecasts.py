"""What a run learns before it forecasts its blocks: from all the client's items, and not from days it is tested on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.load import DemandSource
from forecast_job.demand.panel import Panel
from forecast_job.engines import DailyForecast, DemandOnly, Engine
from forecast_job.progress import JobProgress
from forecast_job.results.result_files import RunKey
from forecast_job.run.block_forecasts import BlockForecasts
from forecast_job.run.bucket import Bucket
from forecast_job.run.cached_calibration import Learned
from shared.bigquery.tables import BACKTESTS, FORECASTS
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from shared.domain.forecast_request import ForecastRequest
from tests.support.panels import demand
from tests.support.tenants import TODAY, TestClient

DAYS, HORIZON, ITEMS = 90, 14, 5


@dataclass(frozen=True)
class Counting(DemandOnly):
    """Forecasts how many days and series it has learned from."""

    learned: float = 0.0
    name: str = "counting"

    def learn(self, panel: Panel, history: ClientHistory) -> Engine:
        assert panel.days == history.days
        return Counting(panel.days + len(set(panel.item_ids)) / 100)

    def forecast(
        self, panel: Panel, horizon_days: int, quantiles: Sequence[float], history: ClientHistory
    ) -> DailyForecast:
        shape = (panel.series, horizon_days)
        levels = np.full((*shape, len(quantiles)), self.learned, np.float32)
        return DailyForecast(levels, np.full(shape, self.learned, np.float32))


def test_an_engine_learns_from_all_items_and_for_the_backtest_from_what_was_known_then(client: TestClient) -> None:
    client.sell(demand(DAYS, ITEMS, first=TODAY - dt.timedelta(days=DAYS)).to_dicts())
    source = DemandSource(Warehouse(config(), client.client_id), TODAY)
    key = RunKey(client.client_id, TODAY, "run")
    wanted = ForecastRequest(("I001",), HORIZON, backtest=True)
    progress = JobProgress(interactive=False)
    learned = Learned(Bucket(config(), progress), client.client_id, progress)
    rows = BlockForecasts(source, source.items(), Counting(), key, wanted, learned, progress).of(["I001"])
    for table, days in ((FORECASTS, DAYS), (BACKTESTS, DAYS - HORIZON)):
        (median,) = set(rows[table.name]["q50"].to_pylist())
        assert median == round(days + ITEMS / 100, 4)
