"""A client that imports files over HTTP, with the whole stack behind the API."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import requests

from shared.bigquery.warehouse import Warehouse
from shared.config import config
from shared.domain.access.principal import Role
from shared.firestore.tenant import Tenant
from tests.support.sql import table_rows
from tests.support.tenants import TestClient

LOCATIONS = ("LONDON", "DUBLIN", "ROTTERDAM")
BUSINESS_DATE = dt.date(2011, 10, 13)


@dataclass(frozen=True)
class Importer:
    """A client of its own, and what its imports did."""

    client: TestClient

    @property
    def tenant(self) -> Tenant:
        return self.client.tenant

    def get(self, path: str, role: Role = Role.ADMIN, **query: Any) -> requests.Response:
        return self.client.get(path, role=role, params=query)

    def upload(
        self,
        content: bytes | str,
        file_name: str = "upload.csv",
        role: Role = Role.ADMIN,
        headers: dict[str, str] | None = None,
        **form: Any,
    ) -> requests.Response:
        """POST /etl/import; sales-history unless the form says otherwise."""
        return self.client.post(
            "/etl/import",
            role=role,
            headers=headers,
            files={"file": (file_name, content)},
            data={"kind": "sales-history"} | form,
        )

    def imported(self, content: bytes | str, file_name: str = "upload.csv", **form: Any) -> dict[str, Any]:
        """The finished run of an upload."""
        operation = self.client.finished(self.upload(content, file_name, **form))
        run: dict[str, Any] = self.get(f"/etl/runs/{operation['id']}").json()
        return run

    def rejects(self, run: dict[str, Any]) -> list[tuple[Any, ...]]:
        """(row number, check, field) of every reject of a run."""
        page = self.get(f"/etl/runs/{run['id']}/rejects", page_size=200).json()
        assert page["total"] == len(page["items"]) == run["counts"]["rejected"]
        return [(one["row_number"], one["check"], one["field"]) for one in page["items"]]

    def written_at(self, collection: str) -> dict[str, Any]:
        """When each document of a collection was last written."""
        return {found.id: found.update_time for found in self.tenant.collection(collection).stream()}

    def demand(self) -> list[tuple[Any, ...]]:
        """(item, location, day, units, revenue) of every stored daily record, in order."""
        found = table_rows(
            Warehouse(config(), self.client.client_id),
            "SELECT item_id, location_id, date_local, units_sold, revenue FROM inventory.ts_demand_daily "
            "WHERE client_id = @client_id AND date_local > '1990-01-01' ORDER BY item_id, location_id, date_local",
        )
        return [tuple(row.values()) for row in found]


def new_importer(client: TestClient) -> Importer:
    """An importer for a new client: three locations, and BUSINESS_DATE."""
    importer = Importer(client.create(business_date=BUSINESS_DATE))
    for location_id in LOCATIONS:
        location = importer.tenant.collection("locations").document(location_id)
        location.set({"location_id": location_id, "name": location_id.title()})
    return importer
