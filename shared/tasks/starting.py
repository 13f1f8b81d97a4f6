"""Start an operation from a request: write it, then hand its task to Cloud Tasks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from shared.config import Config
from shared.domain.operation import Operation
from shared.firestore.tenant import Tenant
from shared.tasks.delivery import deliver
from shared.tasks.metrics_refresh import queue_metrics_refresh
from shared.tasks.operations import Operations


def start_operation(
    config: Config,
    tenant: Tenant,
    kind: str,
    function: str,
    path: str,
    *,
    created_by: str,
    now: dt.datetime,
    parameters: Mapping[str, Any] | None = None,
    coalesce: bool = False,
    operation_id: str | None = None,
) -> Operation:
    """The started operation; see Operations.start for the arguments."""
    operation, entry = Operations(tenant).start(
        kind,
        function,
        path,
        created_by=created_by,
        now=now,
        parameters=parameters,
        coalesce=coalesce,
        operation_id=operation_id,
    )
    deliver(config, entry)
    return operation


def start_metrics_refresh(
    config: Config,
    tenant: Tenant,
    created_by: str,
    now: dt.datetime,
    *,
    rebuild: bool = False,
    operation_id: str | None = None,
) -> Operation:
    """Compute all metrics again; one refresh that waits to start serves everyone who asks for it.

    `rebuild` reads products, stock and conditions from their documents instead of the last snapshot.
    """
    operation, entry = queue_metrics_refresh(tenant, created_by, now, rebuild=rebuild, operation_id=operation_id)
    deliver(config, entry)
    return operation
