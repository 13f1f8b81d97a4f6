"""A run of the forecast job."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from shared.domain.forecast_engine import STATISTICAL, FallbackReason
from shared.domain.forecast_request import DEFAULT_HORIZON_DAYS


@dataclass(frozen=True)
class ShardResult:
    """What a shard has published. `fallback_reason`: why another engine than the requested one made it, if so."""

    items: int = 0
    series_by_engine: Mapping[str, int] = field(default_factory=dict)
    fallback_reason: FallbackReason | None = None


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
    # What made most of it. While it works, that of its first shard; until the job begins, the one that was asked for.
    engine: str = STATISTICAL
    requested_engine: str = STATISTICAL
    fallback_reason: FallbackReason | None = None  # of the first shard that the requested engine did not make
    fallback: bool = True
    for_readers: bool = True
    backtest: bool = False
    item_count: int | None = None
    items: int = 0
    series: int = 0
    series_by_engine: Mapping[str, int] = field(default_factory=dict)
    requested_by: str | None = None
    request_parts: int = 0
    execution: str | None = None
    watched_since: dt.datetime | None = None
    waiting_since: dt.datetime | None = None
    batch_id: str | None = None
    # When its document was last written, which the database says; None before it has one.
    updated_at: dt.datetime | None = field(default=None, compare=False)

    def begun(self, shard_count: int, engine: str, fallback_reason: FallbackReason | None) -> ForecastRun:
        """As the first of its shards finds it, with the engine that is available there."""
        return replace(self, shard_count=shard_count, engine=engine, fallback_reason=fallback_reason)

    def with_shard(self, index: int, result: ShardResult, now: dt.datetime) -> ForecastRun:
        """With one more shard done, and published where it was the last one; a shard that was done before adds nothing.

        A run is the requested engine's only where each of its shards is.
        """
        if index in self.shards_done or self.published:
            return self
        # Before a shard is done this is what the first one found when it began: a retry of it may have done better.
        earlier = self.fallback_reason if self.shards_done else None
        reason = earlier or result.fallback_reason
        by_engine = Counter(self.series_by_engine) + Counter(result.series_by_engine)
        most = max(by_engine, key=lambda name: by_engine[name], default=self.engine)
        done = self.shards_done | {index}
        return replace(
            self,
            shards_done=done,
            items=self.items + result.items,
            series=sum(by_engine.values()),
            series_by_engine=dict(by_engine),
            engine=self.requested_engine if reason is None else most,
            fallback_reason=reason,
            published_at=now if len(done) == self.shard_count else None,
        )

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
