"""A backend that goes away while the API serves: told within seconds, and served again once it is back."""

from __future__ import annotations

import datetime as dt
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
import requests

from infra.local.stack.backends import Backends, backends
from infra.local.stack.gateway_process import GatewayProcess
from infra.local.stack.process import LOOPBACK, free_ports
from shared.bigquery.dataset import create_missing
from shared.config import Config
from shared.domain.access.client import Client
from shared.domain.access.principal import Principal, Role
from shared.domain.purchasing.product import Product, StockLevel
from shared.firestore.clients import Clients
from shared.firestore.driver import database
from shared.firestore.products import Products, StockLevels
from shared.firestore.tenant import Tenant
from shared.http.tokens import issue_access_token
from shared.tasks.delivery import deliver_waiting
from tests.support.catalogs import catalog_rows, publish
from tests.support.tenants import TODAY, eventually

pytestmark = pytest.mark.integration

_THREADS = 8
_SOON_S = 10.0
_CLIENT = "faults"


@dataclass(frozen=True)
class Site:
    """A whole system of its own: what its users reach, and what can be taken away from it."""

    backends: Backends
    config: Config
    base_url: str

    def seed(self) -> None:
        """A client with one product, published; Firestore forgets everything when it is killed."""
        tenant = Tenant(database(self.config), _CLIENT)
        Clients(database(self.config)).put(Client(_CLIENT, "Faults", business_date=TODAY))
        Products(tenant).put_many([Product("a", "A thing")])
        StockLevels(tenant).put_many([StockLevel("a", {"LONDON": Decimal(5)})])
        publish(tenant, catalog_rows({"item_id": "a", "product_name": "A thing", "current_stock": Decimal(5)}))

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        caller = Principal("user", _CLIENT, Role.ADMIN)
        token = issue_access_token(self.config, caller, dt.datetime.now(dt.UTC))
        headers = {"Authorization": f"Bearer {token}"}
        return requests.request(method, f"{self.base_url}{path}", headers=headers, timeout=60, **options)

    def answers(self, path: str = "/products") -> bool:
        return self.call("GET", path).status_code == 200


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("faults")
    (port,) = free_ports(1)
    ours = {name: value for name, value in os.environ.items() if not name.endswith("_EMULATOR_HOST")}
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("STOCKCAST_DATASET", raising=False)  # of other tests; processes would inherit it
        with backends(folder, f"http://{LOOPBACK}:{port}/api/v1/{{function}}", environ=ours) as started:
            config = Config.from_env(started.api_env)
            create_missing(config)
            with GatewayProcess("gateway", folder / "gateway.log", port, _THREADS, started.api_env) as gateway:
                made = Site(started, config, gateway.base_url)
                made.seed()
                assert made.answers()
                yield made


def assert_unavailable(site: Site, *calls: tuple[str, str, Any]) -> None:
    """Each (method, path, JSON body), all sent at once, gets 503 with Retry-After, as a problem, within seconds."""

    def ask(call: tuple[str, str, Any]) -> tuple[float, requests.Response]:
        begun = time.monotonic()
        response = site.call(call[0], call[1], json=call[2])
        return time.monotonic() - begun, response

    with ThreadPoolExecutor(len(calls)) as threads:
        for call, (seconds, response) in zip(calls, threads.map(ask, calls), strict=True):
            assert response.status_code == 503, (call, response.text)
            assert response.headers["Content-Type"] == "application/problem+json"
            assert response.json()["code"] == "backend_unavailable"
            assert int(response.headers["Retry-After"]) > 0
            assert seconds < _SOON_S, f"{call} took {seconds:.1f} s"


# Reads and writes of every kind.
_CALLS: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/products", None),
    ("GET", "/dashboard", None),
    ("GET", "/operations", None),
    ("PATCH", "/products/a", {"category": "Lamps"}),
    ("PUT", "/settings", {"safety_buffer_days": 3}),
    ("POST", "/inventory/metrics/refresh", {}),
    ("POST", "/auth/token", {"email": "a@b.c", "password": "x"}),
)


def test_without_firestore_requests_are_told_to_come_again_and_served_once_it_is_back(site: Site) -> None:
    site.backends.firestore.kill()
    try:
        assert_unavailable(site, *_CALLS)
        assert site.answers("/health")
    finally:
        site.backends.firestore.start()
    site.seed()
    eventually(site.answers, "the list to be served again")
    assert site.call("PATCH", "/products/a", json={"category": "Lamps"}).status_code == 200
    assert site.call("GET", "/products").json()["items"][0]["category"] == "Lamps"
    assert site.call("PUT", "/settings", json={"safety_buffer_days": 3}).status_code == 200


def test_a_firestore_that_hangs_is_not_waited_for(site: Site) -> None:
    """It takes connections and says nothing: worse than gone."""
    process = site.backends.firestore.pid
    assert process is not None
    os.killpg(process, signal.SIGSTOP)
    try:
        assert_unavailable(site, *_CALLS)
    finally:
        os.killpg(process, signal.SIGCONT)
    eventually(site.answers, "the list to be served again")
    assert site.call("PATCH", "/products/a", json={"category": "Lanterns"}).status_code == 200


def test_without_bigquery_details_wait_and_lists_go_on(site: Site) -> None:
    assert site.answers("/products/a")
    site.backends.bigquery.kill()
    try:
        assert_unavailable(site, ("GET", "/products/a", None))
        assert site.answers("/products")
        assert site.answers("/products/a/metrics")
        assert site.answers("/dashboard")
    finally:
        site.backends.bigquery.start()
    create_missing(site.config)
    eventually(lambda: site.answers("/products/a"), "details to be served again")


def test_without_cloud_tasks_a_refresh_is_taken_and_done_once_it_is_back(site: Site) -> None:
    site.backends.cloud.kill()
    try:
        begun = time.monotonic()
        response = site.call("POST", "/inventory/metrics/refresh", json={})
        assert response.status_code == 202, response.text
        assert time.monotonic() - begun < _SOON_S
    finally:
        site.backends.cloud.start()
    assert deliver_waiting(site.config, dt.datetime.now(dt.UTC)) >= 1
    path = f"/operations/{response.json()['id']}"
    eventually(lambda: site.call("GET", path).json()["status"] == "succeeded", "the refresh to be done")
