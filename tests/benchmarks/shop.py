"""The stack that a benchmark runs against, always its own, and synthetic clients in it."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

from infra.local.stack.backends import Backends, backends
from infra.local.stack.gateway_process import GatewayProcess
from infra.local.stack.process import LOOPBACK, free_ports
from shared.catalog.codec import encode, split
from shared.catalog.demand_profiles import bucketed
from shared.catalog.evaluation import refreshed_rows
from shared.catalog.store import CatalogStore, Pointer
from shared.config import Config
from shared.domain.access.client import Client as Tenancy
from shared.domain.access.principal import Principal, Role
from shared.domain.settings import Settings
from shared.firestore.clients import Clients
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.http.paths import API_ROOT
from shared.http.tokens import issue_access_token
from tests.benchmarks import synthetic

GATEWAY_THREADS = 32
_WORKER_THREADS = 8
_TOKEN_LIFETIME = dt.timedelta(days=1)


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="stockcast-bench-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def own_backends(folder: Path, worker_port: int) -> Backends:
    """Emulators of our own, not started yet, whatever others the environment names: theirs hold other data."""
    environ = {name: value for name, value in os.environ.items() if not name.endswith(("_EMULATOR_HOST", "_JWT_KEYS"))}
    return backends(folder, f"http://{LOOPBACK}:{worker_port}{API_ROOT}/{{function}}", environ=environ)


def gateway(folder: Path, env: dict[str, str]) -> GatewayProcess:
    """The API as users of the local stack reach it."""
    (port,) = free_ports(1)
    return GatewayProcess("gateway", folder / "logs" / "gateway.log", port, GATEWAY_THREADS, env)


def worker(folder: Path, port: int, env: dict[str, str]) -> GatewayProcess:
    """The API as Cloud Tasks of the local stack reaches it."""
    return GatewayProcess("worker", folder / "logs" / "worker.log", port, _WORKER_THREADS, env)


def new_tenant(config: Config, client_id: str) -> Tenant:
    """An empty client whose business day is that of the synthetic data."""
    Clients(database(config)).put(Tenancy(client_id, "A synthetic client", business_date=synthetic.TODAY))
    return Tenant(database(config), client_id)


def token(config: Config, client_id: str, user_id: str | None = None) -> str:
    caller = Principal(user_id or f"user-{client_id}", client_id, Role.ADMIN)
    return issue_access_token(config, caller, dt.datetime.now(dt.UTC), _TOKEN_LIFETIME)


def publish_catalog(tenant: Tenant, items: int, *, with_profiles: bool = False) -> pl.DataFrame:
    """Compute and publish a synthetic catalog as a refresh does; returns its rows.

    `with_profiles`: with the demand profiles, which no list reads but every edit that changes stock or orders.
    """
    computed = _computed(items)
    store = CatalogStore(tenant)
    read_time = store.pointer().read_time
    published = store.publish(
        Pointer(
            version=int(read_time.timestamp() * 1_000_000),
            read_time=read_time,
            base_version=None,
            as_of=synthetic.TODAY,
            computed_at=dt.datetime.now(dt.UTC),
            forecast_run_id="synthetic",
            forecast_run_date=synthetic.TODAY,
            settings=Settings(),
            level_factor=computed.level_factor,
            items=store.write_chunks(computed.items, ()),
            locations=store.write_chunks(computed.locations, ()),
            profiles=store.write_chunks(computed.profiles, ()) if with_profiles else (),
        ),
        merged=(),
    )
    if not published:
        raise RuntimeError(f"the catalog of {tenant.client_id} was not published")
    return computed.rows


@dataclass(frozen=True)
class _Computed:
    """A catalog before it is published: its rows, and the chunks that they become."""

    rows: pl.DataFrame
    level_factor: float | None
    items: list[tuple[str, bytes]]
    locations: list[tuple[str, bytes]]
    profiles: list[tuple[str, bytes]]


@lru_cache(maxsize=1)
def _computed(items: int) -> _Computed:
    rows = synthetic.catalog_rows(items)
    profiles = synthetic.demand_profiles(rows)
    rows, levels = refreshed_rows(rows, profiles, Settings(), synthetic.TODAY)
    whole = pl.col("location_id").is_null()
    return _Computed(
        rows,
        levels.log_factor,
        list(split(encode(rows.filter(whole)))),
        list(split(encode(rows.filter(~whole)))),
        list(bucketed(profiles)),
    )
