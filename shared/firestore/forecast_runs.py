"""Forecast runs: `forecast_runs/{run_id}`, and `forecast_runs/latest`, the one that readers use.

A run requested over HTTP exists before its job starts, with its request; the list of its items, which may be larger
than a document, lies beside it in `forecast_requests/{n}`. Its operation has the same id.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import FieldFilter

from shared.domain.forecast_engine import FallbackReason
from shared.domain.forecast_request import (
    ForecastRequest,
    ForecastRequestLost,
    ForecastRunDiffers,
    ForecastRunNotFound,
    RunIdReserved,
    ShardNotFound,
)
from shared.domain.forecast_run import ForecastRun, ShardResult
from shared.firestore.codec import Codec, held
from shared.firestore.forecast_request_parts import joined, parts
from shared.firestore.page import Page, PageRequest, identifier, instant, page_of, position, values_at
from shared.firestore.repository import Documents, count
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction

if TYPE_CHECKING:
    from google.cloud.firestore import Client, CollectionReference, DocumentSnapshot

LATEST = "latest"
_RUNS_LOOKED_AT = 10  # the last few may still be running, or have failed
_DAILY = ForecastRequest()
_NOTHING = ShardResult()
_LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class _RunDocuments(Documents[ForecastRun]):
    def value(self, snapshot: DocumentSnapshot[Any]) -> ForecastRun:
        return replace(super().value(snapshot), updated_at=snapshot.update_time)


class ForecastRuns:
    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._documents = _RunDocuments(tenant.database, tenant.collection("forecast_runs"), _CODEC)
        self._collection = self._documents.collection

    def request(
        self,
        transaction: Transaction,
        run_id: str,
        run_date: dt.date,
        wanted: ForecastRequest,
        requested_by: str,
        now: dt.datetime,
        *,
        in_batch: bool = False,
    ) -> None:
        """Write a run that the job is to be started for, as part of the transaction that writes its operation.

        One `in_batch` waits for those of other clients.
        """
        pieces = parts(wanted)
        run = replace(
            _new(run_id, run_date, None, now, wanted),
            requested_by=requested_by,
            request_parts=len(pieces),
            watched_since=now,
            waiting_since=now if in_batch else None,
        )
        self._documents.create(transaction, run)
        for number, piece in enumerate(pieces):
            transaction.create(self._requests(run_id).document(str(number)), {"data": piece})

    def request_of(self, run: ForecastRun) -> ForecastRequest:
        """The request of the run; a read for each of its parts."""
        references = [self._requests(run.run_id).document(str(number)) for number in range(run.request_parts)]
        found = self._tenant.database.get_all(references) if references else ()
        pieces = {snapshot.id: (snapshot.to_dict() or {}).get("data", b"") for snapshot in found}
        item_ids, future = joined([pieces[reference.id] for reference in references])
        if len(item_ids or ()) != (run.item_count or 0):
            raise ForecastRequestLost(f"what run {run.run_id} was asked for is not complete any more")
        return ForecastRequest(item_ids, run.horizon_days, run.requested_engine, run.fallback, future, run.backtest)

    def begin(
        self,
        run_id: str,
        run_date: dt.date,
        shard_count: int,
        now: dt.datetime,
        *,
        wanted: ForecastRequest = _DAILY,
        engine: str | None = None,
        fallback_reason: FallbackReason | None = None,
    ) -> ForecastRun:
        """The run, created by whichever of its shards comes first; a shard that comes again finds it as it is.

        `engine` is the one that works, where it is not the one that is wanted, and `fallback_reason` why. Raises
        Conflict when the run exists with another date or number of shards: its items would be cut differently.
        """
        if run_id == LATEST:
            raise RunIdReserved(f"a run cannot be called {LATEST!r}: choose another run id")

        def work(transaction: Transaction) -> ForecastRun:
            stored = self._documents.find(run_id, transaction)
            run = _new(run_id, run_date, None, now, wanted) if stored is None else stored.value
            if (run.run_date, run.shard_count or shard_count) != (run_date, shard_count):
                raise ForecastRunDiffers(
                    f"run {run_id} was started for {run.run_date} in {run.shard_count or shard_count} shards, "
                    f"not for {run_date} in {shard_count}: choose another run id"
                )
            if run.shard_count is None:
                run = run.begun(shard_count, engine or wanted.engine, fallback_reason)
                self._documents.put(transaction, run)
            return run

        return self._tenant.transact(work)

    def complete_shard(self, run_id: str, index: int, now: dt.datetime, result: ShardResult = _NOTHING) -> bool:
        """Mark a shard's rows as loaded; True when no shard of the run is missing any more.

        The last one publishes the run and makes it the latest, where readers can use it, unless that is of a later date
        already. Marking a shard again changes nothing. Raises NotFound for a run that was never begun, Invalid for a
        shard it does not have.
        """

        def work(transaction: Transaction) -> bool:
            stored, latest = (self._documents.find(each, transaction) for each in (run_id, LATEST))
            if stored is None:
                raise ForecastRunNotFound(run_id)
            run = stored.value
            if run.shard_count is None or not 0 <= index < run.shard_count:
                last = (run.shard_count or 0) - 1
                raise ShardNotFound(f"run {run_id} has shards 0 to {last}, not {index}")
            before, run = run, run.with_shard(index, result, now)
            if run is before:
                return run.published
            self._documents.put(transaction, run)
            newer = latest is not None and latest.value.run_date > run.run_date
            if run.published and run.for_readers and not newer:
                transaction.set(self._documents.reference(LATEST), _encode(run))
            return run.published

        return self._tenant.transact(work)

    def join(self, transaction: Transaction, run_id: str, batch_id: str) -> None:
        """The run, which was read in this transaction, is in that batch and waits no more."""
        transaction.update(self._documents.reference(run_id), {"waiting_since": None, "batch_id": batch_id})

    def launched(self, run_id: str, execution: str) -> None:
        """Keep the name of the execution that works on the run."""
        self._documents.reference(run_id).update({"execution": execution})

    def launch_again(self, transaction: Transaction, run_id: str, now: dt.datetime) -> None:
        """Forget the execution that the run failed with, as part of the transaction: the next one does what is left."""
        transaction.update(self._documents.reference(run_id), {"execution": None, "watched_since": now})

    def unwatch(self, run_id: str) -> None:
        """The run has ended: nobody needs to watch it any more."""
        self._documents.reference(run_id).update({"watched_since": None})

    def get(self, run_id: str) -> ForecastRun | None:
        """The run, or None when it was never begun; `latest` is the one that readers use."""
        stored = self._documents.find(run_id)
        return None if stored is None else stored.value

    def latest(self) -> ForecastRun | None:
        """The published run that readers use, or None before the first one."""
        return self.get(LATEST)

    def page(self, page: PageRequest) -> Page[ForecastRun]:
        """A page of the runs, the newest first; raises Invalid for a position that is none of them."""
        query: Any = self._collection.order_by("started_at", direction="DESCENDING")
        query = query.order_by("__name__", direction="DESCENDING")
        part = query
        if page.position is not None:
            started_at, run_id = values_at(page.position, instant, identifier)
            part = query.start_after({"started_at": started_at, "__name__": self._documents.reference(run_id)})
        # The copy for readers may be among them, so what a page's number skips is read too.
        snapshots = part.limit(page.offset + page.size + 1).stream()
        runs = [self._documents.value(each) for each in snapshots if each.id != LATEST]
        return page_of(
            runs[page.offset : page.offset + page.size],
            page,
            lambda run: position(run.started_at, run.run_id),
            lambda: count(query) - self._documents.exists(LATEST),
        )

    def published_until(self, day: dt.date) -> ForecastRun | None:
        """The last published run for readers whose first day is that day or an earlier one; None: there is none."""
        query = self._collection.where(filter=FieldFilter("for_readers", "==", True)).where(
            filter=FieldFilter("run_date", "<=", day.isoformat())
        )
        found = query.order_by("run_date", direction="DESCENDING").limit(_RUNS_LOOKED_AT).stream()
        # The document of the latest run is among them: the same run twice.
        runs = [self._documents.value(snapshot) for snapshot in found]
        published = [(run.run_date, run.published_at, run) for run in runs if run.published_at is not None]
        return max(published, key=lambda run: run[:2])[2] if published else None

    def published_between(self, first: dt.date, last: dt.date) -> list[ForecastRun]:
        """Every published run whose first day is one of these, in the order of their dates."""
        query = self._collection.where(filter=FieldFilter("run_date", ">=", first.isoformat()))
        query = query.where(filter=FieldFilter("run_date", "<=", last.isoformat()))
        runs = [
            self._documents.value(snapshot) for snapshot in query.order_by("run_date").stream() if snapshot.id != LATEST
        ]
        return [run for run in runs if run.published]

    def _requests(self, run_id: str) -> CollectionReference:
        return self._documents.reference(run_id).collection("forecast_requests")


def watched_runs(database: Client, since_before: dt.datetime, limit: int = 200) -> list[tuple[Tenant, ForecastRun]]:
    """Runs of every tenant that were asked for before that time and have not come to an end; one read when none."""
    query = database.collection_group("forecast_runs").where(filter=FieldFilter("watched_since", "<", since_before))
    return [
        (Tenant(database, snapshot.reference.parent.parent.id), _decode(snapshot.to_dict()))
        for snapshot in query.limit(limit).stream()
    ]


def waiting_runs(database: Client, transaction: Transaction, limit: int = 1000) -> list[tuple[Tenant, ForecastRun]]:
    """Runs of every tenant that wait for a batch, those that have waited longest first; one read when none, else two
    for each.

    As part of the transaction: none of them is in another batch by its commit.
    """
    query = database.collection_group("forecast_runs").where(filter=FieldFilter("waiting_since", ">", _LONG_AGO))
    # Read again by name: what a query over all tenants gives is without the version that a commit is to depend on.
    snapshots = transaction.get_all(snapshot.reference for snapshot in query.limit(limit).stream())
    found = [(snapshot, _decode(snapshot.to_dict())) for snapshot in snapshots if snapshot.exists]
    return [
        (Tenant(database, snapshot.reference.parent.parent.id), run)
        for snapshot, run in found
        if run.waiting_since is not None
    ]


def longest_waiting(database: Client) -> dt.datetime | None:
    """Since when a run has waited for a batch; None: none does. One read."""
    query = database.collection_group("forecast_runs").where(filter=FieldFilter("waiting_since", ">", _LONG_AGO))
    return next((_decode(snapshot.to_dict()).waiting_since for snapshot in query.limit(1).stream()), None)


def latest_item_counts(database: Client, tenants: Iterable[Tenant]) -> dict[str, int]:
    """How many items each client's latest forecast has, by client; a read each, in one call."""
    references = [tenant.collection("forecast_runs").document(LATEST) for tenant in tenants]
    found = database.get_all(references) if references else ()
    return {str(each.reference.parent.parent.id): int(each.get("items")) for each in found if each.exists}


