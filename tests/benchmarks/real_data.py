"""The bundled real sales on their way through the product: import, forecast, metrics. Seconds, memory, throughput."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import requests

from infra.local.demo.assortment import INVOICES, TODAY, Assortment
from infra.local.demo.documents import DEMO, write_master_data
from infra.local.demo.loading import SALES_MAPPING
from infra.local.demo.past import Past
from infra.local.stack.process import PROJECT, free_ports
from shared.bigquery.dataset import create_missing
from shared.bigquery.warehouse import Warehouse
from shared.config import Config
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from tests.benchmarks import shop
from tests.benchmarks.clients import Client
from tests.benchmarks.machine import forget_peak_memory, peak_memory_mib
from tests.benchmarks.operations import finished, refresh
from tests.benchmarks.report import Row, Section, progress
from tests.support.sql import table_rows

_IMPORT_TARGETS = {"seconds": 90.0, "MiB": 1024.0}
_POLL_S = 0.1
_UPLOAD_TIMEOUT_S = 120.0
_RUN_ID = "benchmark"


def measure(_sizes: Sequence[int]) -> Iterator[Section]:
    """Each step once, in the demo client of stacks and databases of our own."""
    section = Section(
        "real_data", f"Real sales ({INVOICES.name}): import, forecast, refresh", ("seconds", "MiB", "units", "units/s")
    )
    port = free_ports(1)[0]
    with shop.own_folder() as folder, shop.own_backends(folder, port) as parts:
        config = Config.from_env(parts.api_env)
        create_missing(config)
        past = Past(Assortment())
        write_master_data(config)
        token = shop.token(config, DEMO.client_id)
        section.begin()
        with shop.worker(folder, port, parts.env) as worker:
            tenant, pid = Tenant(database(config), DEMO.client_id), worker.pid or 0
            for kind, upload in _uploads(past).items():
                progress(f"importing {kind}")
                forget_peak_memory(pid)
                begun = time.perf_counter()
                run = finished(tenant, upload.post(worker.base_url, token))
                seconds = time.perf_counter() - begun
                records = run.operation.counts.read if run.operation.counts else 0
                section.add(_row(f"import of {kind}, records", seconds, peak_memory_mib(pid), records, upload.targets))
                section.note(f"  {run.steps_shown}")
            section.add(_forecast(config, parts.env, folder))
            progress("refreshing")
            forget_peak_memory(pid)
            run = refresh(tenant, Client(worker.base_url, token))
            rows = (run.operation.result or {})["rows"]
            section.add(_row("metrics refresh, rows", run.seconds, peak_memory_mib(pid), rows))
            section.note(f"  {run.steps_shown}")
    yield section


@dataclass(frozen=True)
class _Upload:
    """A file for /etl/import."""

    name: str
    data: bytes
    fields: dict[str, str]
    targets: dict[str, float] = field(default_factory=dict)

    def post(self, base_url: str, token: str) -> bytes:
        """Upload it; returns the answer's body."""
        headers = {"Authorization": f"Bearer {token}"}
        files = {"file": (self.name, self.data)}
        response = requests.post(
            f"{base_url}/etl/import", headers=headers, files=files, data=self.fields, timeout=_UPLOAD_TIMEOUT_S
        )
        if response.status_code != 202:
            raise RuntimeError(f"the import of {self.name} answered {response.status_code}: {response.text[:500]}")
        return response.content


def _uploads(past: Past) -> dict[str, _Upload]:
    """As the demo imports them."""
    lines = {"kind": "sales-history", "mapping": json.dumps(SALES_MAPPING), "aggregate": "invoice_lines"}
    return {
        "products": _Upload("products.csv", _csv(past.assortment.products), {"kind": "products"}),
        "sales-history": _Upload(INVOICES.name, INVOICES.read_bytes(), lines, _IMPORT_TARGETS),
        "stock-levels": _Upload("stock-levels.csv", _csv(past.stock_levels()), {"kind": "stock-levels"}),
    }


def _forecast(config: Config, env: dict[str, str], folder: Path) -> Row:
    progress("forecasting")
    log = folder / "forecast.log"
    begun = time.perf_counter()
    memory: float | None = None
    with log.open("wb") as output:
        job = subprocess.Popen(
            [sys.executable, "-m", "forecast_job", "--client", DEMO.client_id, "--run-id", _RUN_ID],
            env=os.environ | env,
            cwd=PROJECT,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        while job.poll() is None:
            memory = peak_memory_mib(job.pid) or memory
            time.sleep(_POLL_S)
    if job.returncode:
        raise RuntimeError(f"the forecast job failed:\n{log.read_text(errors='replace')[-2000:]}")
    seconds = time.perf_counter() - begun
    (series,) = table_rows(
        Warehouse(config, DEMO.client_id),
        "SELECT COUNT(DISTINCT item_id || '|' || location_id) AS series FROM inventory.lead_time_demand "
        "WHERE client_id = @client_id AND run_date = @run_date",
        run_date=TODAY,
    )
    return _row("forecast job, series", seconds, memory, series["series"])


def _row(name: str, seconds: float, memory: float | None, units: int, targets: dict[str, float] | None = None) -> Row:
    values = {"seconds": round(seconds, 2), "MiB": memory, "units": units, "units/s": round(units / seconds)}
    return Row(name, values, targets or {})


def _csv(frame: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.write_csv(file)
    return file.getvalue()
