"""From every earlier version to this one: once, twice, and killed in between."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from infra.migrations import tables
from infra.migrations.plan import CollectionChange
from infra.migrations.run import Migrator, UnknownVersionError
from infra.migrations.tables import NotAdditiveError
from infra.migrations.versions import MIGRATIONS, NEWEST
from infra.terraform_schemas import table_definitions
from shared.bigquery.client import bigquery_client
from shared.bigquery.dataset import create_missing
from shared.bigquery.tables import METRICS, Column, Table
from shared.catalog.store import CatalogStore
from shared.config import config
from shared.domain.operation import OperationFilter, OperationKind, OperationStatus
from shared.firestore.driver import Commit, database
from shared.firestore.page import PageRequest
from shared.firestore.schema import LEASE, MigrationRunningError, Schema
from shared.firestore.settings import SettingsStore
from shared.firestore.tenant import Tenant
from shared.tasks.operations import Operations
from tests.infra.migrations.old_installation import (
    VERSIONS,
    OldInstallation,
    old_installation,
    stored_documents,
    tables_file,
)
from tests.support.readable import DECODERS, kind_of, unknown_to, unreadable

pytestmark = pytest.mark.integration
NOW = dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)
# Of a day in which everything succeeds; what is gone when it has ended.
_NOT_LEFT_BEHIND = (
    {"forecast_batches"}
    | {"clients/dismissals", "clients/import_mappings", "clients/sources", "clients/source_progress"}
    | {
        "clients/service_tokens",
        "clients/sync_states",
        "clients/outbox",
        "clients/current_run",
    }
)
HOOK = "https://hooks.example.com/stockcast"


@pytest.fixture(params=[version for version in VERSIONS if version < NEWEST])
def old(running: object, request: pytest.FixtureRequest) -> Iterator[OldInstallation]:
    """The documents of an earlier version."""
    with old_installation(request.param, f"old-{uuid.uuid4().hex[:8]}", with_tables=False) as installation:
        yield installation


@pytest.fixture
def oldest(running: object) -> Iterator[OldInstallation]:
    """The documents of version 1."""
    with old_installation(1, f"old-{uuid.uuid4().hex[:8]}", with_tables=False) as installation:
        yield installation


@pytest.fixture
def without_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables have a test of their own."""
    monkeypatch.setattr(tables, "add", lambda *_, **__: 0)


def migrator(old: OldInstallation, *, holder: str = "a run", now: dt.datetime = NOW) -> Migrator:
    return Migrator(old.config, holder, "the build", lambda: now, say=lambda _: None)


def data_of(old: OldInstallation) -> dict[str, dict[str, Any]]:
    """Every document but the record of the migrations; the task and operation of a rebuild bear its time."""
    return {path: fields for path, fields in old.documents().items() if not path.startswith("schema/")}


def test_what_a_version_stored_is_read_after_it(old: OldInstallation, without_tables: None) -> None:
    was_read = unreadable(old.documents()) == []
    outcomes = migrator(old).migrate()
    tenant = Tenant(database(old.config), "a-shop")
    stored = old.documents()
    assert unreadable(stored) == []
    assert unknown_to(stored) == []  # and so will the version after this one find it, beside which this one runs

    assert Schema(database(old.config)).state().version == NEWEST  # type: ignore[union-attr]
    if old.version > 1:
        return
    assert not was_read
    settings = SettingsStore(tenant).get().value
    assert str(settings.notifications.webhook_url) == HOOK
    assert settings.notifications.events == ()  # nothing was told before, and nothing is until somebody names events
    assert settings.safety_buffer_days == 4
    state = CatalogStore(tenant).pointer()
    assert state.settings == settings
    assert state.pointer is None  # 503 until the rebuild has published another
    rebuild = Operations(tenant).get("schema-5-rebuild")
    assert (rebuild.kind, rebuild.status) == (OperationKind.CATALOG_REBUILD, OperationStatus.PENDING)
    imports = Operations(tenant).page(PageRequest(10), OperationFilter(families=("etl_import",))).items
    assert [(operation.function, operation.path) for operation in imports] == [("etl", "/internal/import")]

    versions = Schema(database(old.config)).versions()
    assert [*versions] == [migration.version for migration in MIGRATIONS]
    assert versions[4].build == "the build"
    assert versions[7].changed["documents of audit"] == 3
    assert versions[4].finished_at == NOW
    assert versions[4].changed == {
        "documents of settings/current": 1,
        "documents of catalog/pointer": 1,
        "documents of operations": 8,
    }
    assert sum(outcome.changed for outcome in outcomes if outcome.migration.version == 4) == 10