def _new(
    run_id: str, run_date: dt.date, shard_count: int | None, now: dt.datetime, wanted: ForecastRequest
) -> ForecastRun:
    return ForecastRun(
        run_id,
        run_date,
        shard_count,
        frozenset(),
        now,
        horizon_days=wanted.horizon_days,
        engine=wanted.engine,
        requested_engine=wanted.engine,
        fallback=wanted.fallback,
        for_readers=wanted.for_readers,
        backtest=wanted.backtest,
        item_count=None if wanted.item_ids is None else len(wanted.item_ids),
    )


def _encode(run: ForecastRun) -> dict[str, Any]:
    fields = vars(run) | {"run_date": run.run_date.isoformat(), "shards_done": sorted(run.shards_done)}
    fields["fallback_reason"] = run.fallback_reason and run.fallback_reason.model_dump(mode="json")
    fields["series_by_engine"] = dict(run.series_by_engine)
    del fields["updated_at"]
    return fields


def _decode(fields: Any) -> ForecastRun:
    reason = fields.get("fallback_reason")  # runs from before 2026-11-28 have none
    return ForecastRun(
        **{
            **held(fields, ForecastRun),
            "run_date": dt.date.fromisoformat(fields["run_date"]),
            "shards_done": frozenset(fields["shards_done"]),
            "fallback_reason": reason and FallbackReason.model_validate(reason),
        }
    )


_CODEC = Codec[ForecastRun](lambda run: run.run_id, _encode, _decode)
