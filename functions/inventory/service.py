"""Inventory: the metrics refresh as an operation, and the compaction of catalogs."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfoNotFoundError

from shared.catalog.store import catalog_ages
from shared.config import Config
from shared.domain.access.client import Client
from shared.domain.freshness import freshness
from shared.domain.operation import Operation, OperationStatus
from shared.firestore.clients import Clients
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.request_context import RequestContext
from shared.tasks import worker
from shared.tasks.metrics_refresh import RefreshRequest
from shared.tasks.operations import Operations
from shared.tasks.starting import start_metrics_refresh
from shared.tasks.worker import Clock
from shared.telemetry.logs import log

# Edits that wait on top of a snapshot make every new instance read them all; so many are worth merging into a new one.
COMPACTION_THRESHOLD = 200
_MINUTES_BETWEEN_CALLS = 5  # as infra/terraform/schedules.json has it


def start_refresh(context: RequestContext, rebuild: bool) -> Operation:
    """A refresh that starts as soon as a worker is free."""
    return start_metrics_refresh(
        context.config, context.tenant, RefreshRequest(context.user_id, context.now, rebuild, context.request_id)
    )


def run_refresh(config: Config, tenant: Tenant, operation_id: str, clock: Clock) -> OperationStatus:
    """Do the refresh, and end the operations that await it; returns the status of its own."""
    from functions.inventory.refresh import refresh

    operations = Operations(tenant)
    status = worker.run(
        operations,
        operation_id,
        lambda operation, reporter: refresh(config, tenant, operation, reporter, clock()),
        clock,
    )
    # Also when this attempt finds it ended: the one before may have been killed between the two.
    operations.end_those_awaiting(operations.get(operation_id), clock())
    return status


def compact_catalogs(config: Config, now: dt.datetime) -> int:
    """Start a refresh for each client on whose snapshot many edits lie; returns for how many. Two reads a client.

    The first call of an hour also writes down how old each client's figures are, which the pages on them count.
    """
    clients = list(Clients(database(config)).active())
    tenants = [Tenant(database(config), client.client_id) for client in clients]
    ages = catalog_ages(tenants)
    crowded = [tenant for tenant, age in zip(tenants, ages, strict=True) if age.edits >= COMPACTION_THRESHOLD]
    for tenant in crowded:
        start_metrics_refresh(config, tenant, RefreshRequest("scheduler", now))
    if now.minute < _MINUTES_BETWEEN_CALLS:
        for client, age in zip(clients, ages, strict=True):
            found = freshness(_today(client, now), age.last_sale, age.forecast_run_date)
            known = {name: days for name, days in vars(found).items() if days is not None}
            log("INFO", "freshness", client_id=client.client_id, **known)
    return len(crowded)


def _today(client: Client, now: dt.datetime) -> dt.date:
    """The client's day; of one whose zone is none that of UTC."""
    try:
        return client.today(now)
    except (ZoneInfoNotFoundError, ValueError):
        return now.date()
