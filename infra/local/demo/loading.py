"""Brings the demo's data in as a client would: imports over HTTP, then the forecast job on Cloud Run."""

from __future__ import annotations

import datetime as dt
import io
import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import polars as pl
import requests
from google.api_core.future.polling import DEFAULT_POLLING

from forecast_job.demand.online_retail import EXCLUDE
from infra.local.demo.assortment import INVOICES, LOCATION_OF_COUNTRY, OTHER_COUNTRIES, TODAY
from infra.local.demo.documents import DEMO, discontinue, write_past
from infra.local.demo.history import load_events, load_frozen_forecasts, load_weekly_metrics, score
from infra.local.demo.order_records import Catalogue, OrderRecord, order_records
from infra.local.demo.past import Past
from shared.config import Config
from shared.tasks.forecast_progress import refresh_id
from shared.tasks.forecasting import launch_forecast

_POLL_S = 0.3
_PATIENCE_S = 900
_REQUEST_TIMEOUT_S = 60
_RUN_ID = "demo-forecast"
SALES_MAPPING: dict[str, Any] = {
    "item_id": "stock_code",
    "location_id": {"column": "country", "values": LOCATION_OF_COUNTRY, "default": OTHER_COUNTRIES},
    "date_local": "invoice_date",
    "units_sold": "quantity",
    "price": "unit_price",
    "exclude": EXCLUDE,
}


class DemoError(RuntimeError):
    """A step of the demo failed; the message says which and why."""


@dataclass(frozen=True)
class Api:
    """The running API as an administrator sees it. `say` shows a finished step and the seconds it took."""

    base_url: str
    token: str
    say: Callable[[str, float], None]

    def get(self, path: str) -> Any:
        return self._checked(requests.get(f"{self.base_url}{path}", headers=self._headers, timeout=_REQUEST_TIMEOUT_S))

    def import_file(self, kind: str, name: str, data: bytes, fields: Mapping[str, str] | None = None) -> None:
        """Import a file and wait until it is in."""
        begun = time.monotonic()
        response = requests.post(
            f"{self.base_url}/etl/import",
            headers=self._headers,
            files={"file": (name, data)},
            data={"kind": kind, **(fields or {})},
            timeout=_REQUEST_TIMEOUT_S,
        )
        counts = self._finished(self._checked(response), f"import of {name}")["counts"]
        told = f"{kind}: {counts['read']:,} read, {counts['accepted']:,} accepted, {counts['rejected']:,} rejected"
        self.say(told, time.monotonic() - begun)

    def refreshed(self, operation_id: str) -> None:
        """Wait until this refresh has computed all metrics."""
        begun = time.monotonic()
        result = self._finished(self.get(f"/operations/{operation_id}"), "metrics refresh")["result"]
        self.say(
            f"metrics: {result['items']:,} items, {result['rows']:,} rows with locations", time.monotonic() - begun
        )

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _finished(self, operation: Mapping[str, Any], what: str) -> Mapping[str, Any]:
        deadline = time.monotonic() + _PATIENCE_S
        while operation["status"] in ("pending", "running"):
            if time.monotonic() > deadline:
                raise DemoError(f"{what} has not finished after {_PATIENCE_S} s; see the logs")
            time.sleep(_POLL_S)
            operation = self.get(f"/operations/{operation['id']}")
        if operation["status"] != "succeeded":
            raise DemoError(f"{what} {operation['status']}: {operation['error']}")
        return operation

    @staticmethod
    def _checked(response: requests.Response) -> Any:
        if not response.ok:
            raise DemoError(
                f"{response.request.method} {response.url} answered {response.status_code}: {response.text}"
            )
        return response.json()


def load_demo(config: Config, api: Api, past: Past) -> None:
    """Products and sales, the year that was played over them beside that, then today's stock and its forecast; shown
    when the refresh that the job asks for has ended."""
    with ThreadPoolExecutor() as threads:  # the play computes while imports wait for their task
        played = threads.submit(_write_past, config, api, past)
        api.import_file("products", "products.csv", _csv(past.assortment.products))
        api.import_file(
            "sales-history",
            INVOICES.name,
            INVOICES.read_bytes(),
            {"mapping": json.dumps(SALES_MAPPING), "aggregate": "invoice_lines"},
        )
        records = played.result()
        discontinue(config, past.discontinued())
        api.import_file("stock-levels", "stock-levels.csv", _csv(past.stock_levels()))
        history = threads.submit(_load_history, config, api, past, records)
        begun = time.monotonic()
        often = DEFAULT_POLLING.with_delay(initial=_POLL_S, maximum=_POLL_S)  # as it is, up to 20 s apart
        launch_forecast(config, DEMO.client_id, _RUN_ID).result(timeout=_PATIENCE_S, polling=often)
        api.say("forecast: 90 days ahead of every item and location", time.monotonic() - begun)
        api.refreshed(refresh_id(_RUN_ID))
        history.result()
    begun = time.monotonic()
    scored = score(config)
    api.say(f"{scored:,} forecasts of earlier weeks scored", time.monotonic() - begun)


def _write_past(config: Config, api: Api, past: Past) -> list[OrderRecord]:
    begun = time.monotonic()
    names = dict(past.assortment.products.select("item_id", "product_name").iter_rows())
    catalogue = Catalogue(past.item_ids, names, past.assortment.conditions, DEMO.currency)
    records = order_records(past.year.orders, catalogue, TODAY)
    api.say(f"a year played: {len(records):,} purchase orders", time.monotonic() - begun)
    begun = time.monotonic()
    write_past(config, past, records)
    api.say("orders, receipts, purchase terms, campaigns written", time.monotonic() - begun)
    return records


def _load_history(config: Config, api: Api, past: Past, records: list[OrderRecord]) -> None:
    begun = time.monotonic()

    def say(count: int, what: str) -> None:
        nonlocal begun
        api.say(f"{count:,} {what}", time.monotonic() - begun)
        begun = time.monotonic()

    say(load_events(config, records), "events of orders")
    say(load_weekly_metrics(config, past, dt.datetime.now(dt.UTC)), "rows of weekly metrics")
    say(load_frozen_forecasts(config, past), "forecasts of earlier weeks")


def load_other(api: Api) -> None:
    """A handful of products for the second client, there to show that clients do not see each other."""
    products = pl.DataFrame(
        {"item_id": ["TEA", "COFFEE", "MILK"], "product_name": ["Tea", "Coffee", "Milk"], "unit_cost": [1.2, 3.4, 0.9]}
    )
    stock = pl.DataFrame({"item_id": ["TEA", "COFFEE"], "location_id": ["SHOP", "SHOP"], "current_stock": [40, 12]})
    api.import_file("products", "products.csv", _csv(products))
    api.import_file("stock-levels", "stock-levels.csv", _csv(stock))


def _csv(frame: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.write_csv(file)
    return file.getvalue()
