"""A shard that is killed goes on where it was; whatever is wrong with its checkpoints, it comes to the same end."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.panel import Panel
from forecast_job.engines import DailyForecast, DemandOnly
from forecast_job.engines.registry import ChosenEngine
from forecast_job.engines.statistical import StatisticalEngine
from forecast_job.progress import JobProgress
from forecast_job.results.result_files import TABLES, RunKey, arrow_schema
from forecast_job.run.bucket import Bucket
from forecast_job.run.checkpoints import Checkpoints, _damages, _packed, _unpacked, block_digest
from forecast_job.run.shard import RunStoppedError, Shard, ShardOutcome, ShardTask, run_shard
from shared.bigquery.warehouse import Warehouse
from shared.config import Config, config
from shared.domain.forecast_request import ForecastRequest, FutureDay
from shared.firestore.forecast_runs import ForecastRuns
from shared.object_storage import storage_client
from tests.support.panels import demand
from tests.support.running import Running
from tests.support.sql import SqlText
from tests.support.tenants import TODAY, TestClient

NOW = dt.datetime(2024, 6, 3, 5, tzinfo=dt.UTC)
DAYS, ITEMS, HORIZON = 60, 6, 4
SERIES = ITEMS + ITEMS + ITEMS // 2
BLOCK_SERIES = 5  # two items each: three blocks
BLOCKS = 3
KEY = RunKey("client", TODAY, "run")
WANTED = ForecastRequest(horizon_days=HORIZON, backtest=True)
EMPTY = {table.name: arrow_schema(table).empty_table() for table in TABLES}


class Killed(BaseException):
    """The process is gone: nothing catches it."""


@dataclass
class Counting(DemandOnly):
    """The statistical engine; keeps the items it was asked for, and dies at the `dies_at`-th panel of the horizon."""

    dies_at: int | None = None
    name: str = "statistical"
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def forecast(
        self, panel: Panel, horizon_days: int, quantiles: Sequence[float], history: ClientHistory
    ) -> DailyForecast:
        if panel.origin == TODAY:
            self.asked.append(tuple(sorted(set(panel.item_ids))))
            if len(self.asked) == self.dies_at:
                raise Killed
        return StatisticalEngine().forecast(panel, horizon_days, quantiles, history)


@pytest.fixture
def seller(client: TestClient) -> TestClient:
    client.sell(demand(DAYS, ITEMS, first=TODAY - dt.timedelta(days=DAYS)).to_dicts())
    return client


def run(
    client: TestClient,
    engine: Counting,
    settings: Config | None = None,
    goes_on: Callable[[], bool] = lambda: True,
    clock: Callable[[], dt.datetime] = lambda: NOW,
    run_id: str = "run",
) -> ShardOutcome:
    task = ShardTask(
        config=settings or config(),
        runs=ForecastRuns(client.tenant),
        key=RunKey(client.client_id, TODAY, run_id),
        shard=Shard(0, 1),
        request=WANTED,
        progress=JobProgress(interactive=False),
        clock=clock,
    )
    return run_shard(task, ChosenEngine(engine), goes_on, BLOCK_SERIES)


def rows(client: TestClient, table: str, run_id: str = "run") -> list[dict[str, Any]]:
    """A table's rows of the run, in order, without its id."""
    sql = f"SELECT * FROM inventory.{table} WHERE client_id = @client_id AND run_date = @run_date AND run_id = @run_id"
    found = Warehouse(config(), client.client_id).arrow(SqlText(sql), run_date=TODAY, run_id=run_id)
    names = [name for name in ("item_id", "location_id", "date_local", "window_days") if name in found.column_names]
    ordered: list[dict[str, Any]] = found.sort_by([(name, "ascending") for name in names]).to_pylist()
    return [{**row, "run_id": ""} for row in ordered]


def kept(client: TestClient) -> list[Any]:
    """The checkpoints in the bucket."""
    prefix = f"checkpoints/{client.client_id}/run/0-1/"
    return list(storage_client(config()).list_blobs(config().upload_bucket, prefix=prefix))


def warnings(capsys: pytest.CaptureFixture[str]) -> list[str]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line["message"] for line in lines if line["severity"] == "WARNING"]


@pytest.fixture
def elsewhere(running: Running) -> Callable[..., Config]:
    """The configuration with another bucket."""
    return lambda **changes: replace(config(), **changes)


def test_a_killed_shard_forecasts_what_is_missing_and_publishes_what_it_would_have(
    seller: TestClient, elsewhere: Callable[..., Config], capsys: pytest.CaptureFixture[str]
) -> None:
    whole = Counting()
    run(seller, whole, elsewhere(upload_bucket="no-such-bucket"), run_id="whole")
    assert len(whole.asked) == BLOCKS
    (said,) = warnings(capsys)
    assert said.startswith("no checkpoints from here on, what a killed shard does now is done again: 404 ")
    before, after = Counting(dies_at=BLOCKS), Counting()
    with pytest.raises(Killed):
        run(seller, before)
    assert rows(seller, "forecast_results") == []
    assert len(kept(seller)) == BLOCKS - 1
    assert run(seller, after) == ShardOutcome(ITEMS, SERIES, published=True)
    assert before.asked == [("I000", "I001"), ("I002", "I003"), ("I004", "I005")]
    assert after.asked == before.asked[-1:]
    assert "2 of 3 blocks had been forecast before" in capsys.readouterr().out
    for table in TABLES:
        assert rows(seller, table.name) == rows(seller, table.name, "whole") != []
    assert kept(seller) == []


