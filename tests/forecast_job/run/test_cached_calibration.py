"""What was learned before is found, equals what would be learned again, and is never that of another demand."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.load import DemandSource
from forecast_job.demand.panel import Panel
from forecast_job.engines import DailyForecast, DemandOnly, Engine
from forecast_job.engines.statistical import StatisticalEngine
from forecast_job.progress import JobProgress
from forecast_job.results.result_files import BlockTables, RunKey
from forecast_job.run import cached_calibration as learned
from forecast_job.run.block_forecasts import BlockForecasts
from forecast_job.run.bucket import Bucket
from forecast_job.run.cached_calibration import Kind, Learned, _packed, _unpacked, learned_digest
from forecast_job.totals import calibration
from forecast_job.totals.calibration import Calibration
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from shared.domain.forecast_request import ForecastRequest
from shared.object_storage import storage_client
from tests.support.panels import demand, panel_of
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient

DAY = dt.timedelta(days=1)
DAYS, ITEMS = 110, 8
KIND = Kind(DAYS, (1, 28), (0.5, 0.9, 0.99))
PROGRESS = JobProgress(interactive=False)


@dataclass(frozen=True)
class Counted(DemandSource):
    """Keeps how many items it was asked for at a time."""

    asked: list[int] = field(default_factory=list)

    def demand(self, item_ids: Sequence[str]) -> pl.DataFrame:
        self.asked.append(len(item_ids))
        return super().demand(item_ids)


@dataclass(frozen=True)
class Learning(DemandOnly):
    """The statistical engine, as one that learns."""

    name: str = "statistical"

    def learn(self, panel: Panel, history: ClientHistory) -> Engine:
        assert len(set(panel.item_ids)) == ITEMS
        return self

    def forecast(
        self, panel: Panel, horizon_days: int, quantiles: Sequence[float], history: ClientHistory
    ) -> DailyForecast:
        return StatisticalEngine().forecast(panel, horizon_days, quantiles, history)


@pytest.fixture(scope="module")
def fitted() -> Calibration:
    panel, history = panel_of(demand(200), 200)
    found = calibration.fit(panel, history, KIND.windows, KIND.levels)
    assert all(len(one.position) > 1 for one in found.pooled)
    return found


def known(client: TestClient) -> Learned:
    """What a job started afresh knows of."""
    return Learned(Bucket(config(), PROGRESS), client.client_id, PROGRESS)


def nothing_more() -> Calibration:
    raise AssertionError("it was learned before")


def equal(left: Calibration, right: Calibration) -> bool:
    """To the last bit."""
    pairs = zip(left.pooled, right.pooled, strict=True)
    return (left.windows, left.levels) == (right.windows, right.levels) and all(
        getattr(one, name.name).tobytes() == getattr(other, name.name).tobytes()
        and getattr(one, name.name).dtype == getattr(other, name.name).dtype
        for one, other in pairs
        for name in fields(one)
    )


def forecast(client: TestClient, engine: Engine, item: str = "I001") -> tuple[BlockTables, list[int]]:
    """The rows of an item, and how many items the demand was read of."""
    source = Counted(Warehouse(config(), client.client_id), TODAY)
    wanted = ForecastRequest((item,), horizon_days=30, backtest=True)
    key = RunKey(client.client_id, TODAY, "run")
    return BlockForecasts(source, source.items(), engine, key, wanted, known(client), PROGRESS).of([item]), source.asked


def kept(client: TestClient) -> list[Any]:
    prefix = f"checkpoints/{client.client_id}/learned/"
    return list(storage_client(config()).list_blobs(config().upload_bucket, prefix=prefix))


def warnings(capsys: pytest.CaptureFixture[str]) -> list[str]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line["message"] for line in lines if line["severity"] == "WARNING"]


def test_what_is_found_equals_what_was_learned_and_is_not_learned_again(
    client: TestClient, fitted: Calibration
) -> None:
    assert equal(known(client).calibration("a", KIND, lambda: fitted), fitted)
    assert equal(known(client).calibration("a", KIND, nothing_more), fitted)
    with pytest.raises(AssertionError, match="learned before"):
        known(client).calibration("b", KIND, nothing_more)
    with pytest.raises(AssertionError, match="learned before"):
        replace(known(client), client_id=f"{client.client_id}-2").calibration("a", KIND, nothing_more)


def test_a_second_run_reads_its_own_items_only_and_forecasts_the_same(client: TestClient) -> None:
    client.sell(demand(DAYS, ITEMS, first=TODAY - DAYS * DAY).to_dicts())
    cold, asked = forecast(client, StatisticalEngine())
    assert sorted(asked) == [1, ITEMS]
    assert len(kept(client)) == 2  # for the run and for its backtest
    warm, asked = forecast(client, StatisticalEngine())
    assert asked == [1]
    assert warm == cold
    assert all(len(rows) for rows in warm.values())
    by_learning, asked = forecast(client, Learning())
    assert sorted(asked) == [1, ITEMS]
    assert by_learning == cold


def test_what_decides_a_calibration_decides_its_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    items = pl.DataFrame({"item_id": ["a", "b"], "locations": [1, 2], "records": ["x", "y"], "revenue": [1.0, 2.0]})
    history = ClientHistory(TODAY, np.arange(5.0), np.arange(5.0) + 9)
    first = learned_digest(items, history, KIND)
    assert first == learned_digest(items.with_columns(revenue=0.0), history, replace(KIND))
    others = [
        learned_digest(items.with_columns(item_id=pl.Series(["a", "c"])), history, KIND),
        learned_digest(items.with_columns(locations=2), history, KIND),
        learned_digest(items.with_columns(records=pl.Series(["y", "x"])), history, KIND),
        learned_digest(items[:1], history, KIND),
        learned_digest(items, replace(history, first=TODAY + DAY), KIND),
        learned_digest(items, replace(history, sellers=history.sellers[::-1]), KIND),
        learned_digest(items, replace(history, awake=history.sellers), KIND),
        learned_digest(items, replace(history, awake=None), KIND),
        learned_digest(items, history.until(4), KIND),
        learned_digest(items, history, replace(KIND, days=DAYS - 28)),
        learned_digest(items, history, replace(KIND, windows=(1, 30))),
        learned_digest(items, history, replace(KIND, levels=(0.5, 0.9, 0.98))),
    ]
    monkeypatch.setattr(learned, "CALIBRATION_VERSION", learned.CALIBRATION_VERSION + 1)
    others.append(learned_digest(items, history, KIND))
    assert len({first, *others}) == 1 + len(others)


@pytest.mark.parametrize("damage", ["empty", "no archive", "cut", "turned over", "other windows", "other levels"])
def test_a_damaged_one_is_learned_again(
    client: TestClient, fitted: Calibration, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    known(client).calibration("a", KIND, lambda: fitted)
    (blob,) = kept(client)
    whole = blob.download_as_bytes()
    less = [replace(one, quantiles=one.quantiles[:, 1:]) for one in fitted.pooled]
    blob.upload_from_string(
        {
            "empty": b"",
            "no archive": hashlib.sha256(b"no archive").digest() + b"no archive",
            "cut": whole[:-1],
            "turned over": whole[:60] + bytes([whole[60] ^ 1]) + whole[61:],
            "other windows": _packed(replace(fitted, pooled=fitted.pooled * 2)),
            "other levels": _packed(replace(fitted, pooled=tuple(less))),
        }[damage]
    )
    assert warnings(capsys) == []
    assert equal(known(client).calibration("a", KIND, lambda: fitted), fitted)
    (said,) = warnings(capsys)
    assert said.startswith("what was learned before cannot be used, it is learned again: ")
    assert equal(known(client).calibration("a", KIND, nothing_more), fitted)


def test_any_damage_is_noticed(fitted: Calibration) -> None:
    data, chance = _packed(fitted), random.Random(1)
    assert equal(_unpacked(data, KIND), fitted)
    for _ in range(300):
        damaged = bytearray(data)
        damaged[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        with pytest.raises(ValueError, match="damaged"):
            _unpacked(bytes(damaged), KIND)


def test_a_bucket_out_of_reach_is_waited_for_once(
    running: Running, fitted: Calibration, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = replace(config(), storage_emulator_host="http://127.0.0.1:9")
    out_of_reach = Learned(Bucket(nowhere, PROGRESS, patience_s=0.1), "client", PROGRESS)
    for _ in range(2):
        assert out_of_reach.calibration("a", KIND, lambda: fitted) is fitted
    assert len(warnings(capsys)) == 1
