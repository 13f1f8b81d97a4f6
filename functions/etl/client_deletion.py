"""Deleting everything of the clients whose day has come: rows, objects, users, documents, and last the client itself.

Cloud Scheduler asks every hour. A call takes up what an earlier one, killed or out of time, has left; whatever is gone
already is no error. A deletion ends only where nothing is found any more.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from functions.etl import client_files
from shared.bigquery.tables import TABLES
from shared.bigquery.warehouse import Warehouse
from shared.config import Config
from shared.domain.access.client import Client
from shared.domain.access.client_deletion import ClientDeletion, begun
from shared.domain.errors import Unavailable
from shared.firestore.client_data import counts_of, delete_documents, delete_users, leave_batches
from shared.firestore.client_deletions import ClientDeletions
from shared.firestore.clients import Clients
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.tasks.worker import Clock
from shared.telemetry.logs import log

_OBJECTS = "objects"
# Of a call, which may take 30 minutes: what is not done by then is left to the next one.
_TIME_S = 20 * 60.0


class ClientsNotDeleted(Unavailable):
    """Some clients could not be deleted; the next call goes on."""

    code = "clients_not_deleted"


@dataclass(frozen=True)
class Deletions:
    """Of how many clients the day has come, and how many are gone now."""

    due: int
    deleted: int


class _TimeIsUpError(Exception):
    """The rest is left to the next call."""


def delete_due(config: Config, clock: Clock) -> Deletions:
    """Delete the clients that are due; raises ClientsNotDeleted, behind all others, where one could not be."""
    due = [client for client in Clients(database(config)).closing() if client.is_due(clock())]
    until = time.monotonic() + _TIME_S
    deleted = failed = 0
    for client in due:
        try:
            deleted += _delete(config, client, clock, until)
        except _TimeIsUpError:
            break
        except Exception as error:  # noqa: BLE001 - of any kind: the others are to be deleted
            failed += 1
            log("ERROR", "client not deleted", error=error, client_id=client.client_id)
    if failed:
        raise ClientsNotDeleted(f"{failed} of {len(due)} clients could not be deleted; the log says why")
    return Deletions(len(due), deleted)


def _delete(config: Config, client: Client, clock: Clock, until: float) -> bool:
    """Whether the client is gone; not while another worker is at it, or where it was taken back."""
    tenant = Tenant(database(config), client.client_id)
    deletion = _taken(tenant, client, clock)
    if deletion is None:
        return False
    if deletion.counts is None:
        deletion = replace(deletion, counts=_remaining(config, tenant))
        _keep(tenant, deletion)
    warehouse = Warehouse(config, client.client_id)
    for table in TABLES:
        warehouse.delete_all(table, f"{deletion.id}-{deletion.attempts}")
        _check(until)
    client_files.delete_objects(config, client.client_id)
    delete_users(tenant)
    leave_batches(tenant)
    for _ in delete_documents(tenant):
        _check(until)
    if remaining := _remaining(config, tenant):
        raise ClientsNotDeleted(f"of client {client.client_id!r} there are still {remaining}")
    _end(tenant, deletion.finished(clock()))
    log("INFO", "client deleted", client_id=client.client_id, counts=dict(deletion.counts or {}))
    return True


def _taken(tenant: Tenant, client: Client, clock: Clock) -> ClientDeletion | None:
    """The deletion, held by this worker."""
    deletions = ClientDeletions(tenant.database)

    def take(transaction: Transaction) -> ClientDeletion | None:
        stored = Clients(tenant.database).find(tenant.client_id, transaction)
        now = clock()
        if stored is None or not stored.value.is_due(now):
            return None
        deletion = deletions.of(stored.value, transaction)
        if deletion is not None and deletion.is_held(now):
            return None
        taken = begun(stored.value, now) if deletion is None else deletion.taken(now)
        deletions.put(transaction, taken)
        return taken

    return tenant.transact(take)


def _remaining(config: Config, tenant: Tenant) -> dict[str, int]:
    """How many documents, rows and objects there are, by where they lie; the client's own document aside."""
    warehouse = Warehouse(config, tenant.client_id)
    rows = {table.name: warehouse.stored_count(table) for table in TABLES}
    objects = len(client_files.object_names(config, tenant.client_id))
    return {name: number for name, number in {**counts_of(tenant), **rows, _OBJECTS: objects}.items() if number}


def _keep(tenant: Tenant, deletion: ClientDeletion) -> None:
    tenant.transact(lambda transaction: ClientDeletions(tenant.database).put(transaction, deletion))


def _end(tenant: Tenant, deletion: ClientDeletion) -> None:
    """The client goes with the record's end: until then no other one can have its id."""

    def write(transaction: Transaction) -> None:
        ClientDeletions(tenant.database).put(transaction, deletion)
        Clients(tenant.database).delete(transaction, tenant.client_id)

    tenant.transact(write)


def _check(until: float) -> None:
    if time.monotonic() > until:
        raise _TimeIsUpError
