"""What a request, a task or a shard of the job costs while it is worked on, and how long its parts take.

Whoever calls a backend adds to the current record; where there is none, nothing is noted. The record ends in one line
of the log, which the metrics of infra/terraform read.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class WorkRecord:
    """Counts as Firestore and BigQuery bill them, seconds by part of the work, and `facts` for the line.

    Parts overlap: reading the catalog is mostly Firestore's time, and threads work concurrently.
    """

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.reads = self.writes = self.deletes = 0
        self.queries = self.bytes_processed = self.bytes_billed = 0
        self.catalog_hits = self.catalog_loads = 0
        self.seconds: dict[str, float] = {}
        self.facts: dict[str, object] = {}
        self._lock = threading.Lock()

    def firestore(self, seconds: float, reads: int, writes: int, deletes: int) -> None:
        """A call has ended, which is billed for these documents."""
        with self._lock:
            self.reads += reads
            self.writes += writes
            self.deletes += deletes
            self._took("firestore", seconds)

    def bigquery(self, seconds: float, processed: int, billed: int) -> None:
        """A query has ended, with its bytes."""
        with self._lock:
            self.queries += 1
            self.bytes_processed += processed
            self.bytes_billed += billed
            self._took("bigquery", seconds)

    def took(self, part: str, seconds: float) -> None:
        """A part of the work has ended."""
        with self._lock:
            self._took(part, seconds)

    @property
    def elapsed_s(self) -> float:
        return time.perf_counter() - self.began

    def costs(self) -> dict[str, object]:
        """The fields of the line; BigQuery and the catalog only where they were used."""
        fields: dict[str, object] = {
            "firestore_reads": self.reads,
            "firestore_writes": self.writes,
            "firestore_deletes": self.deletes,
        }
        if self.queries:
            fields["bigquery_queries"] = self.queries
            fields["bigquery_bytes_processed"] = self.bytes_processed
            fields["bigquery_bytes_billed"] = self.bytes_billed
        if self.catalog_hits or self.catalog_loads:
            fields["catalog_hits"] = self.catalog_hits
            fields["catalog_loads"] = self.catalog_loads
        return fields

    def _took(self, part: str, seconds: float) -> None:
        self.seconds[part] = self.seconds.get(part, 0.0) + seconds


current_record: ContextVar[WorkRecord | None] = ContextVar("work record", default=None)


def note(**facts: object) -> None:
    """Facts for the line of the current work: identifiers, codes and counts, never what a user has written."""
    record = current_record.get()
    if record is not None:
        record.facts.update(facts)


@contextmanager
def timing(part: str) -> Iterator[None]:
    """The block is that part of the current work."""
    record = current_record.get()
    if record is None:
        yield
        return
    began = time.perf_counter()
    try:
        yield
    finally:
        record.took(part, time.perf_counter() - began)
