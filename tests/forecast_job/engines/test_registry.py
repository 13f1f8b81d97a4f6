"""Engines by name; the whole job with Chronos-2, and without its weights."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from forecast_job.__main__ import main
from forecast_job.demand.covariates import Covariates
from forecast_job.demand.panel import Panel
from forecast_job.engines import EngineUnavailable, Learns
from forecast_job.engines.pinning import PIN_VARIABLE
from forecast_job.engines.registry import WEIGHTS_VARIABLE, engine_for
from forecast_job.progress import JobProgress
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from shared.domain.forecast_engine import AUTO_ETS, CHAMPION, CHRONOS2, ENGINES, STATISTICAL
from shared.firestore.forecast_runs import ForecastRuns
from shared.firestore.page import PageRequest
from tests.support.panels import demand
from tests.support.sql import table_rows
from tests.support.tenants import TODAY, TestClient
from tests.support.weights import use_weights

DAYS, HORIZON = 60, 7
_ROWS = """
SELECT engine, COUNT(*) AS n, MIN(q05) AS low, MAX(mean) AS high FROM inventory.forecast_results
WHERE client_id = @client_id AND run_date = @run_date GROUP BY engine
"""


class NoCovariates:
    def of(self, panel: Panel, horizon_days: int) -> Covariates:
        return Covariates({}, {})


@pytest.fixture
def seller(client: TestClient) -> TestClient:
    sold = demand(DAYS, 4, first=TODAY - dt.timedelta(days=DAYS)).to_dicts()
    new = {"item_id": "NEW", "location_id": "NORTH", "date_local": TODAY - dt.timedelta(days=2), "units_sold": 3}
    rows = [*sold, new | {"revenue": 3}]
    client.sell([row | {"promotion_flag": row["date_local"].day % 5 == 0, "marketing_spend": None} for row in rows])
    return client


def _published(client: TestClient) -> list[dict[str, Any]]:
    return table_rows(Warehouse(config(), client.client_id), _ROWS, run_date=TODAY)


def _run(client: TestClient, *more: str) -> int:
    return main(["--client", client.client_id, "--horizon", str(HORIZON), "--engine", CHRONOS2, *more], {})


def test_engines_have_the_names_they_are_asked_for_by(tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_weights(monkeypatch, tiny_weights)
    for name in ENGINES:
        engine = engine_for(name, fallback=False, progress=JobProgress(interactive=False)).engine
        assert engine.name == name
        seeing = engine.with_covariates(NoCovariates())
        assert (seeing is not engine) == (name == CHRONOS2)
        assert seeing.name == name
        assert isinstance(engine, Learns) == (name == CHAMPION)


def test_the_whole_job_with_a_model_of_statsforecast(seller: TestClient) -> None:
    """Without an engine on its command line it is that of the client's settings."""
    seller.call("PUT", "/settings", json={"forecast_engine": AUTO_ETS})
    assert main(["--client", seller.client_id, "--horizon", str(HORIZON)], {}) == 0
    rows = {row["engine"]: row["n"] for row in _published(seller)}
    assert set(rows) == {AUTO_ETS, STATISTICAL}  # the new item is too young for it
    assert rows[STATISTICAL] == 2 * HORIZON


def test_the_whole_job_with_chronos(seller: TestClient, tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_weights(monkeypatch, tiny_weights)
    assert _run(seller, "--no-fallback") == 0
    rows = {row["engine"]: row for row in _published(seller)}
    assert {engine: row["n"] for engine, row in rows.items()} == {
        CHRONOS2: (4 + 4 + 2) * HORIZON,
        STATISTICAL: 2 * HORIZON,  # the new item, as a whole and at its location
    }
    assert all(row["low"] >= 0 and row["high"] > 0 for row in rows.values())
    (run,) = ForecastRuns(seller.tenant).page(PageRequest(1)).items
    assert (run.engine, run.series_by_engine) == (CHRONOS2, {CHRONOS2: 10, STATISTICAL: 2})
    assert run.fallback_reason is None  # one item that is too young is not the run's


def test_weights_that_are_not_the_pinned_ones_forecast_nothing_and_the_log_says_error(
    seller: TestClient, tiny_weights: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    use_weights(monkeypatch, tiny_weights)
    pinned = "0" * 64
    monkeypatch.setenv(PIN_VARIABLE, pinned)
    assert _run(seller) == 0
    assert [row["engine"] for row in _published(seller)] == [STATISTICAL]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (error,) = [line for line in lines if line["severity"] == "ERROR"]
    assert (error["message"], error["client_id"]) == ("forecast fallback", seller.client_id)
    assert (error["requested_engine"], error["engine"], error["reason"]) == (CHRONOS2, STATISTICAL, "weights_invalid")
    assert error["detail"].startswith(f"the Chronos-2 weights in {tiny_weights} cannot be used: ")
    assert error["detail"].endswith(f"not the pinned {pinned}")


def test_without_weights_and_without_leave_for_another_it_fails(
    seller: TestClient, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(WEIGHTS_VARIABLE, raising=False)
    assert _run(seller, "--no-fallback") == 1
    assert _published(seller) == []
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "set STOCKCAST_CHRONOS_WEIGHTS to a folder or gs://bucket/folder" in lines[0]["message"]


def test_an_engine_without_its_library_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WEIGHTS_VARIABLE, "/any")
    monkeypatch.setitem(sys.modules, "forecast_job.engines.chronos2", None)
    with pytest.raises(EngineUnavailable, match="needs the extra 'chronos'"):
        engine_for(CHRONOS2, fallback=False, progress=JobProgress(interactive=False))
