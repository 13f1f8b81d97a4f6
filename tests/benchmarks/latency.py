"""How long lists and dashboards take over HTTP, warm, at growing catalogs; and the same from PostgreSQL."""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import polars as pl

from infra.local.stack.process import free_ports
from shared.catalog.edit import edit_item
from shared.config import Config
from shared.firestore.tenant import Tenant
from tests.benchmarks import shop, synthetic
from tests.benchmarks.clients import Client, Times, time_together
from tests.benchmarks.report import Row, Section, progress

_ROUNDS = 6
_REQUESTS = 40  # a round; ours and the alternative's take turns, so that both see the same machine
_WARM_UP = 20
_STACK_WARM_UP = 400  # the emulator answers the same read in half the time after some hundred of them
_CONCURRENT = 4
_EDITS = 20


@dataclass(frozen=True)
class Case:
    """A request as users send it, in several variants. Targets: items -> p50 in ms."""

    name: str
    paths: Sequence[str]
    targets: dict[int, float] = field(default_factory=dict)


def _products(**query: object) -> str:
    return f"/products?{urlencode(query)}"


_FILTERS: tuple[dict[str, object], ...] = (
    {"category": "Garden Lighting", "min_current_stock": 1},
    {"status": "understocked,overstocked", "max_dir": 400},
    {"supplier_id": "SUP-007"},
    {"min_stockout_risk": 0.3, "max_inventory_value": 500},
    {"status": "dead_stock", "min_inventory_value": 10},
)
_SORTS = ("-stockout_risk,product_name", "category,product_name", "-inventory_value,dir", "dir,-current_stock")
CASES = (
    Case("list", [_products(page=page) for page in (1, 2, 3, 7)]),
    Case(
        "list, filter + two-column sort + page",
        [
            _products(**wanted, sort=sort, page=page)
            for (wanted, sort), page in zip(
                itertools.product(_FILTERS, _SORTS), itertools.cycle((1, 2, 3)), strict=False
            )
        ],
        {10_000: 8, 100_000: 12},
    ),
    Case(
        "list of a location, filtered, sorted",
        [_products(**one, location_id="DUBLIN", sort="-dir") for one in _FILTERS],
    ),
    Case("search", [_products(search=text) for text in synthetic.SEARCHES]),
    Case("search, sorted", [_products(search=text, sort="-stockout_risk,product_name") for text in synthetic.SEARCHES]),
    Case("dashboard", ["/dashboard"], {100_000: 10}),
    Case("dashboard of a location", [f"/dashboard?location_id={place}" for place in synthetic.LOCATIONS]),
)


@dataclass(frozen=True)
class _Sides:
    """Where ours and the alternative answer (None: there is none), and the token for both."""

    ours: str
    alternative: str | None
    token: str


def measure(sizes: Sequence[int]) -> Iterator[Section]:
    """Every case at every size: one client, four at once, and the alternative by one client."""
    section = Section(
        "latency",
        "Latency over HTTP, warm, in ms: 1 client, 4 clients at once, PostgreSQL with 1 client",
        ("p50", "p95", "4: p50", "4: p95", "4: per s", "PG p50", "PG p95", "ours/PG"),
    )
    with ExitStack() as stack:
        folder = stack.enter_context(shop.own_folder())
        parts = shop.own_backends(folder, free_ports(1)[0])
        progress("starting the Firestore emulator and the gateway")
        stack.enter_context(parts.firestore)
        config = Config.from_env(parts.api_env)
        gateway = stack.enter_context(shop.gateway(folder, parts.api_env))
        alternative = stack.enter_context(_alternative(folder, parts.api_env))
        section.begin()
        if alternative is None:
            section.note("No PostgreSQL server found on this machine: its columns stay empty.")
        for items in sizes:
            client_id = f"bench-{items}"
            progress(f"publishing {items:,} items")
            tenant = shop.new_tenant(config, client_id)
            rows = shop.publish_catalog(tenant, items)
            if alternative is not None:
                alternative.load(client_id, rows)
            address = alternative.base_url if alternative is not None else None
            sides = _Sides(gateway.base_url, address, shop.token(config, client_id))
            for base_url in (sides.ours, sides.alternative):
                if base_url is not None:
                    Client(base_url, sides.token).time(
                        itertools.islice(itertools.cycle(CASES[0].paths), _STACK_WARM_UP)
                    )
            for case in CASES:
                section.add(_case(case, items, sides))
            section.add(_after_edits(tenant, rows, Client(sides.ours, sides.token), items))
    yield section


def _case(case: Case, items: int, sides: _Sides) -> Row:
    ours = [Client(sides.ours, sides.token) for _ in range(_CONCURRENT)]
    theirs = [Client(sides.alternative, sides.token)] if sides.alternative is not None else []
    paths = itertools.cycle(case.paths)
    for client in (*ours, *theirs):
        client.time(itertools.islice(paths, max(_WARM_UP, len(case.paths))))
    own, other = Times((), 0.0), Times((), 0.0)
    for _ in range(_ROUNDS):
        own += ours[0].time(itertools.islice(paths, _REQUESTS))
        for client in theirs:
            other += client.time(itertools.islice(paths, _REQUESTS))
    # New connections: the others have waited, and the server closes one that waits for long.
    ours = [Client(sides.ours, sides.token) for _ in range(_CONCURRENT)]
    together = time_together(ours, case.paths, _REQUESTS)
    values: dict[str, float | int | str | None] = {
        "p50": own.p50_ms,
        "p95": own.p95_ms,
        "4: p50": together.p50_ms,
        "4: p95": together.p95_ms,
        "4: per s": together.per_second,
    }
    if theirs:
        values |= {"PG p50": other.p50_ms, "PG p95": other.p95_ms, "ours/PG": round(own.p50_ms / other.p50_ms, 2)}
    targets = {"p50": case.targets[items]} if items in case.targets else {}
    return Row(f"{case.name}, {items:,}", values, targets)


def _after_edits(tenant: Tenant, rows: pl.DataFrame, client: Client, items: int) -> Row:
    """The first list after each of some edits: what is kept between requests has to follow the edit."""
    path = CASES[1].paths[0]
    taken = Times((), 0.0)
    for item_id in rows["item_id"].unique(maintain_order=True).gather_every(items // _EDITS).head(_EDITS):
        edit_item(tenant, item_id, lambda _: None)
        taken += client.time([path])
    return Row(f"list, the first after an edit, {items:,}", {"p50": taken.p50_ms, "p95": taken.p95_ms})


class _Alternative:
    def __init__(self, address: str, base_url: str) -> None:
        self._address = address
        self.base_url = base_url

    def load(self, client_id: str, rows: pl.DataFrame) -> None:
        from tests.benchmarks import postgres

        postgres.load(self._address, client_id, rows)


@contextmanager
def _alternative(folder: Path, env: dict[str, str]) -> Iterator[_Alternative | None]:
    """PostgreSQL and the app on it; None where the server or its Python client is not installed."""
    if importlib.util.find_spec("psycopg") is None:
        yield None
        return
    from tests.benchmarks import postgres

    programs = postgres.postgres_folder()
    if programs is None:
        yield None
        return
    progress("starting PostgreSQL and the comparison app")
    server = postgres.Postgres(folder / "logs" / "postgres.log", programs, folder / "postgres")
    with server:
        postgres.create_table(server.address)
        (port,) = free_ports(1)
        log = folder / "logs" / "postgres-app.log"
        with postgres.PostgresGateway("PostgreSQL app", log, port, shop.GATEWAY_THREADS, env | server.env) as app:
            yield _Alternative(server.address, app.base_url)
