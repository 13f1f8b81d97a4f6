"""Forecast runs: begun by any shard, published by the last one, the latest date wins."""

from __future__ import annotations

import datetime as dt

import pytest

from shared.domain.errors import Conflict, Invalid, NotFound
from shared.domain.forecast_engine import FallbackCode, FallbackReason
from shared.domain.forecast_request import ForecastRequest
from shared.domain.forecast_run import ShardResult
from shared.firestore.forecast_runs import ForecastRuns
from tests.support.tenants import TestClient

NOW = dt.datetime(2024, 6, 3, 5, tzinfo=dt.UTC)
DAY = dt.date(2024, 6, 3)


@pytest.fixture
def runs(client: TestClient) -> ForecastRuns:
    return ForecastRuns(client.tenant)


def test_a_run_is_published_by_its_last_shard(runs: ForecastRuns) -> None:
    runs.begin("run", DAY, 2, NOW)
    assert runs.latest() is None
    assert not runs.complete_shard("run", 1, NOW)
    assert not runs.complete_shard("run", 1, NOW)  # again: still the other one is missing
    assert runs.latest() is None
    assert runs.complete_shard("run", 0, NOW)
    published = runs.latest()
    assert published is not None
    assert (published.run_id, published.published_at, published.shards_done) == ("run", NOW, frozenset({0, 1}))
    assert runs.complete_shard("run", 0, NOW + dt.timedelta(hours=1))
    assert runs.get("run") == published


def test_a_shard_that_comes_again_finds_the_run_as_it_is(runs: ForecastRuns) -> None:
    begun = runs.begin("run", DAY, 2, NOW)
    runs.complete_shard("run", 0, NOW)
    again = runs.begin("run", DAY, 2, NOW + dt.timedelta(hours=1))
    assert (again.started_at, again.shards_done) == (begun.started_at, frozenset({0}))


@pytest.mark.parametrize(("date", "shards"), [(DAY, 3), (DAY + dt.timedelta(1), 2)])
def test_a_run_is_not_cut_in_two_ways(runs: ForecastRuns, date: dt.date, shards: int) -> None:
    runs.begin("run", DAY, 2, NOW)
    with pytest.raises(Conflict, match="forecast_run_differs"):
        runs.begin("run", date, shards, NOW)


def test_a_replay_of_an_earlier_day_does_not_become_the_latest(runs: ForecastRuns) -> None:
    for run_id, date in (("today", DAY), ("replay", DAY - dt.timedelta(7))):
        runs.begin(run_id, date, 1, NOW)
        assert runs.complete_shard(run_id, 0, NOW)
    latest = runs.latest()
    assert latest is not None
    assert latest.run_id == "today"
    assert runs.get("replay").published  # type: ignore[union-attr]


@pytest.mark.parametrize("wanted", [ForecastRequest(("a",)), ForecastRequest(horizon_days=91)])
def test_a_run_of_some_items_or_another_horizon_is_not_for_readers(runs: ForecastRuns, wanted: ForecastRequest) -> None:
    runs.begin("daily", DAY, 1, NOW)
    runs.complete_shard("daily", 0, NOW)
    runs.begin("own", DAY, 1, NOW, wanted=wanted)
    assert runs.complete_shard("own", 0, NOW + dt.timedelta(hours=1), ShardResult(3, {"statistical": 5}))
    for used in (runs.latest(), runs.published_until(DAY)):
        assert used is not None
        assert used.run_id == "daily"
    own = runs.get("own")
    assert own is not None
    assert (own.items, own.series, own.item_count, own.horizon_days) == (
        (3, 5, len(wanted.item_ids) if wanted.item_ids else None, wanted.horizon_days)
    )


def test_a_shard_that_is_marked_again_is_counted_once(runs: ForecastRuns) -> None:
    reason = FallbackReason(code=FallbackCode.GPU_UNUSABLE, detail="no driver")
    runs.begin("run", DAY, 2, NOW, engine="other", fallback_reason=reason)
    for index in (0, 0, 1):
        runs.complete_shard("run", index, NOW, ShardResult(2, {"other": 2, "statistical": 1}, reason))
    run = runs.get("run")
    assert run is not None
    assert (run.items, run.series, run.series_by_engine) == (4, 6, {"other": 4, "statistical": 2})
    assert (run.engine, run.requested_engine, run.fallback_reason) == ("other", "statistical", reason)


def test_what_cannot_be_is_refused(runs: ForecastRuns) -> None:
    with pytest.raises(Invalid, match="run_id_reserved"):
        runs.begin("latest", DAY, 1, NOW)
    with pytest.raises(NotFound):
        runs.complete_shard("unknown", 0, NOW)
    runs.begin("run", DAY, 1, NOW)
    with pytest.raises(Invalid, match="no_such_shard"):
        runs.complete_shard("run", 1, NOW)
    assert runs.get("unknown") is None


def test_the_last_run_published_until_a_day(runs: ForecastRuns) -> None:
    assert runs.published_until(DAY) is None
    for run_id, days, hour in (("old", 9, 0), ("first", 2, 1), ("again", 2, 2), ("later", 0, 3)):
        runs.begin(run_id, DAY - dt.timedelta(days), 1, NOW)
        runs.complete_shard(run_id, 0, NOW + dt.timedelta(hours=hour))
    runs.begin("failed", DAY - dt.timedelta(1), 2, NOW)
    runs.complete_shard("failed", 0, NOW)
    found = [runs.published_until(DAY - dt.timedelta(days)) for days in (0, 1, 2, 3, 9, 10)]
    assert [run and run.run_id for run in found] == ["later", "again", "again", "old", "old", None]
