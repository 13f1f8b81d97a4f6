"""HTTP surface of inventory."""

from __future__ import annotations

from flask import Response

from functions.inventory import service
from functions.inventory.schemas import RefreshBody, TaskBody, TaskResult
from shared.config import config
from shared.domain.principal import STARTERS_OF_REFRESH
from shared.firestore.tenant import Tenant
from shared.http.app import Api, allow, internal, now, principal, tenant
from shared.http.idempotency import derived_id, once
from shared.http.operations import OperationView, accepted

app = Api("inventory", "Inventory", prefixes=("inventory",))


@app.post("/inventory/metrics/refresh", summary="Compute all metrics again", responses={202: OperationView})
@allow(STARTERS_OF_REFRESH)
def start_refresh(body: RefreshBody) -> Response:
    """Answers with an operation. A refresh that still waits to start serves everyone who asks for one meanwhile."""
    owner, user_id, moment = tenant(), principal().user_id, now()
    return once(
        owner,
        user_id,
        moment,
        fingerprint=body.model_dump_json(),
        act=lambda: accepted(
            service.start_refresh(config(), owner, user_id, moment, body.rebuild, derived_id(owner, user_id))
        ),
    )


@app.post("/inventory/internal/refresh", responses={200: TaskResult})
@internal("inventory")
def run_refresh(body: TaskBody) -> dict[str, str]:
    """The task of a refresh: safe to run twice and to be killed half-way."""
    return {"status": service.run_refresh(config(), Tenant(config().firestore, body.client_id), body.operation_id)}
