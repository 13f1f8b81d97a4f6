"""A long-running operation: the answer to an asynchronous request, and the changes that its worker may make to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from shared.domain.access.principal import (
    ADMINISTRATORS,
    RUNNERS_OF_ETL,
    STARTERS_OF_FORECASTS,
    STARTERS_OF_REFRESH,
    Principal,
    Role,
)
from shared.domain.errors import Conflict, Forbidden, InvalidField, NotFound

LEASE = dt.timedelta(seconds=90)
SHOWING = "bringing it into the lists"
_MAX_COMBINATIONS = 30  # of a query of Firestore
REFRESH_FAILED = "refresh_failed"
SOURCE_UNREACHABLE = "source_unreachable"  # a sync whose database does not answer


class OperationFinished(Conflict):
    """The operation has come to an end already."""

    code = "operation_finished"


class OperationClaimed(Conflict):
    """Another worker holds the operation."""

    code = "operation_claimed"


class OperationNotYours(Forbidden):
    """One may cancel or retry an operation that one has started, or that one's role may start."""

    code = "operation_not_yours"


class OperationIsStored(Conflict):
    """What the operation does is stored already; it only waits until lists show it."""

    code = "operation_is_stored"


class NotRetryable(Conflict):
    """The operation has not failed, or what it worked on is gone."""

    code = "not_retryable"


class OperationNotFound(NotFound):
    """There is no such operation."""

    code = "operation_not_found"

    def __init__(self, operation_id: str) -> None:
        super().__init__(f"no operation {operation_id!r}")


class TooManyCombinations(InvalidField):
    """The filters have more combinations of values than one list can be narrowed to."""

    code = "too_many_combinations"


class OperationStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINISHED = frozenset({OperationStatus.SUCCEEDED, OperationStatus.FAILED, OperationStatus.CANCELLED})


@dataclass(frozen=True)
class Progress:
    """Units of work done out of a total; a total of None is not known yet."""

    done: int = 0
    total: int | None = None


@dataclass(frozen=True)
class Counts:
    """Records of a source: accepted + rejected = read, always."""

    read: int
    accepted: int
    rejected: int

    def __post_init__(self) -> None:
        if self.accepted + self.rejected != self.read:
            raise ValueError(f"{self.accepted} accepted + {self.rejected} rejected records are not {self.read} read")


class OperationKind(StrEnum):
    """What is done; the values are those of the API."""

    FORECAST = "forecast"
    METRICS_REFRESH = "metrics_refresh"
    CATALOG_REBUILD = "metrics_refresh.rebuild"  # apart, so that a usual refresh that waits does not serve for it
    SALES_IMPORT = "etl_import.sales-history"
    PRODUCTS_IMPORT = "etl_import.products"
    STOCK_IMPORT = "etl_import.stock-levels"
    SALES_SYNC = "etl_sync.sales-history"
    PRODUCTS_SYNC = "etl_sync.products"
    STOCK_SYNC = "etl_sync.stock-levels"
    ETL_RUN = "etl_run"
    COMMITTED_SYNC = "etl_sync.committed"
    LOCATIONS_SYNC = "etl_sync.locations"
    SUPPLIERS_SYNC = "etl_sync.suppliers"
    LINKS_SYNC = "etl_sync.product-suppliers"
    COMMITTED_IMPORT = "etl_import.committed"
    LOCATIONS_IMPORT = "etl_import.locations"
    SUPPLIERS_IMPORT = "etl_import.suppliers"
    LINKS_IMPORT = "etl_import.product-suppliers"
    VALIDATION = "etl_validation"
    CLIENT_EXPORT = "client_export"


_STARTERS: Mapping[OperationKind, frozenset[Role]] = {
    OperationKind.FORECAST: STARTERS_OF_FORECASTS,
    OperationKind.METRICS_REFRESH: STARTERS_OF_REFRESH,
    OperationKind.CATALOG_REBUILD: STARTERS_OF_REFRESH,
    OperationKind.SALES_IMPORT: RUNNERS_OF_ETL,
    OperationKind.PRODUCTS_IMPORT: RUNNERS_OF_ETL,
    OperationKind.STOCK_IMPORT: RUNNERS_OF_ETL,
    OperationKind.SALES_SYNC: RUNNERS_OF_ETL,
    OperationKind.PRODUCTS_SYNC: RUNNERS_OF_ETL,
    OperationKind.STOCK_SYNC: RUNNERS_OF_ETL,
    OperationKind.ETL_RUN: RUNNERS_OF_ETL,
    OperationKind.COMMITTED_SYNC: RUNNERS_OF_ETL,
    OperationKind.LOCATIONS_SYNC: RUNNERS_OF_ETL,
    OperationKind.SUPPLIERS_SYNC: RUNNERS_OF_ETL,
    OperationKind.LINKS_SYNC: RUNNERS_OF_ETL,
    OperationKind.COMMITTED_IMPORT: RUNNERS_OF_ETL,
    OperationKind.LOCATIONS_IMPORT: RUNNERS_OF_ETL,
    OperationKind.SUPPLIERS_IMPORT: RUNNERS_OF_ETL,
    OperationKind.LINKS_IMPORT: RUNNERS_OF_ETL,
    OperationKind.VALIDATION: RUNNERS_OF_ETL,
    OperationKind.CLIENT_EXPORT: ADMINISTRATORS,
}
_IMPORTS = "etl_import."
# With these an import fails without having judged its file, which is kept then.
_FILE_IS_KEPT = frozenset({"internal_error", "worker_killed", "decoder_killed", REFRESH_FAILED})


