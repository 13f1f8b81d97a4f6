"""Forecast runs: `forecast_runs/{run_id}`, and `forecast_runs/latest`, the one that readers use.

A run that was asked for over HTTP is there before its job starts, with what was asked; the list of its items, which may
be larger than a document, lies beside it in `forecast_requests/{n}`. Its operation has the same id.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import FieldFilter

from shared.domain.errors import Conflict, Invalid, NotFound
from shared.domain.forecast_request import DEFAULT_HORIZON_DAYS, STATISTICAL, ForecastRequest
from shared.firestore.forecast_request_parts import joined, parts
from shared.firestore.page_positions import moment_and_id
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.transaction import Transaction, read

if TYPE_CHECKING:
    from google.cloud.firestore import Client, CollectionReference, DocumentReference

LATEST = "latest"
_RUNS_LOOKED_AT = 10  # the last few may still be running, or have failed
_DAILY = ForecastRequest()


@dataclass(frozen=True)
class ForecastRun:
    """A run of the forecast job for one client. Its rows in BigQuery are complete once `published_at` is set.

    `shard_count` is None until the job begins; `items` and `series` are those of the shards done. `item_count` of what
    was asked for is None for all items. `watched_since` is set until the operation of the run has come to its end.
    """

    run_id: str
    run_date: dt.date  # the first day that is forecast
    shard_count: int | None
    shards_done: frozenset[int]
    started_at: dt.datetime
    published_at: dt.datetime | None = None
    horizon_days: int = DEFAULT_HORIZON_DAYS
    engine: str = STATISTICAL  # the one that works; until the job begins, the one that was asked for
    requested_engine: str = STATISTICAL
    fallback: bool = True
    for_readers: bool = True
    backtest: bool = False
    item_count: int | None = None
    items: int = 0
    series: int = 0
    requested_by: str | None = None
    request_parts: int = 0
    execution: str | None = None
    watched_since: dt.datetime | None = None

    @property
    def published(self) -> bool:
        return self.published_at is not None

    @property
    def requested(self) -> bool:
        """Whether an operation of the same id follows the run."""
        return self.requested_by is not None


class ForecastRuns:
    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._collection = tenant.collection("forecast_runs")

    def request(
        self,
        transaction: Transaction,
        run_id: str,
        run_date: dt.date,
        wanted: ForecastRequest,
        requested_by: str,
        now: dt.datetime,
    ) -> None:
        """Write a run that the job is to be started for, as part of the transaction that writes its operation."""
        pieces = parts(wanted)
        run = replace(
            _new(run_id, run_date, None, now, wanted),
            requested_by=requested_by,
            request_parts=len(pieces),
            watched_since=now,
        )
        transaction.create(self._document(run_id), _fields(run))
        for number, piece in enumerate(pieces):
            transaction.create(self._requests(run_id).document(str(number)), {"data": piece})

    def request_of(self, run: ForecastRun) -> ForecastRequest:
        """What the run was asked for; a read for each of its parts."""
        references = [self._requests(run.run_id).document(str(number)) for number in range(run.request_parts)]
        found = self._tenant.database.get_all(references) if references else ()
        pieces = {one.id: (one.to_dict() or {}).get("data", b"") for one in found}
        item_ids, future = joined([pieces[reference.id] for reference in references])
        if len(item_ids or ()) != (run.item_count or 0):
            raise Invalid("forecast_request_lost", f"what run {run.run_id} was asked for is not complete any more")
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
    ) -> ForecastRun:
        """The run, created by whichever of its shards comes first; a shard that comes again finds it as it is.

        `engine` is the one that works, where it is not the one that is wanted. Raises Conflict when the run exists with
        another date or number of shards: its items would be cut differently.
        """
        if run_id == LATEST:
            raise Invalid("run_id_reserved", f"a run cannot be called {LATEST!r}: choose another run id")
        document = self._document(run_id)

        def work(transaction: Transaction) -> ForecastRun:
            found = read(document, transaction)
            run = _run(found.to_dict()) if found.exists else _new(run_id, run_date, None, now, wanted)
            if (run.run_date, run.shard_count or shard_count) != (run_date, shard_count):
                raise Conflict(
                    "forecast_run_differs",
                    f"run {run_id} was started for {run.run_date} in {run.shard_count or shard_count} shards, "
                    f"not for {run_date} in {shard_count}: choose another run id",
                )
            if run.shard_count is None:
                run = replace(run, shard_count=shard_count, engine=engine or wanted.engine)
                transaction.set(document, _fields(run))
            return run

        return self._tenant.transact(work)

    def complete_shard(self, run_id: str, index: int, now: dt.datetime, *, items: int = 0, series: int = 0) -> bool:
        """Mark a shard's rows as loaded; True when no shard of the run is missing any more.

        The last one publishes the run and makes it the latest, where readers can use it, unless that is of a later date
        already. Marking a shard again changes nothing. Raises NotFound for a run that was never begun, Invalid for a
        shard it does not have.
        """
        document, latest = self._document(run_id), self._collection.document(LATEST)

        def work(transaction: Transaction) -> bool:
            found, current = read(document, transaction), read(latest, transaction)
            if not found.exists:
                raise NotFound("forecast_run_not_found", f"no forecast run {run_id!r}")
            run = _run(found.to_dict())
            if run.shard_count is None or not 0 <= index < run.shard_count:
                last = (run.shard_count or 0) - 1
                raise Invalid("no_such_shard", f"run {run_id} has shards 0 to {last}, not {index}")
            if run.published:
                return True
            if index not in run.shards_done:
                run = replace(run, items=run.items + items, series=run.series + series)
            done = run.shards_done | {index}
            complete = len(done) == run.shard_count
            run = replace(run, shards_done=done, published_at=now if complete else None)
            transaction.set(document, _fields(run))
            newer = current.exists and _run(current.to_dict()).run_date > run.run_date
            if complete and run.for_readers and not newer:
                transaction.set(latest, _fields(run))
            return complete

        return self._tenant.transact(work)

    def launched(self, run_id: str, execution: str) -> None:
        """Keep the name of the execution that works on the run."""
        self._document(run_id).update({"execution": execution})

    def unwatch(self, run_id: str) -> None:
        """The run has come to its end: nobody needs to look after it any more."""
        self._document(run_id).update({"watched_since": None})

    def get(self, run_id: str) -> ForecastRun | None:
        """The run, or None when it was never begun; `latest` is the one that readers use."""
        found = self._document(run_id).get()
        return _run(found.to_dict()) if found.exists else None

    def latest(self) -> ForecastRun | None:
        """The published run that readers use, or None before the first one."""
        return self.get(LATEST)

    def page(self, size: int, position: str | None) -> tuple[list[ForecastRun], str | None]:
        """Up to `size` runs, the newest first, and the position of the next page, None behind the last one.

        `position` is what the page before gave; raises Invalid for anything else.
        """
        query: Any = self._collection.order_by("started_at", direction="DESCENDING")
        query = query.order_by("__name__", direction="DESCENDING")
        if position is not None:
            query = query.start_after(self._cursor(position))
        found = list(query.limit(size + 2).stream())  # one more may be the copy for readers
        runs = [_run(one.to_dict()) for one in found if one.id != LATEST]
        last = runs[size - 1] if len(runs) > size else None
        return runs[:size], f"{last.started_at.isoformat()} {last.run_id}" if last else None

    def published_until(self, day: dt.date) -> ForecastRun | None:
        """The last published run for readers whose first day is that day or an earlier one; None: there is none."""
        query = self._collection.where(filter=FieldFilter("for_readers", "==", True)).where(
            filter=FieldFilter("run_date", "<=", day.isoformat())
        )
        found = query.order_by("run_date", direction="DESCENDING").limit(_RUNS_LOOKED_AT).stream()
        # The document of the latest run is among them: the same run twice.
        runs = [_run(one.to_dict()) for one in found]
        published = [(run.run_date, run.published_at, run) for run in runs if run.published_at is not None]
        return max(published, key=lambda one: one[:2])[2] if published else None

    def published_between(self, first: dt.date, last: dt.date) -> list[ForecastRun]:
        """Every published run whose first day is one of these, in the order of their dates."""
        query = self._collection.where(filter=FieldFilter("run_date", ">=", first.isoformat()))
        query = query.where(filter=FieldFilter("run_date", "<=", last.isoformat()))
        runs = [_run(one.to_dict()) for one in query.order_by("run_date").stream() if one.id != LATEST]
        return [run for run in runs if run.published]

    def _cursor(self, position: str) -> dict[str, Any]:
        moment, run_id = moment_and_id(position)
        return {"started_at": moment, "__name__": self._document(run_id)}

    def _document(self, run_id: str) -> DocumentReference:
        return self._collection.document(document_key(run_id))

    def _requests(self, run_id: str) -> CollectionReference:
        return self._document(run_id).collection("forecast_requests")


def watched_runs(database: Client, since_before: dt.datetime, limit: int = 200) -> list[tuple[Tenant, ForecastRun]]:
    """Runs of every tenant that were asked for before that time and have not come to an end; one read when none."""
    query = database.collection_group("forecast_runs").where(filter=FieldFilter("watched_since", "<", since_before))
    return [
        (Tenant(database, one.reference.parent.parent.id), _run(one.to_dict())) for one in query.limit(limit).stream()
    ]


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


def _fields(run: ForecastRun) -> dict[str, Any]:
    return vars(run) | {"run_date": run.run_date.isoformat(), "shards_done": sorted(run.shards_done)}


def _run(fields: Any) -> ForecastRun:
    return ForecastRun(
        **{
            **fields,
            "run_date": dt.date.fromisoformat(fields["run_date"]),
            "shards_done": frozenset(fields["shards_done"]),
        }
    )
