"""The metrics refresh of a large client through the real path: request, outbox, Cloud Tasks, worker process."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from infra.local.process import free_ports
from shared.bigquery.dataset import create_missing
from shared.bigquery.warehouse import Warehouse
from shared.config import Config
from shared.domain.operation import OperationStatus
from shared.firestore.tenant import Tenant
from shared.tasks.operations import Operations
from tests.benchmarks import shop, synthetic
from tests.benchmarks.clients import Client
from tests.benchmarks.machine import peak_memory_mib
from tests.benchmarks.planted import plant
from tests.benchmarks.report import Row, Section, progress

_AT_ALL_LOCATIONS = 0.1
_EDITS = 10
_LIMIT_S, _LIMIT_MIB = 30.0, 1536.0
_POLL_S = 0.2
_PATIENCE_S = 600.0
_CLIENT_ID = "bench"


@dataclass(frozen=True)
class Refreshed:
    """From the operation's start to its end; steps as they were seen by polling; rows of items and of locations."""

    seconds: float
    steps: Mapping[str, float]
    rows: int


def measure(sizes: Sequence[int]) -> Iterator[Section]:
    """At the largest size: from documents, then from the snapshot, then after some edits; a new process for each."""
    items = max(sizes)
    section = Section(
        "refresh",
        f"Metrics refresh of {items:,} items: seconds, peak MiB of the worker, items a second",
        ("seconds", "MiB", "items/s", "rows"),
    )
    port, folder_context = free_ports(1)[0], shop.own_folder()
    with folder_context as folder, shop.own_backends(folder, port) as parts:
        config = Config.from_env(parts.env)
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
                edit(Client(worker.base_url, token), rows, edits)
                done = refresh(tenant, worker.base_url, token)
                memory = peak_memory_mib(worker.pid or 0)
            targets = {"MiB": _LIMIT_MIB} | ({"seconds": target} if target else {})
            values = {"seconds": done.seconds, "MiB": memory, "items/s": round(items / done.seconds), "rows": done.rows}
            section.add(Row(name, values, targets))
            section.note("  " + ", ".join(f"{step} {seconds:.1f} s" for step, seconds in done.steps.items()))
    yield section


def edit(client: Client, rows: pl.DataFrame, edits: int) -> None:
    """Change the category of some items, spread over the catalog."""
    items = rows["item_id"].unique(maintain_order=True)
    for item_id in items.gather_every(items.len() // max(edits, 1)).head(edits):
        client.call("PATCH", f"/products/{item_id}", json.dumps({"category": f"Edited {time.time_ns()}"}).encode())


def refresh(tenant: Tenant, base_url: str, token: str) -> Refreshed:
    """Ask for a refresh and wait for its end; raises RuntimeError when it fails."""
    started = json.loads(Client(base_url, token).call("POST", "/inventory/metrics/refresh", b"{}"))
    deadline = time.monotonic() + _PATIENCE_S
    seen: list[tuple[str, float]] = []
    while True:
        operation = Operations(tenant).get(started["id"])
        now = time.monotonic()
        if operation.step is not None and operation.step not in dict(seen):
            seen.append((operation.step, now))
        if operation.finished or now > deadline:
            break
        time.sleep(_POLL_S)
    if operation.status is not OperationStatus.SUCCEEDED or operation.started_at is None or operation.finished_at is None:
        raise RuntimeError(f"the refresh did not succeed: {operation}")
    ends = [moment for _, moment in seen[1:]] + [now]
    steps = {step: end - begun for (step, begun), end in zip(seen, ends, strict=True)}
    seconds = round((operation.finished_at - operation.started_at).total_seconds(), 2)
    return Refreshed(seconds, steps, (operation.result or {})["rows"])
