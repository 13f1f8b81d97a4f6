"""A run of the forecast job."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from shared.domain.forecast_request import DEFAULT_HORIZON_DAYS, STATISTICAL


@dataclass(frozen=True)
class ForecastRun:
    """A run of the forecast job for one client. Its rows in BigQuery are complete once `published_at` is set.

    `shard_count` is None until the job begins; `items` and `series` are those of the shards done. `item_count` of what
    was asked for is None for all items. `watched_since` is set until the operation of the run has come to its end,
    `waiting_since` of one that is to be done with other clients' until it is in the batch `batch_id`.
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
    waiting_since: dt.datetime | None = None
    batch_id: str | None = None
    # When its document was last written, which the database says; None before it has one.
    updated_at: dt.datetime | None = field(default=None, compare=False)

    @property
    def published(self) -> bool:
        return self.published_at is not None

    @property
    def requested(self) -> bool:
        """Whether an operation of the same id follows the run."""
        return self.requested_by is not None

    @property
    def in_batch(self) -> bool:
        """Whether its execution is one for several clients."""
        return self.waiting_since is not None or self.batch_id is not None
