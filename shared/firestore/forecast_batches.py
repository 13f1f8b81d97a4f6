"""Batches of forecast runs, `forecast_batches/{id}`: over all clients, so beside the tenants' documents."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import FieldFilter

from shared.domain.forecast_batch import KEPT_FOR, BatchRun, ForecastBatch, ForecastBatchNotFound
from shared.firestore.codec import Codec, held
from shared.firestore.repository import Repository
from shared.firestore.transaction import Transaction

if TYPE_CHECKING:
    from google.cloud.firestore import Client


class ForecastBatches:
    def __init__(self, database: Client) -> None:
        self._documents = Repository(database, database.collection("forecast_batches"), _CODEC, ForecastBatchNotFound)

    def create(self, transaction: Transaction, batch: ForecastBatch) -> None:
        """Write a batch that nobody has started yet."""
        self._documents.create(transaction, batch)

    def get(self, batch_id: str) -> ForecastBatch:
        """The batch; raises ForecastBatchNotFound. One read."""
        return self._documents.get(batch_id).value

    def launched(self, batch_id: str, execution: str) -> None:
        """Keep the name of the execution that works on the batch."""
        self._documents.reference(batch_id).update({"execution": execution})

    def not_launched(self, created_before: dt.datetime) -> list[ForecastBatch]:
        """Batches of before that time that have no execution; one read when none."""
        query = self._documents.collection.where(filter=FieldFilter("execution", "==", None))
        return [batch for batch in self._documents.found_by(query) if batch.created_at < created_before]


def _encode(batch: ForecastBatch) -> dict[str, Any]:
    return asdict(batch) | {"runs": [asdict(run) for run in batch.runs], "expires_at": batch.created_at + KEPT_FOR}


def _decode(fields: Any) -> ForecastBatch:
    runs = tuple(BatchRun(**held(run, BatchRun)) for run in fields["runs"])
    return ForecastBatch(**{**held(fields, ForecastBatch), "runs": runs})


_CODEC = Codec[ForecastBatch](lambda batch: batch.id, _encode, _decode)
