"""Which run of its chain a client is at: `current_run/etl_run`, one document, read and written with every start.

So two starts at once cannot both find that none is in progress. Whether the run is to ask for a forecast yet is looked
up over all clients: a job waits for those that are about to.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import FieldFilter

from shared.firestore.codec import Codec, held
from shared.firestore.repository import Documents
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction

if TYPE_CHECKING:
    from google.cloud.firestore import Client

_COLLECTION = "current_run"
_NAME = "etl_run"


@dataclass(frozen=True)
class CurrentRun:
    """The client's last run; `is_before_forecast` until it has asked for its forecast, or ended without."""

    run_id: str
    is_before_forecast: bool


class CurrentRuns:
    """The document of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._documents = Documents(tenant.database, tenant.collection(_COLLECTION), _CODEC)

    def run_id(self, transaction: Transaction) -> str | None:
        """The id of the last run, as part of the transaction; None: there was none. One read."""
        stored = self._documents.find(_NAME, transaction)
        return None if stored is None else stored.value.run_id

    def put(self, transaction: Transaction, current: CurrentRun) -> None:
        self._documents.put(transaction, current)


def any_before_forecast(database: Client) -> bool:
    """Whether some client's run is about to ask for a forecast. One read."""
    query = database.collection_group(_COLLECTION).where(filter=FieldFilter("is_before_forecast", "==", True))
    return any(True for _ in query.limit(1).stream())


def _decode(fields: Any) -> CurrentRun:
    return CurrentRun(**held(fields, CurrentRun))


_CODEC = Codec[CurrentRun](lambda _: _NAME, asdict, _decode)
