"""Fifty callers at once, each with one connection, for a minute: what they wait for, and what the gateway takes.

Lists and dashboards alone, and mixed as a buyer works: lists, dashboard, suggestions, details, cart, orders, receipts.
Once fifty tenants with a caller each, once fifty callers of one tenant. All parts of the local stack share the machine:
the processor time a request that each takes tells which one is waited for.
"""

from __future__ import annotations

import itertools
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

import polars as pl

from infra.local.stack.component import Component
from infra.local.stack.process import free_ports
from shared.bigquery.dataset import create_missing
from shared.bigquery.warehouse import Warehouse
from shared.config import Config
from shared.domain.location import Location
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.locations import Locations
from shared.firestore.suppliers import Suppliers
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from tests.benchmarks import shop, synthetic
from tests.benchmarks.clients import Client, Times
from tests.benchmarks.machine import cpu_seconds, forget_peak_memory, peak_memory_mib
from tests.benchmarks.planted import plant_demand, plant_documents, plant_forecast
from tests.benchmarks.report import Row, Section, progress

_CALLERS = 50
_LOOKING_S, _MIXED_S, _COLLEAGUES_S = 10.0, 60.0, 30.0
_BOUGHT_ITEMS = 30
_LOOKS = (
    "/products?page_size=50",
    "/dashboard",
    "/products?status=understocked&sort=-stockout_risk,product_name",
    "/products?search=lantern",
    "/dashboard?location_id=DUBLIN",
)
_PARTS = ("gateway", "Firestore", "BigQuery", "worker")


@dataclass(frozen=True)
class _Shop:
    """A tenant, and what its buyers buy: item, supplier, a quantity that the supplier sells."""

    tenant: Tenant
    lines: Sequence[tuple[str, str, float]]


@dataclass
class _Buyer:
    """A caller; each request takes the time that it takes, and the next one follows at once."""

    client: Client
    lines: Sequence[tuple[str, str, float]]
    place: int
    seconds: list[tuple[str, float]] = field(default_factory=list)  # each behind what was asked for
    errors: list[str] = field(default_factory=list)

    def work(self, requests: Callable[[_Buyer], Iterator[None]], until: float) -> None:
        rounds = requests(self)
        while time.monotonic() < until:
            try:
                next(rounds)
            except (RuntimeError, OSError, HTTPException) as error:
                self.errors.append(str(error))
                self.client.close()
                rounds = requests(self)  # a generator that raised is over

    def ask(self, what: str, method: str, path: str, body: object = None) -> Any:
        begun = time.perf_counter()
        try:
            return json.loads(self.client.call(method, path, None if body is None else json.dumps(body).encode()))
        finally:
            self.seconds.append((what, time.perf_counter() - begun))

    def looks(self) -> Iterator[None]:
        for path in itertools.islice(itertools.cycle(_LOOKS), self.place, None):
            self.ask("list or dashboard", "GET", path)
            yield

    def mixed(self) -> Iterator[None]:
        """Rounds of eighteen requests, six of them writes."""
        looks = self.looks()
        yield from itertools.islice(looks, self.place % 12)  # or all would ask for the same at the same time
        for turn in itertools.count(self.place):
            item, supplier, quantity = self.lines[turn % len(self.lines)]
            yield from itertools.islice(looks, 4)
            self.ask("suggestions", "GET", "/order-planning/suggestions")
            yield
            for chosen, _, _ in (self.lines[turn % len(self.lines)], self.lines[(turn + 7) % len(self.lines)]):
                self.ask("detail", "GET", f"/products/{chosen}")
                yield
            yield from itertools.islice(looks, 2)
            line = {"item_id": item, "supplier_id": supplier, "quantity": quantity}
            self.ask("cart add", "POST", "/order-planning/cart/add", line)
            yield
            self.ask("cart", "GET", "/order-planning/cart")
            yield
            order = self.ask("from-cart", "POST", "/purchase-orders/from-cart", {})["orders"][0]
            yield
            self.ask("confirmation", "PUT", f"/purchase-orders/{order['id']}/status", {"status": "confirmed"})
            yield
            self.ask("order", "GET", f"/purchase-orders/{order['id']}")
            yield
            arrived = [{"item_id": item, "quantity": order["items"][0]["quantity"]}]
            self.ask("receipt", "POST", f"/purchase-orders/{order['id']}/receipts", {"lines": arrived})
            yield
            self.ask("orders", "GET", "/purchase-orders?page_size=20")
            yield
            self.ask(
                "edit",
                "PATCH",
                f"/products/{item}",
                {"category": synthetic.CATEGORIES[turn % len(synthetic.CATEGORIES)]},
            )
            yield
            self.ask("recommendations", "GET", "/recommendations?page_size=20")
            yield


