"""A client's requests in a minute, `clients/{id}/request_counts/{minute}`: the sum of what instances have told."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from shared.domain.access.rate_limit import MINUTE_S
from shared.firestore.tenant import Tenant

if TYPE_CHECKING:
    from google.cloud.firestore import Client

_KEPT_FOR = dt.timedelta(hours=1)
_TIMEOUT_S = 2.0


def add_requests(database: Client, client_id: str, minute: int, requests: int) -> int:
    """Add to the count of a minute, and return what it is then. One write: its answer holds the sum."""
    from google.cloud.firestore import Increment

    ends_at = dt.datetime.fromtimestamp((minute + 1) * MINUTE_S, dt.UTC)
    document = Tenant(database, client_id).collection("request_counts").document(str(minute))
    fields = {"requests": Increment(requests), "expires_at": ends_at + _KEPT_FOR}
    result = document.set(fields, merge=True, retry=None, timeout=_TIMEOUT_S)
    return int(result.transform_results[0].integer_value)
