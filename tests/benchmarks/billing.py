"""What Firestore bills for each request and each run, counted at the gRPC boundary, at two sizes of the catalog."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from infra.local.stack.process import free_ports
from shared.bigquery.dataset import create_missing
from shared.bigquery.warehouse import Warehouse
from shared.catalog.store import CatalogStore
from shared.config import Config
from shared.firestore.tenant import Tenant
from tests.benchmarks import shop, synthetic
from tests.benchmarks.clients import Client
from tests.benchmarks.operations import refresh
from tests.benchmarks.planted import plant
from tests.benchmarks.refresh import edit
from tests.benchmarks.report import Row, Section, progress
from tests.support.firestore_meter import FirestoreMeter

_LARGEST = 10_000  # what is billed does not depend on time, and a rebuild through the meter takes long
_EDITS = 10
_READ_LIMIT = 3.0


@dataclass(frozen=True)
class _Scene:
    """A client of some size behind the meter."""

    meter: FirestoreMeter
    tenant: Tenant
    client: Client
    rows: pl.DataFrame

    def refresh(self) -> None:
        refresh(self.tenant, self.client)

    def edit(self, count: int) -> None:
        edit(self.client, self.rows, count)


def measure(sizes: Sequence[int]) -> Iterator[Section]:
    """Requests and refreshes one after the other, each in the state that the one before left."""
    section = Section(
        "billing", "Billed Firestore operations of the API and its worker", ("reads", "writes", "deletes", "chunks")
    )
    port = free_ports(1)[0]
    with shop.own_folder() as folder, shop.own_backends(folder, port) as parts:
        config = Config.from_env(parts.api_env)
        create_missing(config)
        meter = FirestoreMeter(parts.env["FIRESTORE_EMULATOR_HOST"])
        env = parts.api_env | {"FIRESTORE_EMULATOR_HOST": meter.address}
        section.begin()
        try:
            for items in sorted({min(items, _LARGEST) for items in sizes}):
                client_id = f"bench-{items}"
                tenant = shop.new_tenant(config, client_id)
                rows = synthetic.catalog_rows(items)
                plant(tenant, Warehouse(config, client_id), rows)
                with shop.worker(folder, port, env) as worker:
                    client = Client(worker.base_url, shop.token(config, client_id))
                    scene = _Scene(meter, tenant, client, rows)
                    for row in _rows(scene, items):
                        section.add(row)
        finally:
            meter.stop()
    yield section


def _rows(scene: _Scene, items: int) -> Iterator[Row]:
    item = scene.rows["item_id"][items // 2]
    patch = json.dumps({"category": "Edited"}).encode()
    limit = {"reads": _READ_LIMIT}

    def ask(path: str) -> Callable[[], object]:
        return lambda: scene.client.get(path)

    steps: tuple[tuple[str, Callable[[], object], dict[str, float]], ...] = (
        ("refresh, first, from documents", scene.refresh, {}),
        ("list, the first of a process after it", ask("/products"), {}),
        ("list, nothing changed", ask("/products?status=understocked&sort=-stockout_risk,dir"), {"reads": 1}),
        ("dashboard, nothing changed", ask("/dashboard"), {"reads": 1}),
        ("item detail", ask(f"/products/{item}"), {}),
        ("item metrics", ask(f"/products/{item}/metrics"), {}),
        ("edit of an item", lambda: scene.client.call("PATCH", f"/products/{item}", patch), {}),
        ("list, after an edit", ask("/products"), limit),
        ("list, nothing changed since", ask("/products"), {"reads": 1}),
        ("refresh, repeated", scene.refresh, {}),
        (f"{_EDITS} edits", lambda: scene.edit(_EDITS), {}),
        ("refresh, after them", scene.refresh, {}),
        ("refresh, nothing changed", scene.refresh, {}),
    )
    for name, act, targets in steps:
        progress(f"{items:,} items: {name}")
        scene.meter.reset()
        act()
        billed = scene.meter.billed
        pointer = CatalogStore(scene.tenant).pointer().pointer
        chunks = len(pointer.chunks) if pointer else 0
        values = {"reads": billed.reads, "writes": billed.writes, "deletes": billed.deletes, "chunks": chunks}
        yield Row(f"{name}, {items:,}", values, targets)
