"""Forecast runs: `forecast_runs/{run_id}`, and `forecast_runs/latest`, the one that readers use."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import FieldFilter

from shared.domain.errors import Conflict, Invalid, NotFound
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.transaction import Transaction, read

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference

_LATEST = "latest"
_RUNS_LOOKED_AT = 10  # the last few may still be running, or have failed


@dataclass(frozen=True)
class ForecastRun:
    """A run of the forecast job for one client. Its rows in BigQuery are complete once `published_at` is set."""

    run_id: str
    run_date: dt.date  # the first day that is forecast
    shard_count: int
    shards_done: frozenset[int]
    started_at: dt.datetime
    published_at: dt.datetime | None = None

    @property
    def published(self) -> bool:
        return self.published_at is not None


class ForecastRuns:
    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._collection = tenant.collection("forecast_runs")

    def begin(self, run_id: str, run_date: dt.date, shard_count: int, now: dt.datetime) -> ForecastRun:
        """The run, created by whichever of its shards comes first; a shard that comes again finds it as it is.

        Raises Conflict when the run exists with another date or number of shards: its items would be cut differently.
        """
        if run_id == _LATEST:
            raise Invalid("run_id_reserved", f"a run cannot be called {_LATEST!r}: choose another run id")
        document = self._document(run_id)
        wanted = ForecastRun(run_id, run_date, shard_count, frozenset(), now)

        def work(transaction: Transaction) -> ForecastRun:
            found = read(document, transaction)
            if not found.exists:
                transaction.set(document, _fields(wanted))
                return wanted
            run = _run(found.to_dict())
            if (run.run_date, run.shard_count) != (run_date, shard_count):
                raise Conflict(
                    "forecast_run_differs",
                    f"run {run_id} was started for {run.run_date} in {run.shard_count} shards, "
                    f"not for {run_date} in {shard_count}: choose another run id",
                )
            return run

        return self._tenant.transact(work)

    def complete_shard(self, run_id: str, index: int, now: dt.datetime) -> bool:
        """Mark a shard's rows as loaded; True when no shard of the run is missing any more.

        The last one publishes the run and makes it the latest, unless that is of a later date already. Marking a shard
        again changes nothing. Raises NotFound for a run that was never begun, Invalid for a shard it does not have.
        """
        document, latest = self._document(run_id), self._collection.document(_LATEST)

        def work(transaction: Transaction) -> bool:
            found, current = read(document, transaction), read(latest, transaction)
            if not found.exists:
                raise NotFound("forecast_run_not_found", f"no forecast run {run_id!r}")
            run = _run(found.to_dict())
            if not 0 <= index < run.shard_count:
                raise Invalid("no_such_shard", f"run {run_id} has shards 0 to {run.shard_count - 1}, not {index}")
            if run.published:
                return True
            done = run.shards_done | {index}
            complete = len(done) == run.shard_count
            run = ForecastRun(
                run.run_id, run.run_date, run.shard_count, done, run.started_at, now if complete else None
            )
            transaction.set(document, _fields(run))
            if complete and not (current.exists and _run(current.to_dict()).run_date > run.run_date):
                transaction.set(latest, _fields(run))
            return complete

        return self._tenant.transact(work)

    def get(self, run_id: str) -> ForecastRun | None:
        """The run, or None when it was never begun."""
        found = self._document(run_id).get()
        return _run(found.to_dict()) if found.exists else None

    def latest(self) -> ForecastRun | None:
        """The published run that readers use, or None before the first one."""
        found = self._collection.document(_LATEST).get()
        return _run(found.to_dict()) if found.exists else None

    def published_until(self, day: dt.date) -> ForecastRun | None:
        """The last published run whose first day is that day or an earlier one; None where there is none."""
        query = self._collection.where(filter=FieldFilter("run_date", "<=", day.isoformat()))
        found = query.order_by("run_date", direction="DESCENDING").limit(_RUNS_LOOKED_AT).stream()
        # The document of the latest run is among them: the same run twice.
        runs = [_run(one.to_dict()) for one in found]
        published = [(run.run_date, run.published_at, run) for run in runs if run.published_at is not None]
        return max(published, key=lambda one: one[:2])[2] if published else None

    def _document(self, run_id: str) -> DocumentReference:
        return self._collection.document(document_key(run_id))


def _fields(run: ForecastRun) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "run_date": run.run_date.isoformat(),
        "shard_count": run.shard_count,
        "shards_done": sorted(run.shards_done),
        "started_at": run.started_at,
        "published_at": run.published_at,
    }


def _run(fields: Any) -> ForecastRun:
    return ForecastRun(
        run_id=fields["run_id"],
        run_date=dt.date.fromisoformat(fields["run_date"]),
        shard_count=fields["shard_count"],
        shards_done=frozenset(fields["shards_done"]),
        started_at=fields["started_at"],
        published_at=fields["published_at"],
    )
