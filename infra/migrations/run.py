"""Bring the stored data of an installation to a version, under a lease and recorded. Safe to be killed and repeated."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from infra.migrations import tables
from infra.migrations.plan import ClientWork, CollectionChange, Migration, Step, TableAddition
from infra.migrations.versions import MIGRATIONS, NEWEST, OLDEST
from shared.config import Config
from shared.firestore.driver import database
from shared.firestore.rewriting import change_collection, change_document, every_tenant
from shared.firestore.schema import AppliedVersion, Schema
from shared.firestore.tenant import Tenant

if TYPE_CHECKING:
    from google.cloud.firestore import Client

_RENEWED_AFTER_S = 10.0

Clock = Callable[[], dt.datetime]


class UnknownVersionError(ValueError):
    """There is no such version, or the data has a newer one; the message says which there are."""


@dataclass(frozen=True)
class Outcome:
    """What one step did, or would do: how many documents, columns or tables it changed."""

    migration: Migration
    step: Step
    changed: int


@dataclass(frozen=True)
class Migrator:
    """One run. `holder` names it in the lease, `build` says in the record which code migrated."""

    config: Config
    holder: str
    build: str
    clock: Clock
    say: Callable[[str], None] = print
    migrations: Sequence[Migration] = MIGRATIONS

    def migrate(self, to: int = NEWEST, *, dry_run: bool = False, again: int | None = None) -> list[Outcome]:
        """Bring the data to version `to`; returns what was done, or would be.

        `again` does the steps of the versions above that number once more: for documents that the code of before has
        written while both ran. Raises MigrationRunningError, NotAdditiveError and UnknownVersionError.
        """
        schema = Schema(self._database)
        state = schema.state()
        present = stored_version(schema)
        if not OLDEST <= to <= NEWEST or present > to:
            raise UnknownVersionError(
                f"the stored data has version {present}, this build knows {OLDEST} to {NEWEST}: there is no way to {to}"
            )
        since = present if again is None else min(present, again)
        due = [migration for migration in self.migrations if since < migration.version <= to]
        if dry_run:
            return [outcome for migration in due for outcome in self._steps(migration, lambda: None, dry_run=True)]
        if state is not None and not due:
            return []
        schema.take(self.holder, present, self.clock())
        try:
            return [outcome for migration in due for outcome in self._bring(schema, migration, present)]
        finally:
            schema.give_back(self.holder)

    @property
    def _database(self) -> Client:
        return database(self.config)

    def _bring(self, schema: Schema, migration: Migration, present: int) -> list[Outcome]:
        """One version: recorded before its first step, and reached after its last one."""
        begun = time.monotonic()
        before = schema.versions().get(migration.version)
        record = AppliedVersion(migration.version, migration.name, self.build, self.clock())
        record = replace(record, attempts=1 if before is None else before.attempts + 1)
        schema.record(record)
        self.say(f"version {migration.version}: {migration.name}")
        outcomes = list(self._steps(migration, self._renewal(schema), dry_run=False))
        changed = {str(outcome.step): outcome.changed for outcome in outcomes}
        seconds = round(time.monotonic() - begun, 3)
        schema.record(replace(record, finished_at=self.clock(), seconds=seconds, changed=changed))
        if migration.version > present:
            schema.reached(self.holder, migration.version)
        return outcomes

    def _steps(self, migration: Migration, renew: Callable[[], None], *, dry_run: bool) -> Iterator[Outcome]:
        for step in migration.steps:
            changed = 0
            for part in self._parts(step, dry_run):
                changed += part
                renew()
            self.say(f"  {step}: {changed} {'to change' if dry_run else 'changed'}")
            yield Outcome(migration, step, changed)

    def _parts(self, step: Step, dry_run: bool) -> Iterator[int]:
        if isinstance(step, TableAddition):
            yield tables.add(self.config, step.table, step.columns, dry_run=dry_run)
            return
        for tenant in every_tenant(self._database):
            yield from self._of_client(step, tenant, dry_run)

    def _of_client(self, step: CollectionChange | ClientWork, tenant: Tenant, dry_run: bool) -> Iterator[int]:
        if isinstance(step, ClientWork):
            yield step.do(tenant, self.clock(), dry_run)
        elif step.document is None:
            yield from change_collection(tenant, step.name, step.change, dry_run=dry_run)
        else:
            yield change_document(tenant, step.name, step.document, step.change, dry_run=dry_run)

    def _renewal(self, schema: Schema) -> Callable[[], None]:
        """Renews the lease, at most every few seconds."""
        due = time.monotonic() + _RENEWED_AFTER_S

        def renew() -> None:
            nonlocal due
            if time.monotonic() >= due:
                schema.keep(self.holder, self.clock())
                due = time.monotonic() + _RENEWED_AFTER_S

        return renew


def stored_version(schema: Schema) -> int:
    """Which version the stored data has. Without a record it is the newest where nothing is stored, else older than the
    first migration."""
    state = schema.state()
    if state is not None:
        return state.version
    return NEWEST if schema.is_empty() else OLDEST
