"""A client of a test's own: its documents, its demand, and calls to the API as one of its users."""

from __future__ import annotations

import datetime as dt
import io
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl
import requests

from shared.bigquery.tables import DEMAND
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from shared.domain.access.client import Client
from shared.domain.access.principal import Principal, Role
from shared.domain.purchasing.product import Product, StockLevel
from shared.domain.settings import Settings
from shared.firestore.clients import Clients
from shared.firestore.driver import database
from shared.firestore.products import Products, StockLevels
from shared.firestore.settings import SettingsStore
from shared.firestore.tenant import Tenant
from shared.http.tokens import issue_access_token
from shared.tasks.operations import Operations
from tests.support.contract import contract_of

TODAY = dt.date(2024, 6, 3)
_PATIENCE_S = 60


def eventually(check: Callable[[], Any], what: str) -> Any:
    """What `check` returns once it is true; fails the test after a minute."""
    deadline = time.monotonic() + _PATIENCE_S
    while not (found := check()):
        assert time.monotonic() < deadline, f"still not after {_PATIENCE_S} s: {what}"
        threading.Event().wait(0.05)
    return found


@dataclass
class TestClient:
    """One tenant, and the API as its users see it."""

    __test__ = False

    base_url: str
    client_id: str = field(default_factory=lambda: f"test-{uuid.uuid4().hex[:12]}")
    role: Role = Role.ADMIN

    def create(self, **fields: Any) -> TestClient:
        fields = {"timezone": "Europe/London", "currency": "GBP", "business_date": TODAY, **fields}
        Clients(database(config())).put(Client(self.client_id, "A test client", **fields))
        return self

    @property
    def tenant(self) -> Tenant:
        return Tenant(database(config()), self.client_id)

    def token(self, role: Role | None = None, *, platform: bool = False) -> str:
        caller = Principal(f"user-{self.client_id}", self.client_id, role or self.role, platform)
        return issue_access_token(config(), caller, dt.datetime.now(dt.UTC))

    def call(
        self,
        method: str,
        path: str,
        *,
        role: Role | None = None,
        headers: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> requests.Response:
        """A request to `path` under /api/v1, signed in with the role (default: ADMIN).

        The response is checked against the OpenAPI document.
        """
        signed = {"Authorization": f"Bearer {self.token(role)}", **(headers or {})}
        response = requests.request(method, f"{self.base_url}{path}", headers=signed, timeout=60, **kwargs)
        contract_of(self.base_url).check(method, path, response)
        return response

    def get(self, path: str, **kwargs: Any) -> requests.Response:
        return self.call("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> requests.Response:
        return self.call("POST", path, **kwargs)

    def finished(self, response: requests.Response) -> dict[str, Any]:
        """The operation that a request answered with, once it has come to an end."""
        assert response.status_code == 202, response.text
        operation_id = response.json()["id"]
        # By its document: a request each time would take the interpreter away from the worker, which runs here too.
        operations = Operations(self.tenant)
        eventually(lambda: operations.get(operation_id).finished, f"operation {operation_id} to finish")
        operation: dict[str, Any] = self.get(f"/operations/{operation_id}").json()
        return operation

    def refresh(self, *, rebuild: bool = False) -> dict[str, Any]:
        """Refresh the metrics and wait for them."""
        operation = self.finished(self.post("/inventory/metrics/refresh", json={"rebuild": rebuild}))
        assert operation["status"] == "succeeded", operation
        return operation

    def put_settings(self, settings: Settings) -> None:
        """Save the settings without the refresh that saving them through the API queues."""
        store = SettingsStore(self.tenant)
        self.tenant.transact(lambda transaction: store.put(transaction, settings))

    def stock(self, products: Sequence[Product], levels: Mapping[str, Mapping[str, str]]) -> None:
        """Put products and their stock per location into their documents."""
        Products(self.tenant).put_many(products)
        StockLevels(self.tenant).put_many(
            StockLevel(item, {place: Decimal(units) for place, units in places.items()})
            for item, places in levels.items()
        )

    def sell(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put days of demand into BigQuery: item_id, location_id, date_local, units_sold and what else is given."""
        decimals = dict.fromkeys(("units_sold", "revenue", "stock_on_date", "marketing_spend"), pl.Decimal(38, 9))
        frame = pl.DataFrame(rows).with_columns(client_id=pl.lit(self.client_id), run_id=pl.lit("seed"))
        frame = frame.cast({name: kind for name, kind in decimals.items() if name in frame.columns})
        file = io.BytesIO()
        frame.write_parquet(file)
        warehouse = Warehouse(config(), self.client_id)
        staging = warehouse.stage(DEMAND, file, uuid.uuid4().hex, columns=frame.columns)
        warehouse.merge(DEMAND, staging, frame["date_local"].min(), frame["date_local"].max())  # type: ignore[arg-type]
        warehouse.drop(staging)

    def sell_daily(self, units_of: Mapping[str, int], days: int = 60, location_id: str = "LONDON") -> None:
        """The same units of each item every day of the last `days` before TODAY."""
        self.sell(
            [
                {
                    "item_id": item,
                    "location_id": location_id,
                    "date_local": TODAY - dt.timedelta(day),
                    "units_sold": units,
                }
                for item, units in units_of.items()
                for day in range(1, days + 1)
            ]
        )