def test_twice_is_as_once(old: OldInstallation, without_tables: None) -> None:
    migrator(old).migrate()
    once = data_of(old)
    assert migrator(old).migrate() == []  # a read
    again = migrator(old, holder="another run").migrate(again=1)
    assert [outcome.changed for outcome in again] == [0] * len(again)
    assert data_of(old) == once


def test_a_dry_run_says_what_would_change_and_changes_nothing(old: OldInstallation, without_tables: None) -> None:
    before = old.documents()
    planned = [outcome.changed for outcome in migrator(old).migrate(dry_run=True)]
    assert old.documents() == before
    # What a later version does to what an earlier one brings is not seen: nothing was brought.
    assert planned == [outcome.changed for outcome in migrator(old).migrate()]


def test_killed_before_any_of_its_writes_it_ends_the_same(
    old: OldInstallation, without_tables: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = old.documents()
    migrator(old).migrate()
    whole = data_of(old)
    later = NOW + LEASE
    for writes in range(2, 80, 7):
        for path in old.documents().keys() - original.keys():
            database(old.config).document(path).delete()
        old.write(original)
        with monkeypatch.context() as patched:
            made = _dies_at(writes, patched)
            with suppress(_Killed):
                migrator(old).migrate()
            survived = made() < writes - 1
        migrator(old, holder="the next run", now=later).migrate()
        assert {path: fields for path, fields in data_of(old).items() if "rebuild" not in path} == {
            path: fields for path, fields in whole.items() if "rebuild" not in path
        }
        if survived:
            return
    raise AssertionError("it writes more often than was tried")


def test_two_at_once_are_refused_and_a_dead_one_is_taken_over(old: OldInstallation, without_tables: None) -> None:
    Schema(database(old.config)).take("a dead run", 1, NOW)
    with pytest.raises(MigrationRunningError, match="a dead run migrates this installation until 2026-11-28T12:01"):
        migrator(old, holder="another").migrate()
    assert migrator(old, holder="another", now=NOW + LEASE).migrate()
    with pytest.raises(MigrationRunningError, match="has taken this migration over"):
        Schema(database(old.config)).keep("a dead run", NOW)


def test_to_a_version_and_no_further(oldest: OldInstallation, without_tables: None) -> None:
    migrator(oldest).migrate(4)
    assert "notification_webhook" in oldest.documents()["clients/a-shop/settings/current"]  # for the code of before
    with pytest.raises(UnknownVersionError, match="the stored data has version 4"):
        migrator(oldest).migrate(3)
    migrator(oldest).migrate()
    assert "notification_webhook" not in oldest.documents()["clients/a-shop/settings/current"]


def test_what_was_written_meanwhile_is_migrated_again(oldest: OldInstallation, without_tables: None) -> None:
    migrator(oldest).migrate()
    late = oldest.documents()["clients/a-shop/operations/098f0688b0b5413abb29ccb733e41b57"]
    del late["steps"], late["expires_at"]
    oldest.write({"clients/a-shop/operations/late": late})
    again = migrator(oldest).migrate(again=3)
    assert {outcome.changed for outcome in again if "operations" in str(outcome.step)} == {1}
    assert unreadable(oldest.documents()) == []


def test_a_fresh_installation_has_the_newest_version(running: object) -> None:
    fresh = OldInstallation(config=_project("fresh"), version=NEWEST)
    assert migrator(fresh).migrate() == []
    assert fresh.documents() == {"schema/state": {"version": NEWEST, "holder": None, "held_until": None}}


def test_tables_get_what_they_lack(running: object) -> None:
    with old_installation(1, f"old-{uuid.uuid4().hex[:8]}", with_tables=True) as old:
        lacking = tables.check(old.config)
        assert {"sales_lines", "inventory_metrics.excess_value", "forecast_backtest.days_since_sale"} <= set(lacking)
        planned = [outcome.changed for outcome in migrator(old).migrate(3, dry_run=True)]
        assert tables.check(old.config) == lacking
        done = [outcome.changed for outcome in migrator(old).migrate(3)]
        assert done == planned == [2, 1, 1, 2, 1]
        assert tables.check(old.config) == []
        assert [outcome.changed for outcome in migrator(old).migrate(3, again=1)] == [0] * 5
        metrics = _table(old, METRICS)
        assert {field.mode for field in metrics.schema if field.name in ("sales_at_risk", "excess_value")} == {
            "NULLABLE"
        }


def test_what_cannot_be_added_is_refused_with_the_reason(running: object, monkeypatch: pytest.MonkeyPatch) -> None:
    create_missing(config())
    required = (*METRICS.columns, Column("weight", "FLOAT64", required=True))
    with pytest.raises(NotAdditiveError, match=r"inventory_metrics\.weight must not be null"):
        tables.add(config(), _like(METRICS, columns=required), ("weight",), dry_run=True)
    other_type = tuple(
        Column(name, "INT64") if name == "dir" else Column(name, kind) for name, kind, *_ in METRICS.columns
    )
    partitioned = _like(METRICS, columns=other_type, partition_by="MONTH", cluster=("client_id",))
    monkeypatch.setattr(tables, "TABLES", (partitioned,))
    with pytest.raises(NotAdditiveError) as refused:
        tables.check(config())
    assert str(refused.value).split("; ") == [
        "inventory_metrics.dir is FLOAT64, and is to be INT64",
        "inventory_metrics has the partition date by DAY, and is to have date by MONTH",
        "inventory_metrics is clustered by ['client_id', 'item_id'], and is to be by ['client_id']",
    ]


def test_what_this_version_stores_is_read_by_it_and_by_the_next(running: object) -> None:
    """The documents of the newest folder were written by this version: a shape that does not read them needs a
    migration, and a folder of the new shape when the one after it comes."""
    stored = stored_documents(VERSIONS[-1], config())
    assert {kind_of(path) for path in stored} >= DECODERS.keys() - _NOT_LEFT_BEHIND
    assert unreadable(stored) == []
    assert unknown_to(stored) == []
    if VERSIONS[-1] == NEWEST:
        assert [path for path, fields in stored.items() if _would_change(path, fields)] == []
        columns = {name: table["schema"] for name, table in json.loads(tables_file(NEWEST).read_text()).items()}
        assert columns == {name: table["schema"] for name, table in table_definitions().items()}, (
            "a table has changed: add a version to infra/migrations/versions.py"
        )


def _would_change(path: str, fields: dict[str, Any]) -> bool:
    """Whether a migration finds anything to do to a document of the newest version."""
    steps = (step for migration in MIGRATIONS for step in migration.steps if isinstance(step, CollectionChange))
    _, _, *place = path.split("/")
    return any(
        step.change(fields) is not None
        for step in steps
        if place[:1] == [step.name] and step.document in (None, place[-1])
    )


def test_every_version_follows_the_one_before() -> None:
    assert [migration.version for migration in MIGRATIONS] == list(range(2, NEWEST + 1))
    assert VERSIONS[0] == 1


class _Killed(BaseException):
    """As by SIGKILL: nothing behind it runs."""


def _dies_at(writes: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Die right before that write; returns how many were made. Tasks that other tests have left live on."""
    made = 0
    make = Commit.make

    def mortal(commit: Commit, *arguments: Any, **options: Any) -> None:
        nonlocal made
        if commit._client.project == config().project_id:
            make(commit, *arguments, **options)
            return
        if made >= writes - 1:
            raise _Killed
        made += 1
        make(commit, *arguments, **options)

    monkeypatch.setattr(Commit, "make", mortal)
    return lambda: made


def _project(name: str) -> Any:
    return replace(config(), project_id=f"{name}-{uuid.uuid4().hex[:8]}")


def _table(old: OldInstallation, table: Table) -> Any:
    return bigquery_client(old.config).get_table(f"{old.config.project_id}.{old.config.dataset}.{table.name}")


def _like(table: Table, **fields: Any) -> Table:
    return replace(table, **fields)
