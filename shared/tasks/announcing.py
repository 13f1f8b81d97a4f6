"""Tell a client's own systems what has happened: the notification and its task join the transaction of the event.

The webhook is called by the function notifications. What ends an operation leaves the task in the outbox, which the
scheduler's tick empties every minute; a request may deliver it at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.etl_run import failed_steps, is_partial_run
from shared.domain.notification import Notification, NotificationEvent, is_partial, notification_id
from shared.domain.operation import Operation, OperationKind, OperationStatus, RunStep
from shared.domain.outbox_entry import OutboxEntry
from shared.domain.settings import NotificationTargets
from shared.firestore.notifications import FailedRuns, Notifications
from shared.firestore.operations import OperationDocuments
from shared.firestore.outbox import Outbox
from shared.firestore.settings import SettingsStore
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.telemetry.logs import log

_ANNOUNCED = ("etl_import", "etl_sync", "etl_run", "forecast")


@dataclass(frozen=True)
class Announcement:
    """What is to be told. Announcements of the same event and `key` are told once."""

    event: NotificationEvent
    key: tuple[str, ...]
    at: dt.datetime
    data: Mapping[str, Any]

    @property
    def notification_id(self) -> str:
        """The id of its notification: the same for the same event and key."""
        return notification_id(self.event.value, *self.key)


def announce(
    tenant: Tenant, transaction: Transaction, targets: NotificationTargets, announcement: Announcement
) -> OutboxEntry | None:
    """Write the notification and its task as part of the transaction; None where nobody is to be told, or was told.

    One read, where the client wants to be told of such events.
    """
    if targets.wants(announcement.event) and Notifications(tenant).exists(announcement.notification_id, transaction):
        return None
    return announce_first(tenant, transaction, targets, announcement)


def announce_first(
    tenant: Tenant, transaction: Transaction, targets: NotificationTargets, announcement: Announcement
) -> OutboxEntry | None:
    """As `announce`, of what the transaction itself makes happen, and so cannot have been told: without a read."""
    if not targets.wants(announcement.event):
        return None
    notification = Notification(
        announcement.notification_id,
        announcement.event,
        announcement.at,
        {"client_id": tenant.client_id, **announcement.data},
    )
    Notifications(tenant).create(transaction, notification)
    return send_at(tenant, transaction, notification, announcement.at, announcement.at)


def send_at(
    tenant: Tenant, transaction: Transaction, notification: Notification, asked_at: dt.datetime, at: dt.datetime
) -> OutboxEntry:
    """Have the next attempt made at that time, asked for now."""
    number = len(notification.attempts)
    entry = OutboxEntry(
        id=f"{notification.id}-{notification.round}-{number}",
        client_id=tenant.client_id,
        function="notifications",
        path="/internal/send",
        body={"client_id": tenant.client_id, "notification_id": notification.id, "number": number},
        created_at=asked_at,
        not_before=at,
    )
    Outbox(tenant).put(transaction, entry)
    return entry


def announce_end(tenant: Tenant, transaction: Transaction, operation: Operation) -> None:
    """Tell of the end of a run: that it failed, that it took only a part of its source, that one is well again after a
    failure. A step of a run does not tell, its run does; nor do dry runs and cancelled ones.
    """
    is_suspicious = operation.kind == OperationKind.VALIDATION and bool((operation.result or {}).get("suspicious"))
    if not is_suspicious and (
        operation.family not in _ANNOUNCED or operation.parent is not None or operation.parameters.get("dry_run")
    ):
        return
    if operation.status not in (OperationStatus.FAILED, OperationStatus.SUCCEEDED):
        return
    targets = SettingsStore(tenant).get().value.notifications
    if targets.webhook_url is None:
        return
    announcements = [_of_validation(operation)] if is_suspicious else _of_end(tenant, transaction, operation)
    for announcement in announcements:
        announce(tenant, transaction, targets, announcement)


def _of_validation(operation: Operation) -> Announcement:
    at = operation.finished_at or operation.created_at
    data = {"run_id": operation.id, **(operation.result or {})}
    return Announcement(NotificationEvent.VALIDATION_SUSPICIOUS, (at.date().isoformat(),), at, data)


def _of_end(tenant: Tenant, transaction: Transaction, operation: Operation) -> list[Announcement]:
    at = operation.finished_at or operation.created_at
    about = _about(operation)
    failed_runs = FailedRuns(tenant)
    if operation.status is OperationStatus.FAILED:
        failed_runs.note(transaction, operation.kind, operation.id, at)
        error = operation.error or {}
        if is_partial_run(operation):
            steps = [_of_step(step, step.detail) for step in failed_steps(operation)]
            return [_partial_run(operation, at, [*steps, *_partial_steps(tenant, operation)])]
        failure = operation.kind, error.get("code", ""), at.date().isoformat()
        return [Announcement(NotificationEvent.RUN_FAILED, failure, at, about | {"error": dict(error)})]
    announcements = []
    failed_id = failed_runs.failed(transaction, operation.kind)
    if failed_id is not None:
        failed_runs.clear(transaction, operation.kind)
        key = operation.kind, failed_id
        data = about | {"failed_run_id": failed_id}
        announcements.append(Announcement(NotificationEvent.RUN_RECOVERED, key, at, data))
    if operation.kind == OperationKind.ETL_RUN and (steps := _partial_steps(tenant, operation)):
        announcements.append(_partial_run(operation, at, steps))
        log("WARNING", "run partial", event="run.partial", client_id=tenant.client_id, operation=operation.id)
    by_check = (operation.result or {}).get("rejected_by_check", {})
    if operation.counts is not None and is_partial(operation.counts.read, by_check):
        key = operation.kind, at.date().isoformat()
        data = about | {"rejected_by_check": dict(by_check)}
        announcements.append(Announcement(NotificationEvent.RUN_PARTIAL, key, at, data))
        log("WARNING", "run partial", event="run.partial", client_id=tenant.client_id, operation=operation.id)
    return announcements


def _partial_run(run: Operation, at: dt.datetime, steps: list[dict[str, Any]]) -> Announcement:
    """Of a run that took a part of its sources: told once for the same steps and day."""
    key = run.kind, at.date().isoformat(), *(f"{step['name']} {step['source_id']}" for step in steps)
    data = _about(run) | {"error": None if run.error is None else dict(run.error), "steps": steps}
    return Announcement(NotificationEvent.RUN_PARTIAL, key, at, data)


def _partial_steps(tenant: Tenant, run: Operation) -> list[dict[str, Any]]:
    """The syncs of a run that succeeded and took only a part of their source; a read each."""
    syncs = {step.operation_id: step for step in run.steps if step.source_id is not None and step.operation_id}
    found = []
    for operation_id, sync in OperationDocuments(tenant).get_many(each for each in syncs if each).items():
        counts, by_check = sync.counts, (sync.result or {}).get("rejected_by_check", {})
        if sync.status is OperationStatus.SUCCEEDED and counts is not None and is_partial(counts.read, by_check):
            detail = f"{counts.rejected} of {counts.read} records were rejected"
            found.append(_of_step(syncs[operation_id], detail))
    return found


def _of_step(step: RunStep, detail: str | None) -> dict[str, Any]:
    return {"name": step.name.value, "source_id": step.source_id, "status": step.status.value, "detail": detail}


def _about(operation: Operation) -> dict[str, Any]:
    counts = operation.counts
    return {
        "run_id": operation.id,
        "kind": operation.kind,
        "status": operation.status.value,
        "counts": None if counts is None else {**vars(counts)},
    }
