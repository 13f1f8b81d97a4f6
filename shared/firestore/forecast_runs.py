"""Forecast runs: `forecast_runs/{run_id}`, and which one is the latest that is complete.

A run is sharded; each shard marks itself done when its rows are in BigQuery, and the last one publishes the run.
Readers see a run only when all of it is there.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.firestore.tenant import Tenant, document_key

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference, Transaction

_LATEST = "latest"


@dataclass(frozen=True)
class ForecastRun:
    """A published run. `run_date` is the first day it forecasts."""

    run_id: str
    run_date: dt.date
    published_at: dt.datetime


class ForecastRuns:
    """The forecast runs of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._collection = tenant.collection("forecast_runs")

    def begin(self, run_id: str, run_date: dt.date, shard_count: int, now: dt.datetime) -> None:
        """Register a run; every shard does, the first one counts. Raises ValueError for another date or shard count."""

        def write(transaction: Transaction) -> None:
            found = self._reference(run_id).get(transaction=transaction)
            wanted = {"run_date": run_date.isoformat(), "shard_count": shard_count}
            if found.exists:
                known = found.to_dict() or {}
                if any(known[name] != value for name, value in wanted.items()):
                    raise ValueError(f"run {run_id} was begun with {known}, not {wanted}")
                return
            transaction.create(
                self._reference(run_id),
                wanted | {"run_id": run_id, "began_at": now, "shards_done": [], "published_at": None},
            )

        self._tenant.transact(write)

    def complete_shard(self, run_id: str, index: int, now: dt.datetime) -> bool:
        """Mark a shard done; True when the run is thereby (or was already) published. Safe to repeat."""

        def write(transaction: Transaction) -> bool:
            run = self._reference(run_id).get(transaction=transaction).to_dict()
            latest = self._reference(_LATEST).get(transaction=transaction).to_dict()
            if run is None:
                raise ValueError(f"run {run_id} was not begun")
            done = sorted({*run["shards_done"], index})
            complete = len(done) == run["shard_count"]
            published_at = run["published_at"] or (now if complete else None)
            transaction.update(self._reference(run_id), {"shards_done": done, "published_at": published_at})
            if complete and (latest is None or latest["run_date"] <= run["run_date"]):
                transaction.set(
                    self._reference(_LATEST),
                    {"run_id": run_id, "run_date": run["run_date"], "published_at": published_at},
                )
            return complete

        return self._tenant.transact(write)

    def latest(self) -> ForecastRun | None:
        """The published run of the latest date; one read."""
        fields = self._reference(_LATEST).get().to_dict()
        if fields is None:
            return None
        return ForecastRun(fields["run_id"], dt.date.fromisoformat(fields["run_date"]), fields["published_at"])

    def _reference(self, run_id: str) -> DocumentReference:
        return self._collection.document(document_key(run_id))
