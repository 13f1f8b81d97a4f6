"""The metrics refresh of a large client through the real path: request, outbox, Cloud Tasks, worker process."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence

import polars as pl

from infra.local.stack.process import free_ports
from shared.bigquery.dataset import create_missing
from shared.bigquery.warehouse import Warehouse
from shared.config import Config
from tests.benchmarks import shop, synthetic
from tests.benchmarks.clients import Client
from tests.benchmarks.machine import peak_memory_mib
from tests.benchmarks.operations import refresh
from tests.benchmarks.planted import plant
from tests.benchmarks.report import Row, Section, progress

_AT_ALL_LOCATIONS = 0.1
_EDITS = 10
_LIMIT_S, _LIMIT_MIB = 30.0, 1536.0
_CLIENT_ID = "bench"


def measure(sizes: Sequence[int]) -> Iterator[Section]:
    """At the largest size: from documents, then from the snapshot, then after some edits; a new process for each."""
    items = max(sizes)
    section = Section(
        "refresh",
        f"Metrics refresh of {items:,} items: seconds, peak MiB of the worker, items a second",
        ("seconds", "MiB", "items/s", "rows"),
    )
    port = free_ports(1)[0]
    with shop.own_folder() as folder, shop.own_backends(folder, port) as parts:
        config = Config.from_env(parts.api_env)
        create_missing(config)
        tenant = shop.new_tenant(config, _CLIENT_ID)
        rows = synthetic.catalog_rows(items, _AT_ALL_LOCATIONS)
        plant(tenant, Warehouse(config, _CLIENT_ID), rows)
        token = shop.token(config, _CLIENT_ID)
        section.begin()
        for name, edits, target in (
            ("first, from documents", 0, None),
            ("from the snapshot, nothing changed", 0, _LIMIT_S),
            (f"from the snapshot, after {_EDITS} edits", _EDITS, _LIMIT_S),
        ):
            progress(f"refreshing: {name}")
            with shop.worker(folder, port, parts.env) as worker:
                client = Client(worker.base_url, token)
                edit(client, rows, edits)
                run = refresh(tenant, client)
                memory = peak_memory_mib(worker.pid or 0)
            targets = {"MiB": _LIMIT_MIB} | ({"seconds": target} if target else {})
            counted = {"items/s": round(items / run.seconds), "rows": (run.operation.result or {})["rows"]}
            section.add(Row(name, {"seconds": run.seconds, "MiB": memory} | counted, targets))
            section.note(f"  {run.steps_shown}")
    yield section


def edit(client: Client, rows: pl.DataFrame, edits: int) -> None:
    """Change the category of some items, spread over the catalog."""
    items = rows["item_id"].unique(maintain_order=True)
    for item_id in items.gather_every(items.len() // max(edits, 1)).head(edits):
        client.call("PATCH", f"/products/{item_id}", json.dumps({"category": f"Edited {time.time_ns()}"}).encode())
