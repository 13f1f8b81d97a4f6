"""What a shard costs and how long its phases take: one line of the log, and spans of the trace that asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from forecast_job.progress import JobProgress
from shared.telemetry.spans import span
from shared.telemetry.work_record import WorkRecord, current_record, timing

SHARD = "shard"  # the message, which infra/terraform/metrics.tf knows


@contextmanager
def shard_recorded(progress: JobProgress, *, client_id: str, run_id: str, shard: int, shards: int) -> Iterator[None]:
    """The block works on that shard: what it notes, costs and takes is written down at its end, however that comes."""
    record, outcome = WorkRecord(), "failed"
    token = current_record.set(record)
    try:
        with span("forecast shard", client_id=client_id, run_id=run_id, shard=shard, shards=shards):
            yield
        outcome = "done"
    finally:
        current_record.reset(token)
        phases = {f"{name}_s": round(seconds, 3) for name, seconds in record.seconds.items()}
        fields: dict[str, object] = {"client_id": client_id, "run_id": run_id, "shard": shard, "shards": shards}
        fields |= {"outcome": outcome, "seconds": round(record.elapsed_s, 3), **phases, **record.facts}
        progress.say(SHARD, "WARNING" if fields["outcome"] == "failed" else "INFO", **fields, **record.costs())


@contextmanager
def phase(name: str) -> Iterator[None]:
    """The block is that phase of the shard: load, forecast or publish."""
    with timing(name), span(name):
        yield
