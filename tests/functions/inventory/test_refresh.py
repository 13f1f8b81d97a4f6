"""The metrics refresh: what it computes, and that nothing it runs into loses or doubles anything."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from functions.inventory.refresh import refresh
from shared.bigquery.warehouse import Warehouse
from shared.catalog.live import current_catalog
from shared.catalog.schema import ROW_SCHEMA
from shared.config import config
from shared.domain.errors import Unavailable
from shared.domain.operation import Counts, Operation, OperationKind, OperationRequest
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.product import Product, StockLevel
from shared.domain.settings import Settings, SettingsChange
from shared.firestore.conditions import Conditions
from shared.firestore.products import StockLevels
from shared.firestore.settings import SettingsStore
from shared.tasks import worker
from shared.tasks.operations import Operations
from shared.tasks.worker import Reporter
from tests.benchmarks import synthetic
from tests.support.catalogs import publish
from tests.support.firestore_meter import FirestoreMeter
from tests.support.forecasts import publish_forecast
from tests.support.orders import put_order
from tests.support.running import Running
from tests.support.shops import CONDITIONS, PRODUCTS, STATUSES, STOCK, fill, order
from tests.support.sql import table_rows
from tests.support.tenants import TODAY, TestClient

Row = dict[str, Any]
READING, DEMAND, COMPUTING, WRITING, PUBLISHING = (
    "reading products and stock",
    "reading demand and forecast",
    "computing",
    "writing inventory_metrics",
    "publishing",
)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Interrupted(Reporter):
    """Reports as usual, and before that does what `at` says for the step."""

    def __init__(self, operations: Operations, operation: Operation, at: Mapping[str, Callable[[], object]]) -> None:
        super().__init__(operations, operation, now)
        self._at = at

    def step(self, name: str, done: int = 0, total: int | None = None, counts: Counts | None = None) -> None:
        self._at.get(name, lambda: None)()
        super().step(name, done, total, counts)


def pending(client: TestClient, *, rebuild: bool = False) -> Operation:
    """A refresh that nobody has been asked to do."""
    operation, entry = Operations(client.tenant).start(
        OperationRequest(
            OperationKind.METRICS_REFRESH, "inventory", "/internal/refresh", "test", now(), {"rebuild": rebuild}
        )
    )
    assert entry is not None
    client.tenant.collection("outbox").document(entry.id).delete()
    return operation


def run(client: TestClient, operation: Operation, at: Mapping[str, Callable[[], object]] | None = None) -> str:
    """Work on the refresh here, as its task would, with something happening before some steps."""
    operations = Operations(client.tenant)
    return worker.run(
        operations,
        operation.id,
        lambda claimed, _: refresh(config(), client.tenant, claimed, Interrupted(operations, claimed, at or {}), now()),
        now,
    )


def every_row(client: TestClient) -> dict[tuple[str, str | None], Row]:
    """Every row of the catalog with all of its columns."""
    catalog = current_catalog(client.tenant)
    rows = [*catalog.items.frame.to_dicts(), *catalog.locations.frame.to_dicts()]
    return {(row["item_id"], row["location_id"]): row for row in rows}


def even(client: TestClient) -> TestClient:
    """Every item has the same service level: by cost, an edit of one item's cost moves the others' with a refresh."""
    settings = Settings(level_allocation="equal")
    client.put_settings(settings)
    return client


@pytest.fixture(scope="module")
def shared(running: Running) -> TestClient:
    """A shop for the tests of this module that compare before with after; without a forecast, which takes its time."""
    return fill(even(TestClient(running.base_url).create()), forecast=False)


@dataclass(frozen=True)
class Edited:
    """The shared shop after an edit of a product at two places: what it shows now, and must go on showing."""

    client: TestClient
    cost: Decimal
    rows: dict[tuple[str, str | None], Row]


_costs = itertools.count(100)


def edit(client: TestClient) -> Decimal:
    """Give A/1 a cost that it never had."""
    cost = next(_costs)
    assert client.call("PATCH", "/products/A%2F1", json={"unit_cost": cost}).status_code == 200
    return Decimal(cost)


@pytest.fixture
def edited(shared: TestClient) -> Edited:
    cost = edit(shared)
    rows = every_row(shared)
    assert rows["A/1", None]["unit_cost"] == cost
    return Edited(shared, cost, rows)


def test_every_product_gets_its_status_and_figures(full_shop: TestClient) -> None:
    rows = every_row(full_shop)
    assert {item: row["status"] for (item, place), row in rows.items() if place is None} == STATUSES
    lantern = rows["A/1", None]
    assert (lantern["current_stock"], lantern["expected_daily_demand"], lantern["dir"]) == (15, 3, 5)
    assert (lantern["demand_basis"], lantern["lead_time_days"], lantern["moq"]) == ("forecast", 10, 12)
    assert (rows["normal", None]["demand_basis"], rows["normal", None]["dir"]) == ("recent_sales", 30)
    assert (rows["empty", None]["demand_basis"], rows["empty", None]["dir"]) == ("none", None)
    assert rows["dead", None]["last_sale"] == TODAY - dt.timedelta(200)
    assert rows["gone", None]["stockout_risk"] == 1
    due = rows["ordered", None]
    assert (due["on_order"], due["receipts_due"], due["inventory_position"]) == (Decimal("17.5"), Decimal("17.5"), 22.5)
    assert rows["ordered", "LONDON"]["on_order"] == Decimal("17.5")


def test_a_place_has_its_own_forecast_or_that_of_the_item_if_it_is_the_only_one(full_shop: TestClient) -> None:
    rows = every_row(full_shop)
    assert (rows["A/1", "LONDON"]["expected_daily_demand"], rows["A/1", "DUBLIN"]["expected_daily_demand"]) == (2, 1)
    assert (rows["b 2", "LONDON"]["expected_daily_demand"], rows["b 2", "LONDON"]["demand_basis"]) == (1.25, "forecast")


def test_inventory_metrics_hold_every_row_as_of_its_day(full_shop: TestClient) -> None:
    assert_metrics_agree(full_shop)
    assert {(row["date"], row["forecast_run_id"]) for row in metrics_of(full_shop)} == {(TODAY, "run-1")}


def metrics_of(client: TestClient) -> list[Row]:
    return table_rows(
        Warehouse(config(), client.client_id),
        "SELECT * FROM inventory.inventory_metrics WHERE client_id = @client_id AND date = @day",
        day=TODAY,
    )


def test_an_edit_a_refresh_and_a_rebuild_compute_the_same_to_the_last_digit(running: Running) -> None:
    shop = fill(even(TestClient(running.base_url).create()))
    edits: list[tuple[str, dict[str, Any]]] = [
        ("A%2F1", {"unit_cost": 3.33, "category": "Lamps"}),
        ("dead", {"strategic": True}),
        ("strategic", {"strategic": False, "unit_cost": 0.01}),
        ("normal", {"sku": "TT", "needs_review": True}),
        ("%C3%BCn%C3%AF%C2%A9%C3%B8d%C3%A9", {"product_name": "Renamed"}),
    ]
    for item, fields in edits:
        assert shop.call("PATCH", f"/products/{item}", json=fields).status_code == 200
    rows = every_row(shop)
    assert rows["strategic", None]["status"] == "dead_stock"
    assert shop.refresh()["result"]["rebuilt"] is False
    assert every_row(shop) == rows
    assert shop.refresh(rebuild=True)["result"]["rebuilt"] is True
    assert every_row(shop) == rows


@pytest.mark.parametrize(("rebuild", "step"), [(False, READING), (False, PUBLISHING), (True, PUBLISHING)])
def test_an_edit_while_a_refresh_runs_is_not_lost(shared: TestClient, rebuild: bool, step: str) -> None:
    costs: list[Decimal] = []
    assert run(shared, pending(shared, rebuild=rebuild), {step: lambda: costs.append(edit(shared))}) == "succeeded"
    rows = every_row(shared)
    assert rows["A/1", None]["unit_cost"] == costs[0]
    assert rows["A/1", "LONDON"]["inventory_value"] == costs[0] * 10
    assert run(shared, pending(shared, rebuild=True)) == "succeeded"
    assert every_row(shared) == rows


def change_settings(client: TestClient, change: dict[str, Any]) -> None:
    """As PATCH /settings does, without the refresh that it queues: that would publish between those of the test."""
    current = SettingsStore(client.tenant).get().value
    client.put_settings(current.changed(SettingsChange(**change)))


@pytest.mark.parametrize("step", [WRITING, PUBLISHING])
def test_settings_changed_while_a_refresh_runs_show_and_not_those_it_computed_under(
    running: Running, step: str
) -> None:
    client = fill(even(TestClient(running.base_url).create()), forecast=False)
    at = {step: lambda: change_settings(client, {"service_level": 0.6, "safety_buffer_days": 50})}
    assert run(client, pending(client), at) == "succeeded"
    shown = every_row(client)
    assert {row["service_level"] for row in shown.values()} == {0.6}
    assert run(client, pending(client)) == "succeeded"
    assert every_row(client) == shown


@pytest.mark.parametrize(
    "change",
    [
        {"replenishment_policy": "least_cost", "holding_cost": 0.2, "shortage_cost": 1},
        {"replenishment_policy": "forecast_30d"},
        {"level_allocation": "by_value"},
    ],
    ids=str,
)
def test_a_policy_changed_while_a_refresh_runs_is_the_one_that_orders(running: Running, change: dict[str, Any]) -> None:
    client = fill(even(TestClient(running.base_url).create()), forecast=False)
    client.refresh()
    before = every_row(client)
    assert run(client, pending(client), {PUBLISHING: lambda: change_settings(client, change)}) == ("succeeded")
    shown, columns = every_row(client), ("service_level", "order_up_to", "reorder_quantity")
    assert any(shown[key][name] != before[key][name] for key in shown for name in columns)
    policy = change.get("replenishment_policy", "service_level")
    assert client.get("/order-planning/suggestions").json()["policy"] == policy
    assert run(client, pending(client)) == "succeeded"
    assert every_row(client) == shown


def test_an_edit_while_the_first_refresh_runs_is_not_lost(client: TestClient) -> None:
    client.stock(PRODUCTS, STOCK)

    def rename() -> None:
        assert client.call("PATCH", "/products/A%2F1", json={"category": "Lamps"}).status_code == 200

    assert run(client, pending(client), {PUBLISHING: rename}) == "succeeded"
    assert every_row(client)["A/1", None]["category"] == "Lamps"


def test_an_edit_while_new_stock_is_taken_over_does_not_bring_the_old_stock_back(client: TestClient) -> None:
    """An import has written stock and a rebuild has read it; the edit still saw the snapshot before."""
    client.stock(PRODUCTS, STOCK)
    run(client, pending(client))
    StockLevels(client.tenant).put_many([StockLevel("A/1", {"LONDON": Decimal(500)})])
    costs: list[Decimal] = []
    run(client, pending(client, rebuild=True), {PUBLISHING: lambda: costs.append(edit(client))})
    rows = every_row(client)
    assert (rows["A/1", None]["current_stock"], rows["A/1", None]["unit_cost"]) == (500, costs[0])
    assert ("A/1", "DUBLIN") not in rows


@pytest.mark.parametrize(
    ("rebuild", "step"),
    [(False, COMPUTING), (False, PUBLISHING), (True, WRITING)],
)
def test_a_refresh_that_died_half_way_and_ran_again_leaves_what_one_leaves(
    edited: Edited, rebuild: bool, step: str
) -> None:
    operation = pending(edited.client, rebuild=rebuild)

    def die() -> None:
        raise Unavailable("the worker was killed")

    with pytest.raises(Unavailable):
        run(edited.client, operation, {step: die})
    assert every_row(edited.client) == edited.rows
    assert run(edited.client, operation) == "succeeded"
    assert every_row(edited.client) == edited.rows
    assert_metrics_agree(edited.client)


def test_a_refresh_that_is_cancelled_stops_at_its_next_step(edited: Edited) -> None:
    operation, steps = pending(edited.client, rebuild=True), []

    def cancel() -> None:
        response = edited.client.post(f"/operations/{operation.id}/cancel")
        assert response.json()["status"] == "cancelled"

    at = {COMPUTING: cancel, WRITING: lambda: steps.append(WRITING)}
    pointer = current_catalog(edited.client.tenant).pointer
    assert run(edited.client, operation, at) == "cancelled"
    assert steps == []
    assert current_catalog(edited.client.tenant).pointer == pointer
    assert edited.client.get(f"/operations/{operation.id}").json()["status"] == "cancelled"


def test_a_merge_that_failed_after_it_was_done_is_done_again_without_effect(
    edited: Edited, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = Warehouse.merge, []

    def merge_and_fail_once(*args: Any, **kwargs: Any) -> int:
        changed = real(*args, **kwargs)
        calls.append(changed)
        if len(calls) == 1:
            raise ConnectionError("the answer got lost")
        return changed

    monkeypatch.setattr(Warehouse, "merge", merge_and_fail_once)
    operation = pending(edited.client)
    with pytest.raises(Unavailable):
        run(edited.client, operation)
    assert run(edited.client, operation) == "succeeded"
    assert calls == [3, 0]  # the item and its two places, once
    assert Operations(edited.client.tenant).get(operation.id).attempt == 2


def test_two_refreshes_at_once_over_http(edited: Edited) -> None:
    client = edited.client
    answers: list[Any] = []

    def ask(rebuild: bool) -> None:
        answers.append(client.post("/inventory/metrics/refresh", json={"rebuild": rebuild}))

    threads = [threading.Thread(target=ask, args=(rebuild,)) for rebuild in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {client.finished(answer)["status"] for answer in answers} == {"succeeded"}
    assert every_row(client) == edited.rows
    assert_metrics_agree(client)


@pytest.mark.parametrize(("first", "second"), [(False, False), (True, False), (False, True)])
def test_a_refresh_that_another_one_overtakes(edited: Edited, first: bool, second: bool) -> None:
    """The other one runs from start to end just before this one publishes."""
    operation = pending(edited.client, rebuild=first)

    def overtake() -> None:
        assert run(edited.client, pending(edited.client, rebuild=second)) == "succeeded"

    try:
        assert run(edited.client, operation, {PUBLISHING: overtake}) == "succeeded"
    except Unavailable:  # what it was made from is gone: its task comes again
        assert run(edited.client, operation) == "succeeded"
    assert every_row(edited.client) == edited.rows


def assert_metrics_agree(client: TestClient) -> None:
    """`inventory_metrics` holds the catalog's rows as of its day, each once, with the cost that values the stock."""
    stored = metrics_of(client)
    rows = every_row(client)
    for row in rows.values():
        row["unit_cost"] = row["unit_cost"] or row["supplier_cost"] or Decimal(0)
    names = [name for name in stored[0] if name in ROW_SCHEMA and name != "location_id"]
    found = {(row["item_id"], None if row["location_id"] == "*" else row["location_id"]): row for row in stored}
    assert len(found) == len(stored)
    assert {key: {name: row[name] for name in names} for key, row in found.items()} == {
        key: {name: row[name] for name in names} for key, row in rows.items()
    }


