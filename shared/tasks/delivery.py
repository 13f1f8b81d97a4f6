"""Hand outbox entries to Cloud Tasks.

The request or job that wrote an entry delivers it at once; if it dies before, the scheduler's tick does
(`deliver_waiting`). The task is named after the client and the entry, so Cloud Tasks refuses a second delivery and the
worker gets it at least once. Ids of entries are a client's own: the daily runs of all clients are called after the day.
"""

from __future__ import annotations

import datetime as dt
import json

from shared.config import Config
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.driver import database
from shared.firestore.outbox import Outbox, waiting_entries
from shared.firestore.tenant import Tenant
from shared.tasks.queue_client import tasks_client
from shared.telemetry.logs import log
from shared.telemetry.trace import TRACEPARENT, current_traceparent

# Cloud Tasks waits this long for an answer before it delivers again; the longest it allows.
_DISPATCH_DEADLINE_S = 1800
_CREATE_TIMEOUT_S = 5.0


def deliver(config: Config, entry: OutboxEntry | None) -> None:
    """Hand a committed entry to Cloud Tasks. A failure is logged and left to the scheduler's tick."""
    if entry is None:
        return
    from google.api_core.exceptions import GoogleAPICallError, RetryError
    from google.auth.exceptions import GoogleAuthError

    try:
        _create_task(config, entry)
        Outbox(Tenant(database(config), entry.client_id)).delivered(entry.id)
    except (GoogleAPICallError, RetryError, GoogleAuthError) as error:
        log("WARNING", "task left in the outbox", entry=entry.id, client_id=entry.client_id, reason=str(error))


def deliver_waiting(config: Config, created_before: dt.datetime, limit: int = 500) -> int:
    """Deliver every entry that its request did not; returns how many there were. For the scheduler's tick."""
    entries = waiting_entries(database(config), created_before, limit)
    for entry in entries:
        deliver(config, entry)
    return len(entries)


def _trace_header(entry: OutboxEntry) -> dict[str, str]:
    """The trace that the entry was written in, which is this one where its writer delivers it."""
    traceparent = entry.traceparent or current_traceparent()
    return {} if traceparent is None else {TRACEPARENT: traceparent}


def _create_task(config: Config, entry: OutboxEntry) -> None:
    from google.api_core.exceptions import AlreadyExists
    from google.cloud import tasks_v2
    from google.protobuf import duration_pb2, timestamp_pb2

    base = config.url_of(entry.function)
    queue = config.sync_queue_path if entry.waits_for_a_source else config.queue_path
    task = tasks_v2.Task(
        name=f"{queue}/tasks/{entry.client_id}-{entry.id}",
        dispatch_deadline=duration_pb2.Duration(seconds=_DISPATCH_DEADLINE_S),
        http_request=tasks_v2.HttpRequest(
            url=f"{base}{entry.path}",
            http_method=tasks_v2.HttpMethod.POST,
            headers={"Content-Type": "application/json", **_trace_header(entry)},
            body=json.dumps(entry.body).encode(),
            oidc_token=tasks_v2.OidcToken(service_account_email=config.task_service_account, audience=base),
        ),
    )
    if entry.not_before is not None:
        start = timestamp_pb2.Timestamp()
        start.FromDatetime(entry.not_before)
        task.schedule_time = start
    try:
        tasks_client(config).create_task(parent=queue, task=task, timeout=_CREATE_TIMEOUT_S)
    except AlreadyExists:
        log("INFO", "task was delivered before", entry=entry.id, client_id=entry.client_id)
