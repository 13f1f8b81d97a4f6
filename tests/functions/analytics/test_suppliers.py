"""What suppliers kept of their word, against a walk over their orders' events."""

from __future__ import annotations

import datetime as dt
import random
import statistics
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from shared.bigquery.tables import ORDER_EVENTS
from shared.domain.access.principal import Role
from tests.support.catalogs import catalog_rows, publish
from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.forecasts import append_rows
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient

PATH = "/analytics/supplier-performance"
DAY = dt.timedelta(1)
FIRST, LAST = TODAY - 60 * DAY, TODAY + 5 * DAY
Row = dict[str, Any]


def order_events(chance: random.Random, number: int, supplier_id: str) -> list[Row]:
    """An order of two lines that took any of the ways that there are."""
    placed = TODAY - chance.randint(0, 100) * DAY
    order = {"supplier_id": supplier_id, "order_id": f"o{number}"}
    lines = {item: Decimal(chance.randint(1, 9)) for item in ("x", "y")}
    rows: list[Row] = []

    def add(event: str, day: dt.date, item: str | None = None, **fields: Any) -> None:
        if day <= TODAY:
            price = Decimal("2.25") if item else None
            row = order | {"event": event, "date": day, "item_id": item, "unit_cost": price, "quantity": None}
            rows.append(row | {"event_id": f"{number}/{len(rows)}", "promised_date": None} | fields)

    promised, confirmed = placed + 14 * DAY, placed + chance.randint(0, 3) * DAY
    for item, quantity in lines.items():
        add("created", placed, item, quantity=quantity, promised_date=promised)
    if chance.random() < 0.85:
        promised += chance.randint(-5, 9) * DAY
        for item, quantity in lines.items():
            add("confirmed", confirmed, item, quantity=quantity, promised_date=promised)
        for item, quantity in lines.items():
            for part in range(chance.randint(0, 2)):
                day = promised + chance.randint(-4, 6) * DAY
                half = quantity if chance.random() < 0.5 else quantity / 2
                add("receipt", day + part * DAY, item, quantity=half, promised_date=promised)
    if chance.random() < 0.2:
        add("cancelled", promised + chance.randint(-3, 3) * DAY)
    return rows


def events() -> list[Row]:
    chance = random.Random(9)
    return [
        row for number in range(60) for row in order_events(chance, number, chance.choice(["acme", "fast", "unnamed"]))
    ]