def test_a_refresh_that_still_waits_serves_everyone_who_asks(client: TestClient) -> None:
    first = pending(client)
    assert client.post("/inventory/metrics/refresh", json={}).json()["id"] == first.id
    run(client, first)
    assert client.post("/inventory/metrics/refresh", json={}).json()["id"] != first.id


def test_a_refresh_after_nothing_changed_writes_the_same_few_documents(
    client: TestClient, meter: FirestoreMeter
) -> None:
    """Reports and the pointer, however many rows there are: 9 products with one edit of them cost as much, below."""
    rows = synthetic.catalog_rows(1_500)
    publish(client.tenant, rows, synthetic.demand_profiles(rows))
    for _ in range(2):  # the second one clears up what the first one has replaced
        run(client, pending(client))
    operation = pending(client)
    meter.reset()
    run(client, operation)
    large = meter.of(client.client_id)
    assert Operations(client.tenant).get(operation.id).result["metrics_rows_changed"] == 0  # type: ignore[index]
    assert large.writes <= 10
    assert large.deletes == 0
    assert large.reads <= 60


def test_one_edit_makes_a_refresh_write_its_chunks_and_no_more(edited: Edited, meter: FirestoreMeter) -> None:
    operation = pending(edited.client)
    meter.reset()
    run(edited.client, operation)
    result = Operations(edited.client.tenant).get(operation.id).result
    assert result is not None
    assert result["metrics_rows_changed"] == 3
    assert meter.of(edited.client.client_id).writes <= 12


