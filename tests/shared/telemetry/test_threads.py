"""Threads belong to the work that they are started for."""

from __future__ import annotations

from contextvars import ContextVar

from shared.telemetry.threads import Threads
from shared.telemetry.work_record import WorkRecord, current_record

_name: ContextVar[str] = ContextVar("name", default="")


def test_what_threads_do_counts_for_whoever_submitted_it() -> None:
    record, token = WorkRecord(), _name.set("mine")
    before = current_record.set(record)

    def work(reads: int) -> str:
        known = current_record.get()
        assert known is not None
        known.firestore(0.5, reads, 0, 0)
        seen = _name.get()
        _name.set("theirs")
        return seen

    with Threads(3) as threads:
        assert set(threads.map(work, range(50))) == {"mine"}
        assert threads.submit(work, 1).result() == "mine"
    current_record.reset(before)
    _name.reset(token)
    assert (record.reads, record.seconds["firestore"]) == (sum(range(50)) + 1, 25.5)
