"""The versions of the stored data, and how each is reached from the one before.

Version 1 is the shape of 2026-11-27 (commit 81b3c0c), the oldest that is migrated: an installation without a state is
taken for one. What it looked like stands in tests/infra/migrations/version_1, made by the code of that day.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from infra.migrations.plan import ClientWork, CollectionChange, Migration, TableAddition
from shared.bigquery.tables import ACCURACY, BACKTESTS, METRICS, SALES_LINES, TOTAL_ACCURACY
from shared.domain.retention import AUDIT_DAYS, NOTIFICATIONS, OPERATIONS
from shared.firestore.catalog_documents import SETTINGS_FIELD
from shared.firestore.rewriting import change_document
from shared.firestore.tenant import Tenant
from shared.tasks.metrics_refresh import RefreshRequest, queue_metrics_refresh

_WEBHOOK = "notification_webhook"
_HANDLERS = {
    "forecast": ("forecast", "/internal/launch"),
    "metrics_refresh": ("inventory", "/internal/refresh"),
    "etl_import": ("etl", "/internal/import"),
}
# What the catalog's pointer of version 4 says of a snapshot; its other fields stay when that goes.
_OF_THE_SNAPSHOT = frozenset(
    {"version", "read_time", "base_version", "as_of", "computed_at", "forecast_run_id", "forecast_run_date", "settings"}
    | {"level_factor", "items", "locations", "profiles", "sides", "previous"}
)


def with_notifications(settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """Settings whose one webhook is one of `notifications`; the old field stays for the code of before.

    It tells nothing until an administrator names the secret that signs and the events: nothing was told before either.
    """
    if "notifications" in settings or _WEBHOOK not in settings:
        return None
    url = settings[_WEBHOOK]
    targets = {"webhook_url": url, "secret": None, "events": []}
    return {**settings, "notifications": targets} if url is not None else {**settings, "notifications": {}}


def without_webhook(settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """Settings without the field that `with_notifications` has replaced."""
    if _WEBHOOK not in settings:
        return None
    return {name: value for name, value in settings.items() if name != _WEBHOOK}


def pointer_with_notifications(pointer: Mapping[str, Any]) -> dict[str, Any] | None:
    """The catalog's pointer, which carries the settings in force."""
    return _in_force(pointer, with_notifications)


def pointer_without_webhook(pointer: Mapping[str, Any]) -> dict[str, Any] | None:
    return _in_force(pointer, without_webhook)


def as_step(operation: Mapping[str, Any]) -> dict[str, Any] | None:
    """An operation that may be part of a run, be tried again and be found by its family."""
    family = str(operation["kind"]).partition(".")[0]
    function, path = _HANDLERS.get(family, ("", ""))
    added: dict[str, Any] = {
        "family": family,
        "function": function,
        "path": path,
        "parent": None,
        "steps": [],
        "earlier_attempts": 0,
    }
    missing = {name: value for name, value in added.items() if name not in operation}
    return {**operation, **missing} if missing else None


def expiring(since: str, kept: dt.timedelta, fields: Mapping[str, Any]) -> dict[str, Any] | None:
    """A document that goes when it has been kept so long."""
    return None if "expires_at" in fields else {**fields, "expires_at": fields[since] + kept}


def without_snapshot(pointer: Mapping[str, Any]) -> dict[str, Any] | None:
    """The catalog's pointer without a snapshot that has no figures of earlier days: it lacks columns too."""
    if "version" not in pointer or "earlier_headlines" in pointer:
        return None
    return {name: value for name, value in pointer.items() if name not in _OF_THE_SNAPSHOT}


def publish_anew(tenant: Tenant, now: dt.datetime, dry_run: bool) -> int:
    """Have the catalog rebuilt from its documents, and forget the snapshot: it is computed, never entered."""
    outdated = change_document(tenant, "catalog", "pointer", without_snapshot, dry_run=True)
    if outdated and not dry_run:
        # The rebuild is asked for first: a run that is killed in between asks again and gets the same one. Its task is
        # delivered by the scheduler's next minute.
        queue_metrics_refresh(tenant, RefreshRequest("migration", now, rebuild=True, operation_id="schema-5-rebuild"))
        change_document(tenant, "catalog", "pointer", without_snapshot, dry_run=False)
    return outdated


MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        2,
        "accuracy by recency, and the money at stake",
        (
            TableAddition(ACCURACY, ("days_since_sale", "scale")),
            TableAddition(BACKTESTS, ("days_since_sale",)),
            TableAddition(TOTAL_ACCURACY),
            TableAddition(METRICS, ("sales_at_risk", "excess_value")),
        ),
    ),
    Migration(3, "invoice lines are kept", (TableAddition(SALES_LINES),)),
    Migration(
        4,
        "a webhook has events and a secret, an operation may be a step of a run",
        (
            CollectionChange("settings", with_notifications, "current"),
            CollectionChange("catalog", pointer_with_notifications, "pointer"),
            CollectionChange("operations", as_step),
        ),
    ),
    Migration(
        5,
        "catalogs have figures of earlier days",
        (ClientWork("catalogs that are published anew", publish_anew),),
    ),
    Migration(
        6,
        "notification_webhook is gone",
        (
            CollectionChange("settings", without_webhook, "current"),
            CollectionChange("catalog", pointer_without_webhook, "pointer"),
        ),
    ),
    Migration(
        7,
        "operations, notifications and the audit log expire",
        (
            CollectionChange("operations", partial(expiring, "created_at", OPERATIONS)),
            CollectionChange("notifications", partial(expiring, "created_at", NOTIFICATIONS)),
            CollectionChange("audit", partial(expiring, "at", dt.timedelta(days=AUDIT_DAYS))),
        ),
    ),
)
OLDEST = 1
NEWEST = MIGRATIONS[-1].version


def _in_force(pointer: Mapping[str, Any], change: Any) -> dict[str, Any] | None:
    """The pointer with changed settings: those in force, as a text, and those of the snapshot, as a map."""
    changed: dict[str, Any] = {}
    if pointer.get(SETTINGS_FIELD) is not None and (after := change(json.loads(pointer[SETTINGS_FIELD]))) is not None:
        changed[SETTINGS_FIELD] = json.dumps(after, ensure_ascii=False)
    if pointer.get("settings") is not None and (after := change(pointer["settings"])) is not None:
        changed["settings"] = after
    return {**pointer, **changed} if changed else None