def test_a_client_without_anything_has_an_empty_catalog(client: TestClient) -> None:
    result = client.refresh()["result"]
    assert (result["items"], result["rows"], result["published"]) == (0, 0, True)
    assert client.get("/products").json()["total"] == 0


def test_an_unknown_client_fails_for_good(running: Running) -> None:
    nobody = TestClient(running.base_url)
    operation = nobody.finished(nobody.post("/inventory/metrics/refresh", json={}))
    assert (operation["status"], operation["error"]["code"]) == ("failed", "client_not_found")


def test_what_sells_where_it_is_not_stocked_has_a_row_there(client: TestClient) -> None:
    client.stock([Product("a", "A")], {"a": {"LONDON": "50"}})
    client.sell_daily({"a": 2}, location_id="DUBLIN")
    client.sell_daily({"unknown": 2}, location_id="DUBLIN")
    client.refresh()
    rows = every_row(client)
    assert set(rows) == {("a", None), ("a", "LONDON"), ("a", "DUBLIN")}
    assert (rows["a", "DUBLIN"]["current_stock"], rows["a", "DUBLIN"]["status"]) == (0, "understocked")
    assert (rows["a", "LONDON"]["dir"], rows["a", None]["dir"]) == (None, 25)
    client.refresh()
    assert every_row(client) == rows


