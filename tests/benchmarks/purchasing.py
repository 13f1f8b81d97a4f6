"""What a buyer's morning costs: billed reads and writes of each request, and how long it takes over HTTP."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from infra.local.stack.process import free_ports
from shared.bigquery.dataset import create_missing
from shared.config import Config
from shared.domain.location import Location
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.locations import Locations
from shared.firestore.suppliers import Suppliers
from shared.firestore.tenant import Tenant
from tests.benchmarks import shop, synthetic
from tests.benchmarks.clients import Client, Times
from tests.benchmarks.planted import plant_documents
from tests.benchmarks.report import Row, Section, progress
from tests.support.firestore_meter import FirestoreMeter

_LARGEST = 10_000
_SUPPLIERS = 3
_LINES_EACH = 10
_READS = 30  # of a request that changes nothing
_WRITES = 12
_CATALOG_READ_LIMIT = 4.0

Request = tuple[str, str, dict[str, Any] | None]


@dataclass
class _Scene:
    """A client, reached through the meter (`metered`) and past it (`direct`), and the items that it buys."""

    meter: FirestoreMeter
    metered: Client
    direct: Client
    lines: Sequence[tuple[str, str, float]]  # item, supplier, a quantity that the supplier sells
    turn: Iterator[int] = field(default_factory=itertools.count)
    order_ids: list[str] = field(default_factory=list)

    def send(self, client: Client, request: Request) -> bytes:
        method, path, body = request
        return client.call(method, path, None if body is None else json.dumps(body).encode())

    def billed(self, request: Request, *, up_to_date: bool) -> dict[str, float]:
        """What one request costs in a process that holds the snapshot, and all edits since if it is `up_to_date`."""
        if up_to_date:
            self.metered.get("/products?page_size=1")
        self.meter.reset()
        self.send(self.metered, request)
        return {"reads": self.meter.billed.reads, "writes": self.meter.billed.writes + self.meter.billed.deletes}

    def timed(self, prepare: Callable[[], Request], times: int) -> Times:
        seconds = []
        for _ in range(times):
            request = prepare()
            begun = time.perf_counter()
            self.send(self.direct, request)
            seconds.append(time.perf_counter() - begun)
        return Times(tuple(seconds), sum(seconds))


def measure(sizes: Sequence[int]) -> Iterator[Section]:
    """Each request of the purchasing workflow, at one size of the catalog."""
    section = Section(
        "purchasing", "Purchasing: billed operations, and latency over HTTP in ms", ("reads", "writes", "p50", "p95")
    )
    items = min(max(sizes), _LARGEST)
    with ExitStack() as stack:
        folder = stack.enter_context(shop.own_folder())
        (port,) = free_ports(1)
        parts = stack.enter_context(shop.own_backends(folder, port))
        config = Config.from_env(parts.api_env)
        create_missing(config)
        meter = FirestoreMeter(parts.env["FIRESTORE_EMULATOR_HOST"])
        stack.callback(meter.stop)
        tenant = shop.new_tenant(config, f"bench-{items}")
        progress(f"publishing {items:,} items")
        rows = shop.publish_catalog(tenant, items, with_profiles=True)
        plant_documents(tenant, rows)
        lines = _lines(tenant, rows)
        stack.enter_context(shop.worker(folder, port, parts.env))
        direct = stack.enter_context(shop.gateway(folder / "direct", parts.api_env))
        through = parts.api_env | {"FIRESTORE_EMULATOR_HOST": meter.address}
        metered = stack.enter_context(shop.gateway(folder / "metered", through))
        token = shop.token(config, tenant.client_id)
        scene = _Scene(meter, Client(metered.base_url, token), Client(direct.base_url, token), lines)
        section.begin()
        for row in _rows(scene, items):
            section.add(row)
    yield section


def _lines(tenant: Tenant, rows: pl.DataFrame) -> list[tuple[str, str, float]]:
    """Some items of a few suppliers, whose documents are written."""
    wanted = rows.filter(pl.col("location_id").is_null() & (pl.col("forecasted_demand_30d") > 0))
    chosen = wanted["supplier_id"].unique().sort().head(_SUPPLIERS).to_list()
    names = dict(rows.select("supplier_id", "supplier_name").unique().iter_rows())

    def write(transaction: Any) -> None:
        for supplier_id in chosen:
            Suppliers(tenant).put(transaction, Supplier(supplier_id=supplier_id, name=names[supplier_id]))
        Locations(tenant).put(transaction, Location(synthetic.LOCATIONS[0], "The warehouse", is_default=True))

    tenant.transact(write)
    picked = wanted.filter(pl.col("supplier_id").is_in(chosen)).group_by("supplier_id").head(_LINES_EACH)
    quantity = (pl.max_horizontal("moq", "packaging_qty") / pl.col("packaging_qty")).ceil() * pl.col("packaging_qty")
    return picked.select("item_id", "supplier_id", quantity.cast(pl.Float64)).rows()


def _rows(scene: _Scene, items: int) -> Iterator[Row]:
    def ask(path: str) -> Callable[[], Request]:
        return lambda: ("GET", path, None)

    def after() -> Request:
        """The first look at the suggestions since an order for 30 items was placed."""
        scene.metered.get("/order-planning/suggestions")
        scene.send(scene.direct, _checkout(scene))
        return ("GET", "/order-planning/suggestions", None)

    limit = {"reads": _CATALOG_READ_LIMIT}
    supplier = scene.lines[0][1]
    steps: tuple[tuple[str, Callable[[], Request], int, dict[str, float]], ...] = (
        ("suggestions", ask("/order-planning/suggestions"), _READS, limit),
        ("suggestions of a supplier", ask(f"/order-planning/suggestions?supplier_id={supplier}"), _READS, limit),
        ("recommendations", ask("/recommendations?page_size=50"), _READS, limit),
        ("campaign status", ask("/products/campaign-status"), _READS, limit),
        ("export, CSV", ask("/products/export?format=csv"), 3, limit),
        ("cart add", lambda: _addition(scene), _READS, {}),
        ("cart", ask("/order-planning/cart"), _READS, {}),
        (f"from-cart, {_SUPPLIERS} suppliers, {_SUPPLIERS * _LINES_EACH} lines", lambda: _checkout(scene), _WRITES, {}),
        ("suggestions, the first after it", after, _WRITES, limit),
        ("confirmation", lambda: _confirmation(scene), _WRITES, {}),
        ("receipt of a line", lambda: _receipt(scene), _WRITES, {}),
        ("orders, a page", ask("/purchase-orders?page_size=20"), _READS, {}),
    )
    for name, prepare, times, targets in steps:
        progress(f"{items:,} items: {name}")
        for client in (scene.metered, scene.direct):
            _tell_apart(scene, client, prepare())
        billed = scene.billed(prepare(), up_to_date=prepare is not after)
        taken = scene.timed(prepare, times)
        yield Row(f"{name}, {items:,}", {**billed, "p50": taken.p50_ms, "p95": taken.p95_ms}, targets)


def _tell_apart(scene: _Scene, client: Client, request: Request) -> None:
    """The first request of a process also reads the snapshot, which is not what is measured here."""
    client.get("/products?page_size=1")
    scene.send(client, request)


def _addition(scene: _Scene) -> Request:
    item_id, supplier_id, _ = scene.lines[next(scene.turn) % len(scene.lines)]
    return ("POST", "/order-planning/cart/add", {"item_id": item_id, "supplier_id": supplier_id})


def _checkout(scene: _Scene) -> Request:
    """Fill the cart anew, past the meter."""
    scene.send(scene.direct, ("POST", "/order-planning/cart/clear", {}))
    for item_id, supplier_id, quantity in scene.lines:
        line = {"item_id": item_id, "supplier_id": supplier_id, "quantity": quantity}
        scene.send(scene.direct, ("POST", "/order-planning/cart/add", line))
    return ("POST", "/purchase-orders/from-cart", {})


def _order(scene: _Scene) -> str:
    placed = json.loads(scene.send(scene.direct, _checkout(scene)))
    return str(placed["orders"][0]["id"])


def _confirmation(scene: _Scene) -> Request:
    order_id = _order(scene)
    return ("PUT", f"/purchase-orders/{order_id}/status", {"status": "confirmed"})


def _receipt(scene: _Scene) -> Request:
    order_id = _order(scene)
    scene.send(scene.direct, ("PUT", f"/purchase-orders/{order_id}/status", {"status": "confirmed"}))
    order = json.loads(scene.send(scene.direct, ("GET", f"/purchase-orders/{order_id}", None)))
    line = order["items"][0]
    arrived = [{"item_id": line["item_id"], "quantity": line["quantity"]}]
    body = {"lines": arrived, "location_id": synthetic.LOCATIONS[0]}
    return ("POST", f"/purchase-orders/{order_id}/receipts", body)