def expected(supplier_id: str) -> Row:
    """By rules.md, a line at a time."""
    lines: dict[tuple[str, str], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    cancelled = {row["order_id"]: row["date"] for row in events() if row["event"] == "cancelled"}
    mine = [row for row in events() if row["supplier_id"] == supplier_id and row["item_id"]]
    for row in mine:
        lines[row["order_id"], row["item_id"]][row["event"]].append(row)
    due, on_time, in_full, lead_times = 0, 0, 0, []
    ordered = received = Decimal(0)
    for (order_id, _), line in lines.items():
        (promise,) = line["confirmed"] or line["created"]
        date = promise["promised_date"]
        if not FIRST <= date <= LAST or date >= TODAY or cancelled.get(order_id, dt.date.max) <= date:
            continue
        arrived, completed = Decimal(0), None
        for receipt in sorted(line["receipt"], key=lambda row: row["date"]):
            arrived += receipt["quantity"]
            if completed is None and arrived >= promise["quantity"]:
                completed = receipt["date"]
        due += 1
        ordered, received = ordered + promise["quantity"], received + min(arrived, promise["quantity"])
        if completed is not None:
            in_full, on_time = in_full + 1, on_time + (completed <= date)
            lead_times += [(completed - row["date"]).days for row in line["confirmed"]]
    bought = [row for row in mine if row["event"] == "receipt" and FIRST <= row["date"] <= LAST]
    return {
        "supplier_id": supplier_id,
        "supplier_name": {"acme": "Acme Ltd", "fast": "Fast Ltd"}.get(supplier_id),
        "lines_due": due,
        "lines_in_full": in_full,
        "lines_on_time_in_full": on_time,
        "otif": on_time / due,
        "lead_times": len(lead_times),
        "lead_time_days_mean": pytest.approx(statistics.fmean(lead_times)),
        "lead_time_days_deviation": pytest.approx(statistics.stdev(lead_times)),
        "units_due": float(ordered),
        "units_received": float(received),
        "fill_rate": pytest.approx(float(received / ordered)),
        "spend": pytest.approx(float(sum(row["quantity"] * row["unit_cost"] for row in bought)), abs=0.0051),
    }


@pytest.fixture(scope="module")
def supplied(running: Running) -> TestClient:
    client = TestClient(running.base_url).create()
    rows = [
        row | {"client_id": client.client_id, "occurred_at": dt.datetime.combine(row["date"], dt.time(9), dt.UTC)}
        for row in events()
    ]
    frame = pl.DataFrame(rows, infer_schema_length=None).cast(
        {"quantity": pl.Decimal(38, 9), "unit_cost": pl.Decimal(38, 9)}
    )
    append_rows(client, ORDER_EVENTS, frame.with_columns(location_id=pl.lit("LONDON")), "events")
    publish(client.tenant, catalog_rows())
    for name in ("acme", "fast", "idle"):
        assert client.post("/suppliers", json={"supplier_id": name, "name": f"{name.title()} Ltd"}).status_code == 201
    return client


def test_every_supplier_is_measured(
    supplied: TestClient, queries: Callable[[TestClient], int], meter: FirestoreMeter
) -> None:
    page = supplied.get(PATH, params={"from_date": FIRST, "to_date": LAST}).json()
    rows = {row["supplier_id"]: row for row in page["items"]}
    assert {key: row for key, row in rows.items() if key != "idle"} == {
        supplier_id: expected(supplier_id) for supplier_id in ("acme", "fast", "unnamed")
    }
    spends = [row["spend"] for row in page["items"]]
    assert spends == [*sorted(spends[:-1], reverse=True), None]
    assert queries(supplied) == 1
    meter.reset()  # the first look at a catalog reads its chunks
    supplied.get(PATH)
    assert meter.of(supplied.client_id) == Billed(reads=1)  # the catalog; and the client's own document


def test_no_data_is_null(supplied: TestClient) -> None:
    """Of a supplier that nothing was due from, and of one that nothing was ever ordered from."""
    (idle,) = supplied.get(PATH, params={"supplier_id": "idle"}).json()["items"]
    nothing = ("otif", "lead_time_days_mean", "lead_time_days_deviation", "fill_rate", "spend")
    assert [idle[name] for name in nothing] == [None] * len(nothing)
    assert (idle["lines_due"], idle["supplier_name"]) == (0, "Idle Ltd")
    rows = supplied.get(PATH, params={"from_date": "2020-01-01", "to_date": "2020-12-31"}).json()["items"]
    assert [row["supplier_id"] for row in rows] == ["acme", "fast", "idle"]
    assert {row["otif"] for row in rows} == {None}


def test_one_supplier(supplied: TestClient) -> None:
    page = supplied.get(PATH, params={"supplier_id": "acme", "from_date": FIRST, "to_date": LAST}).json()
    assert page["items"] == [expected("acme")]
    assert page["total"] == 1
    assert supplied.get(PATH, params={"supplier_id": "nobody"}).json()["items"] == []


def test_some_suppliers(supplied: TestClient) -> None:
    for chosen in ("idle,acme,nobody", ["idle", "acme"]):
        page = supplied.get(PATH, params={"supplier_id": chosen, "from_date": FIRST, "to_date": LAST}).json()
        assert [row["supplier_id"] for row in page["items"]] == ["acme", "idle"]
        assert (page["items"][0], page["total"]) == (expected("acme"), 2)


def test_pages_follow_each_other(supplied: TestClient) -> None:
    every = [row["supplier_id"] for row in supplied.get(PATH).json()["items"]]
    pages = [supplied.get(PATH, params={"page_size": 3, "page": page}).json() for page in (1, 2, 3)]
    assert [row["supplier_id"] for page in pages for row in page["items"]] == every
    assert {page["total"] for page in pages} == {4}


def test_another_clients_orders_are_not_to_be_seen(supplied: TestClient, client: TestClient) -> None:
    publish(client.tenant, catalog_rows())
    assert client.get(PATH, role=Role.VIEWER).json()["items"] == []
    assert_problem(client.get(PATH, params={"client_id": supplied.client_id}), 403, "other_client")


def test_without_a_catalog_there_is_nothing_to_say(client: TestClient) -> None:
    assert_problem(client.get(PATH), 404, "catalog_not_ready")


def test_an_unknown_parameter_is_refused(client: TestClient) -> None:
    problem = assert_problem(client.get(PATH, params={"supplier": "acme"}), 422, "unknown_field")
    assert problem["errors"][0]["pointer"] == "query/supplier"