class StepName(StrEnum):
    """A step of a run, in the order in which they are done; the first ones are named for what they bring."""

    LOCATIONS = "locations"
    PRODUCTS = "products"
    SUPPLIERS = "suppliers"
    PRODUCT_SUPPLIERS = "product-suppliers"
    STOCK_LEVELS = "stock-levels"
    COMMITTED = "committed"
    SALES_HISTORY = "sales-history"
    VALIDATE = "validate"
    FORECAST = "forecast"
    REFRESH = "refresh"


@dataclass(frozen=True)
class RunStep:
    """A step of a run, done by the operation `operation_id`: that of the last of its `attempts`.

    `detail` says why it failed, or why a cancelled one without an operation was left out.
    """

    name: StepName
    source_id: str | None = None
    status: OperationStatus = OperationStatus.PENDING
    operation_id: str | None = None
    attempts: int = 0
    detail: str | None = None


@dataclass(frozen=True)
class OperationRequest:
    """An operation that somebody asks for, and the internal endpoint that does its work: `path` of `function`.

    With an `id` the same request may be made twice. `parameters` are what the work needs to know. `parent` is the run
    that it is a step of, `steps` those of a run.
    """

    kind: str
    function: str
    path: str
    created_by: str
    created_at: dt.datetime
    parameters: Mapping[str, Any] = field(default_factory=dict)
    id: str | None = None
    parent: str | None = None
    steps: tuple[RunStep, ...] = ()

    def operation(self, new_id: str) -> Operation:
        """The pending operation, under `new_id` where the request has no id of its own."""
        return Operation(
            id=self.id or new_id,
            kind=str(self.kind),
            status=OperationStatus.PENDING,
            created_at=self.created_at,
            created_by=self.created_by,
            parameters=dict(self.parameters),
            function=self.function,
            path=self.path,
            parent=self.parent,
            steps=self.steps,
        )


@dataclass(frozen=True)
class OperationFilter:
    """What a list of operations is narrowed to: any of these kinds, or families of kinds, and of these statuses; none:
    all. Raises InvalidField for more combinations than a query of the database takes."""

    kinds: tuple[OperationKind, ...] = ()
    statuses: tuple[OperationStatus, ...] = ()
    families: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if set(self.kinds) >= set(OperationKind):
            object.__setattr__(self, "kinds", ())
        if set(self.statuses) >= set(OperationStatus):
            object.__setattr__(self, "statuses", ())
        if len(self.kinds) * len(self.statuses) > _MAX_COMBINATIONS:
            raise TooManyCombinations(
                "query/status",
                f"{len(self.kinds)} kinds in {len(self.statuses)} statuses are more than {_MAX_COMBINATIONS} "
                "combinations: leave one of the two filters out, or ask for fewer",
            )