def test_a_shard_killed_after_loading_finds_its_blocks_and_its_load_jobs(seller: TestClient) -> None:
    calls = iter(range(2))

    def dies_when_done() -> dt.datetime:
        if next(calls):
            raise Killed
        return NOW

    with pytest.raises(Killed):
        run(seller, Counting(), clock=dies_when_done)
    assert len(kept(seller)) == BLOCKS
    again = Counting()
    assert run(seller, again).published
    assert again.asked == []
    daily = [(row["item_id"], row["location_id"], row["date_local"]) for row in rows(seller, "forecast_results")]
    assert len(daily) == len(set(daily)) == SERIES * HORIZON
    assert kept(seller) == []


def test_a_bucket_that_does_not_answer_is_waited_for_once(
    running: Running, elsewhere: Callable[..., Config], capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = elsewhere(storage_emulator_host="http://127.0.0.1:9")
    progress = JobProgress(interactive=False)
    checkpoints = Checkpoints(Bucket(nowhere, progress, patience_s=0.1), KEY, "0-1", progress)
    assert checkpoints.fetch("a") is None
    checkpoints.keep("a", EMPTY)
    assert checkpoints.fetch("a") is None
    checkpoints.clear()
    assert len(warnings(capsys)) == 1


def test_a_run_that_is_cancelled_stops_between_blocks_and_leaves_nothing(seller: TestClient) -> None:
    answers = iter([True, True, False])
    engine = Counting()
    with pytest.raises(RunStoppedError):
        run(seller, engine, goes_on=lambda: next(answers))
    assert len(engine.asked) == 2
    assert rows(seller, "forecast_results") == []
    assert kept(seller) == []


def test_what_decides_a_block_decides_its_name() -> None:
    first = block_digest(KEY, WANTED, "statistical", ["a", "b"])
    assert first == block_digest(KEY, replace(WANTED, item_ids=("a", "b")), "statistical", ["a", "b"])
    others = [
        block_digest(RunKey("other", TODAY, "run"), WANTED, "statistical", ["a", "b"]),
        block_digest(RunKey("client", TODAY, "again"), WANTED, "statistical", ["a", "b"]),
        block_digest(RunKey("client", TODAY + dt.timedelta(1), "run"), WANTED, "statistical", ["a", "b"]),
        block_digest(KEY, replace(WANTED, horizon_days=5), "statistical", ["a", "b"]),
        block_digest(KEY, replace(WANTED, backtest=False), "statistical", ["a", "b"]),
        block_digest(KEY, replace(WANTED, future=(FutureDay(TODAY),)), "statistical", ["a", "b"]),
        block_digest(KEY, replace(WANTED, future=(FutureDay(TODAY, "a"),)), "statistical", ["a", "b"]),
        block_digest(KEY, WANTED, "chronos2", ["a", "b"]),
        block_digest(KEY, WANTED, "statistical", ["a"]),
        block_digest(KEY, WANTED, "statistical", ["a,b"]),
    ]
    assert len({first, *others}) == 1 + len(others)


@pytest.mark.parametrize("damage", [b"", b"no archive", _packed(EMPTY)[:-100], _packed({})])
def test_a_damaged_checkpoint_is_as_if_it_were_not_there(
    client: TestClient, damage: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    key, progress = RunKey(client.client_id, TODAY, "run"), JobProgress(interactive=False)
    Checkpoints(Bucket(config(), progress), key, "0-1", progress).keep("a", EMPTY)
    assert Checkpoints(Bucket(config(), progress), key, "0-1", progress).fetch("a") == EMPTY
    (blob,) = kept(client)
    blob.upload_from_string(damage)
    assert warnings(capsys) == []
    again = Checkpoints(Bucket(config(), progress), key, "0-1", progress)
    assert again.fetch("a") is None
    (said,) = warnings(capsys)
    assert said.startswith("a checkpoint cannot be used, its block is forecast again: ")
    again.keep("a", EMPTY)
    assert Checkpoints(Bucket(config(), progress), key, "0-1", progress).fetch("a") == EMPTY
    assert Checkpoints(Bucket(config(), progress), key, "1-2", progress).fetch("a") is None


def test_one_that_another_attempt_removed_meanwhile_is_not_there(
    client: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    key, progress = RunKey(client.client_id, TODAY, "run"), JobProgress(interactive=False)
    mine, other = (Checkpoints(Bucket(config(), progress), key, "0-1", progress) for _ in range(2))
    for digest in ("a", "b"):
        other.keep(digest, EMPTY)
    assert mine.fetch("a") == EMPTY
    other.clear()
    assert mine.fetch("b") is None
    mine.clear()
    assert warnings(capsys) == []


def test_any_damage_is_noticed() -> None:
    """Bits turned over anywhere: never other rows, and no error but those that stand for damage."""
    data, chance = _packed(EMPTY), random.Random(1)
    assert _unpacked(data) == EMPTY
    for _ in range(300):
        damaged = bytearray(data)
        damaged[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        try:
            assert _unpacked(bytes(damaged)) == EMPTY
        except _damages():
            continue
