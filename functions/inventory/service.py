"""Inventory: the metrics refresh as an operation."""

from __future__ import annotations

import datetime as dt

from shared.config import Config
from shared.domain.operation import Operation
from shared.firestore.tenant import Tenant
from shared.tasks import worker
from shared.tasks.operations import Operations
from shared.tasks.starting import start_metrics_refresh


def start_refresh(
    config: Config, tenant: Tenant, user_id: str, now: dt.datetime, rebuild: bool, operation_id: str | None
) -> Operation:
    """A refresh that starts as soon as a worker is free."""
    return start_metrics_refresh(config, tenant, user_id, now, rebuild=rebuild, operation_id=operation_id)


def run_refresh(config: Config, tenant: Tenant, operation_id: str) -> str:
    """Do the refresh; returns the operation's status."""
    from functions.inventory.refresh import refresh

    return worker.run(
        Operations(tenant),
        operation_id,
        lambda operation, reporter: refresh(config, tenant, operation, reporter, _now()),
        clock=_now,
    )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