def test_orders_that_arrive_too_late_are_on_order_but_not_due(client: TestClient) -> None:
    client.stock(PRODUCTS, STOCK)
    Conditions(client.tenant).put_many(CONDITIONS)
    # 20 days of lead time and 7 of buffer: until 06-30
    put_order(client, order(expected_delivery_date=dt.date(2024, 7, 1)))
    put_order(client, order("2", status=OrderStatus.CANCELLED))
    put_order(client, order("3", expected_delivery_date=dt.date(2024, 6, 30), location_id=None))
    run(client, pending(client))
    whole, place = (every_row(client)["ordered", name] for name in (None, "LONDON"))
    assert (whole["on_order"], whole["receipts_due"]) == (35, Decimal("17.5"))
    assert (place["on_order"], place["receipts_due"]) == (Decimal("17.5"), 0)


def test_conditions_decide_the_lead_time_and_the_default_serves_the_others(client: TestClient) -> None:
    client.stock(PRODUCTS, STOCK)
    Conditions(client.tenant).put_many(CONDITIONS)
    run(client, pending(client))
    store = SettingsStore(client.tenant)
    client.tenant.transact(lambda transaction: store.put(transaction, Settings(default_lead_time_days=3)))
    run(client, pending(client))
    ruling = {one.item_id: one for one in CONDITIONS if one.is_primary or one.item_id != "A/1"}
    for (item, _), row in every_row(client).items():
        expected = (ruling[item].lead_time_days, ruling[item].supplier_id) if item in ruling else (3, None)
        assert (row["lead_time_days"], row["supplier_id"]) == expected


def test_an_old_forecast_has_lost_the_days_that_passed(client: TestClient) -> None:
    later = TODAY + dt.timedelta(10)
    client.create(business_date=later)
    client.stock([Product("a", "A")], {"a": {"LONDON": "50"}})
    publish_forecast(client, {"a": 1.25})
    run(client, pending(client))
    row = every_row(client)["a", None]
    assert (row["as_of"], row["expected_daily_demand"], row["demand_basis"]) == (later, 1.25, "forecast")
    assert client.get("/dashboard").json()["as_of"] == "2024-06-13"
    assert client.get("/products/a").json()["forecast"]["run_date"] == "2024-06-03"