def measure(sizes: Sequence[int]) -> Iterator[Section]:
    """At the smallest of the sizes."""
    items = min(sizes)
    section = Section(
        "at_once",
        f"{_CALLERS} callers at once, catalogs of {items:,} items: latency in ms, processor time a request in ms",
        ("requests", "errors", "per s", "p50", "p99", *(f"{part} ms" for part in _PARTS), "gateway MiB"),
    )
    with ExitStack() as stack:
        folder = stack.enter_context(shop.own_folder())
        (port,) = free_ports(1)
        parts = stack.enter_context(shop.own_backends(folder, port))
        config = Config.from_env(parts.api_env)
        create_missing(config)
        progress(f"publishing {_CALLERS} catalogs of {items:,} items")
        shops = [_shop(config, f"bench-{number}", items) for number in range(_CALLERS)]
        worker = stack.enter_context(shop.worker(folder, port, parts.env))
        gateway = stack.enter_context(shop.gateway(folder, parts.api_env))
        running = dict(zip(_PARTS, (gateway, parts.firestore, parts.bigquery, worker), strict=True))
        many = [_buyer(config, gateway.base_url, shop_, number) for number, shop_ in enumerate(shops)]
        colleagues = [_buyer(config, gateway.base_url, shops[0], number) for number in range(_CALLERS)]
        by_request: dict[str, dict[str, Times]] = {}
        section.begin()
        for name, buyers, requests, seconds in (
            (f"lists and dashboards, {_CALLERS} tenants", many, _Buyer.looks, _LOOKING_S),
            (f"mixed, {_CALLERS} tenants", many, _Buyer.mixed, _MIXED_S),
            (f"lists and dashboards, {_CALLERS} users of one tenant", colleagues, _Buyer.looks, _LOOKING_S),
            (f"mixed, {_CALLERS} users of one tenant", colleagues, _Buyer.mixed, _COLLEAGUES_S),
        ):
            section.add(_row(name, buyers, requests, seconds, running))
            by_request |= {name: _by_request(buyers)} if requests is _Buyer.mixed else {}
            for error in sorted({error for buyer in buyers for error in buyer.errors})[:3]:
                section.note(f"{name}: {error[:300]}")
    yield section
    details = Section("at_once", "The same by request, mixed, in ms", ("requests", "p50", "p99"))
    details.begin()
    for name, requests_of in by_request.items():
        for what, took in requests_of.items():
            values = {"requests": len(took.seconds), "p50": took.p50_ms, "p99": took.p99_ms}
            details.add(Row(f"{what}, {name.removeprefix('mixed, ')}", values))
    yield details


def _by_request(buyers: Sequence[_Buyer]) -> dict[str, Times]:
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for buyer in buyers:
        for what, took in buyer.seconds:
            seconds[what].append(took)
    return {what: Times(tuple(took), 1.0) for what, took in seconds.items()}


def _row(
    name: str,
    buyers: Sequence[_Buyer],
    requests: Callable[[_Buyer], Iterator[None]],
    seconds: float,
    running: dict[str, Component],
) -> Row:
    progress(f"{name}, for {seconds:g} s")
    leaders = {part: component.pid for part, component in running.items() if component.pid is not None}
    for buyer in buyers:
        buyer.client.get("/products?page_size=1")  # the first request of a tenant reads its catalog
        buyer.seconds.clear()
        buyer.errors.clear()
    forget_peak_memory(leaders["gateway"])
    before = {part: cpu_seconds(leader) for part, leader in leaders.items()}
    begun = time.monotonic()
    with ThreadPoolExecutor(len(buyers)) as threads:
        for done in [threads.submit(buyer.work, requests, begun + seconds) for buyer in buyers]:
            done.result()
    took = Times(tuple(seconds for buyer in buyers for _, seconds in buyer.seconds), time.monotonic() - begun)
    count = len(took.seconds)
    each = {f"{part} ms": round((cpu_seconds(leaders[part]) - before[part]) / count * 1000, 1) for part in leaders}
    return Row(
        name,
        {
            "requests": count,
            "errors": sum(len(buyer.errors) for buyer in buyers),
            "per s": took.per_second,
            "p50": took.p50_ms,
            "p99": took.p99_ms,
            **each,
            "gateway MiB": peak_memory_mib(leaders["gateway"]),
        },
    )


def _buyer(config: Config, base_url: str, of: _Shop, number: int) -> _Buyer:
    user_id = f"user-{number}"  # with a cart of its own
    return _Buyer(Client(base_url, shop.token(config, of.tenant.client_id, user_id)), of.lines, number)


def _shop(config: Config, client_id: str, items: int) -> _Shop:
    """A tenant with a catalog, and what is needed of the items that are bought."""
    tenant, warehouse = shop.new_tenant(config, client_id), Warehouse(config, client_id)
    rows = shop.publish_catalog(tenant, items, with_profiles=True)
    wanted = rows.filter(pl.col("location_id").is_null() & (pl.col("forecasted_demand_30d") > 0)).head(_BOUGHT_ITEMS)
    bought = rows.filter(pl.col("item_id").is_in(wanted["item_id"].implode()))
    plant_documents(tenant, bought)
    plant_demand(warehouse, client_id, bought)
    plant_forecast(tenant, warehouse, bought)

    def write(transaction: Transaction) -> None:
        for supplier_id, name in wanted.select("supplier_id", "supplier_name").unique().iter_rows():
            Suppliers(tenant).put(transaction, Supplier(supplier_id=supplier_id, name=name))
        Locations(tenant).put(transaction, Location(synthetic.LOCATIONS[0], "The warehouse", is_default=True))

    tenant.transact(write)
    quantity = (pl.max_horizontal("moq", "packaging_qty") / pl.col("packaging_qty")).ceil() * pl.col("packaging_qty")
    return _Shop(tenant, wanted.select("item_id", "supplier_id", quantity.cast(pl.Float64)).rows())