@dataclass(frozen=True)
class Operation:
    """One run of something long. `lease_until` keeps a second worker out while the first one is alive."""

    id: str
    kind: str
    status: OperationStatus
    created_at: dt.datetime
    created_by: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    step: str | None = None
    progress: Progress = Progress()
    counts: Counts | None = None
    error: Mapping[str, str] | None = None
    result: Mapping[str, Any] | None = None
    started_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    attempt: int = 0
    lease_until: dt.datetime | None = None
    # The metrics refresh that shows in lists what this one has stored; it ends this one with its own end.
    awaits: str | None = None
    # The internal endpoint that does its work, to hand it over again.
    function: str = ""
    path: str = ""
    parent: str | None = None
    steps: tuple[RunStep, ...] = ()
    # How many of its attempts were made before somebody had it tried again.
    earlier_attempts: int = 0
    # When its document was last written, which the database says; None before it has one.
    updated_at: dt.datetime | None = field(default=None, compare=False)

    @property
    def finished(self) -> bool:
        return self.status in FINISHED

    @property
    def family(self) -> str:
        """What the kind is one of, such as `etl_sync`."""
        return self.kind.partition(".")[0]

    @property
    def tries(self) -> int:
        """Attempts since it was started, or tried again by somebody's request."""
        return self.attempt - self.earlier_attempts

    def claimed(self, now: dt.datetime) -> Operation:
        """Taken by a worker for LEASE; raises Conflict while it is finished or another worker holds it."""
        if self.finished:
            raise OperationFinished(f"operation {self.id} is already {self.status}")
        if self.lease_until is not None and now < self.lease_until:
            raise OperationClaimed(f"operation {self.id} is being worked on until {self.lease_until}")
        return replace(
            self,
            status=OperationStatus.RUNNING,
            started_at=self.started_at or now,
            attempt=self.attempt + 1,
            lease_until=now + LEASE,
        )

    def advanced(self, step: str, progress: Progress, now: dt.datetime) -> Operation:
        """Further along, with a fresh lease."""
        return replace(self, step=step, progress=progress, lease_until=now + LEASE)

    def released(self) -> Operation:
        """Given back by a worker that could not finish, for another attempt at once."""
        return replace(self, lease_until=None)

    def succeeded(self, now: dt.datetime, result: Mapping[str, Any], counts: Counts | None) -> Operation:
        return replace(
            self,
            status=OperationStatus.SUCCEEDED,
            progress=Progress(self.progress.total or self.progress.done, self.progress.total),
            finished_at=now,
            result=result,
            counts=counts,
            lease_until=None,
            step=None,
        )

    def awaiting(
        self, refresh_id: str, result: Mapping[str, Any], counts: Counts | None, now: dt.datetime
    ) -> Operation:
        """All done and stored, but for the refresh that shows it in lists."""
        done = self.succeeded(now, result, counts)
        return replace(done, status=OperationStatus.RUNNING, step=SHOWING, finished_at=None, awaits=refresh_id)

    def shown(self, refresh: Operation, now: dt.datetime) -> Operation:
        """Ended by the end of the refresh that it awaits: succeeded with it, and failed where that did not succeed."""
        if self.finished or not refresh.finished:
            return self
        if refresh.status is OperationStatus.SUCCEEDED:
            return replace(self, status=OperationStatus.SUCCEEDED, finished_at=now, step=None)
        detail = (
            f"the records are stored, but lists do not show them: metrics refresh {refresh.id} {refresh.status}. "
            "POST /inventory/metrics/refresh brings them into the lists"
        )
        return self.failed(now, REFRESH_FAILED, detail)

    def failed(self, now: dt.datetime, code: str, detail: str, counts: Counts | None = None) -> Operation:
        return replace(
            self,
            status=OperationStatus.FAILED,
            finished_at=now,
            error={"code": code, "detail": detail},
            counts=counts or self.counts,
            lease_until=None,
        )

    def check_changeable_by(self, caller: Principal, change: str) -> None:
        """Raises OperationNotYours for one that somebody else started and the caller's role could not have.

        `change` is what the caller asks for: "cancel", say.
        """
        starters = _STARTERS[OperationKind(self.kind)]
        if caller.platform or caller.user_id == self.created_by or caller.role in starters:
            return
        names = ", ".join(sorted(starters))
        raise OperationNotYours(
            f"your role {caller.role} may not {change} the {self.kind} that {self.created_by!r} started; "
            f"allowed: {names}"
        )

    def check_retryable(self) -> None:
        """Raises NotRetryable unless it has failed by itself, and what it works on is still there."""
        if self.status is not OperationStatus.FAILED:
            raise NotRetryable(f"operation {self.id} is {self.status}: only one that has failed can be tried again")
        if self.parent is not None:
            raise NotRetryable(f"operation {self.id} is a step of {self.parent}: retry that, from this step on")
        code = (self.error or {}).get("code")
        if self.kind.startswith(_IMPORTS) and code not in _FILE_IS_KEPT:
            raise NotRetryable(
                f"the file of operation {self.id} was refused ({code}) and is not kept: import it again, put right"
            )

    @property
    def is_retryable(self) -> bool:
        """Whether `check_retryable` has no objection."""
        try:
            self.check_retryable()
        except NotRetryable:
            return False
        return True

    def retried(self) -> Operation:
        """Waiting to be worked on once more, as often as a new one would be; what it has stored stays with it."""
        return replace(
            self,
            status=OperationStatus.PENDING,
            error=None,
            finished_at=None,
            earlier_attempts=self.attempt,
        )

    def cancelled(self, now: dt.datetime) -> Operation:
        """Stopped by a user; raises Conflict when it is finished already."""
        if self.finished:
            raise OperationFinished(f"operation {self.id} is already {self.status}; nothing to cancel")
        if self.awaits is not None:
            raise OperationIsStored(
                f"what operation {self.id} brought is stored; metrics refresh {self.awaits} brings it into the lists"
            )
        return replace(self, status=OperationStatus.CANCELLED, finished_at=now, lease_until=None)
