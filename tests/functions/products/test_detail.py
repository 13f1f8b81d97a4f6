"""One product: all its fields, and what its metrics were computed from."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from shared.catalog.evaluation import refreshed_rows
from shared.domain.purchasing.product import Product
from shared.domain.settings import Settings
from tests.support.catalogs import catalog_rows, profile, profile_frame
from tests.support.firestore_meter import FirestoreMeter
from tests.support.orders import order, put_order
from tests.support.problems import assert_problem
from tests.support.tenants import TODAY, TestClient


def test_a_product_is_shown_with_everything_about_it(full_shop: TestClient) -> None:
    found = full_shop.get("/products/A%2F1").json()
    listed = full_shop.get("/products?search=A/1").json()["items"][0]
    assert {name: found[name] for name in listed} == listed
    assert (found["supplier_id"], found["supplier_name"], found["lead_time_days"]) == ("acme", "Acme Ltd", 10)
    assert (found["abc"], found["xyz"], found["demand_pattern"], found["lifecycle"]) == ("A", "X", "smooth", "active")
    assert (found["first_record"], found["last_sale"]) == ("2024-04-04", "2024-06-02")
    assert (found["unit_price"], found["strategic"]) == (5.9, False)
    assert found["created_at"] <= found["updated_at"]
    assert found["campaigns"] == found["orders"]["items"] == []


def test_stock_per_location_has_metrics_of_its_own(full_shop: TestClient) -> None:
    places = full_shop.get("/products/A%2F1").json()["stock_per_location"]
    shown = [(one["location_id"], one["current_stock"], one["expected_daily_demand"], one["dir"]) for one in places]
    assert shown == [("DUBLIN", 5, 1, 5), ("LONDON", 10, 2, 5)]


def test_suppliers_come_with_their_conditions_the_primary_first(full_shop: TestClient) -> None:
    suppliers = full_shop.get("/products/A%2F1").json()["suppliers"]
    assert [one["supplier_id"] for one in suppliers] == ["acme", "fast"]
    assert {name: value for name, value in suppliers[0].items() if value is not None} == {
        "supplier_id": "acme",
        "supplier_name": "Acme Ltd",
        "lead_time_days": 10,
        "moq": 12,
        "packaging_qty": 6,
        "supplier_cost": 1.75,
        "is_primary": True,
        "is_synced": False,
        "created_at": suppliers[0]["created_at"],
        "updated_at": suppliers[0]["updated_at"],
    }


@pytest.mark.parametrize("days", [0, 1, 30, 90, 730])
def test_demand_history_has_every_day_that_is_asked_for(full_shop: TestClient, days: int) -> None:
    history = full_shop.get(f"/products/A%2F1?days={days}").json()["demand_history"]
    expected = [(TODAY - dt.timedelta(number)).isoformat() for number in range(days, 0, -1)]
    assert [day["date_local"] for day in history] == expected
    assert [day["units_sold"] for day in history] == [0] * max(0, days - 60) + [3] * min(days, 60)


def test_a_day_of_history_says_what_is_known_of_it(client: TestClient) -> None:
    client.stock([Product("A", "Lamp")], {"A": {"L": "1", "D": "2"}})
    sale = {"item_id": "A", "units_sold": 2, "promotion_flag": False, "holiday_flag": False}
    day = TODAY - dt.timedelta(3)  # a Friday
    client.sell(
        [
            sale | {"location_id": "L", "date_local": day, "revenue": Decimal("7.25"), "stock_on_date": Decimal("4.5")},
            sale
            | {"location_id": "D", "date_local": day, "promotion_flag": True, "stock_on_date": Decimal(3)}
            | {"marketing_spend": Decimal("12.50")},
        ]
    )
    client.refresh(rebuild=True)
    text = client.get("/products/A?days=3").text
    assert client.get("/products/A?days=3").json()["demand_history"] == [
        {
            "date_local": "2024-05-31",
            "units_sold": 4,
            "revenue": 7.25,
            "promotion_flag": True,
            "holiday_flag": False,
            "is_weekend": False,
            "marketing_spend": 12.5,
            "stock_on_date": 7.5,
        },
        *(
            {"date_local": date_local, "units_sold": 0, "revenue": 0, "promotion_flag": None, "holiday_flag": None}
            | {"is_weekend": True, "marketing_spend": None, "stock_on_date": None}
            for date_local in ("2024-06-01", "2024-06-02")
        ),
    ]
    assert '"units_sold":4.000,"revenue":7.25' in text
    assert '"marketing_spend":12.50,"stock_on_date":7.500' in text


def test_the_forecast_has_its_quantiles_and_says_where_it_is_from(full_shop: TestClient) -> None:
    forecast = full_shop.get("/products/A%2F1").json()["forecast"]
    assert (forecast["run_id"], forecast["run_date"], forecast["engine"]) == ("run-1", "2024-06-03", "test")
    assert len(forecast["days"]) == 90
    first = forecast["days"][0]
    assert (first["date_local"], first["mean"]) == ("2024-06-03", 3)
    assert [first["quantiles"][name] for name in ("q05", "q50", "q95")] == pytest.approx([0.3, 3, 5.7])
    levels = [*first["quantiles"].values()]
    assert levels == sorted(levels)
    assert len(levels) == 11


def test_a_product_without_a_forecast_has_no_days(full_shop: TestClient) -> None:
    assert full_shop.get("/products/gone").json()["forecast"]["days"] == []


def test_campaigns_and_open_orders_are_named(full_shop: TestClient) -> None:
    (campaign,) = full_shop.get("/products/b%202").json()["campaigns"]
    assert (campaign["campaign_id"], campaign["name"], campaign["status"]) == ("1", "Summer", "running")
    assert (campaign["campaign_type"], campaign["discount"], campaign["target_audience"]) == (
        "season",
        12.5,
        "families",
    )
    found = full_shop.get("/products/ordered").json()
    assert found["orders"] == {
        "items": [
            {
                "id": "1",
                "po_number": "PO-2024-000001",
                "supplier_id": "acme",
                "status": "confirmed",
                "location_id": "LONDON",
                "order_date": "2024-05-17",
                "expected_delivery_date": "2024-06-06",
                "quantity": 20,
                "received": 2.5,
                "outstanding": 17.5,
                "unit_cost": 1.75,
            }
        ],
        "page": 1,
        "page_size": 20,
        "total": 1,
    }
    assert (found["on_order"], found["inventory_position"]) == (17.5, 22.5)


def test_amounts_have_their_fixed_scale(full_shop: TestClient) -> None:
    text = full_shop.get("/products/ordered").text
    for amount in ('"current_stock":5.000', '"on_order":17.500', '"unit_cost":3.00', '"inventory_value":15.00'):
        assert amount in text
    assert '"moq":12.000' in text
    assert '"supplier_cost":1.75' in text
    assert '"outstanding":17.500' in text


def test_metrics_say_what_they_were_computed_from(full_shop: TestClient) -> None:
    found = full_shop.get("/products/A%2F1/metrics").json()
    listed = full_shop.get("/products?search=A/1").json()["items"][0]
    names = ("dir", "stockout_risk", "status", "expected_daily_demand", "forecasted_demand_30d", "inventory_value")
    assert {name: found[name] for name in names} == {name: listed[name] for name in names}
    assert (found["dir"], found["status"], found["as_of"]) == (5, "understocked", "2024-06-03")
    source = found["computed_from"]
    assert (source["demand_basis"], source["risk_basis"]) == ("forecast", "forecast")
    assert (source["forecast_run_id"], source["forecast_run_date"]) == ("run-1", "2024-06-03")
    assert (source["current_stock"], source["receipts_due"], source["unit_cost"]) == (15, 0, 2.5)
    assert (source["lead_time_days"], source["safety_buffer_days"], source["last_sale"]) == (10, 7, "2024-06-02")
    thresholds = ("understocked_threshold", "overstocked_threshold", "dead_stock_days")
    assert [source[name] for name in thresholds] == [14, 90, 90]
    window = source["risk_window"]
    assert window["days"] == 17
    assert window["quantiles"]["q50"] == pytest.approx(51)  # 17 days at 3
    risk_bounds = [1 - level for level in (0.1, 0.2)]  # 15 lies between q10 = 10.2 and q20 = 20.4
    assert risk_bounds[1] <= found["stockout_risk"] <= risk_bounds[0]


def test_metrics_of_a_location_are_its_own(full_shop: TestClient) -> None:
    found = full_shop.get("/products/A%2F1/metrics?location_id=LONDON").json()
    (listed,) = full_shop.get("/products?item_id=A/1&location_id=LONDON").json()["items"]
    names = ("location_id", "dir", "stockout_risk", "status", "expected_daily_demand", "inventory_value")
    assert {name: found[name] for name in names} == {name: listed[name] for name in names}
    assert (found["expected_daily_demand"], found["computed_from"]["current_stock"]) == (2, 10)
    assert found["computed_from"]["risk_window"]["quantiles"]["q50"] == pytest.approx(34)  # 17 days at 2
    assert full_shop.get("/products/A%2F1/metrics").json()["location_id"] is None
    assert_problem(full_shop.get("/products/A%2F1/metrics?location_id=ROTTERDAM"), 404, "not_assigned")


def test_receipts_on_their_way_are_named_and_lower_the_risk(full_shop: TestClient) -> None:
    source = full_shop.get("/products/ordered/metrics").json()["computed_from"]
    assert (source["receipts_due"], source["on_order"], source["demand_basis"]) == (17.5, 17.5, "recent_sales")
    assert source["risk_window"] == {"days": 27, "quantiles": None}


@pytest.mark.parametrize(("item", "basis"), [("b%202", "forecast"), ("normal", "recent_sales"), ("empty", "none")])
def test_the_basis_of_each_kind_of_product(full_shop: TestClient, item: str, basis: str) -> None:
    found = full_shop.get(f"/products/{item}/metrics").json()
    assert found["computed_from"]["demand_basis"] == found["computed_from"]["risk_basis"] == basis


def test_a_row_of_the_shop_is_what_the_domain_says(full_shop: TestClient) -> None:
    """30 in stock, 1 a day: computed by hand and by the same function, from the documents and the sales."""
    row = full_shop.get("/products?search=tea+towel").json()["items"][0]
    assert (row["dir"], row["expected_daily_demand"], row["forecasted_demand_30d"]) == (30, 1, 30)
    assert (row["stockout_risk"], row["inventory_value"], row["status"]) == (0, 30, "normal")
    made = catalog_rows({"item_id": "normal", "current_stock": Decimal(30)})
    profiles = profile_frame(profile("normal", recent_mean=1.0, recent_variance=0.0))
    (computed,) = refreshed_rows(made, profiles, Settings(), TODAY)[0].to_dicts()
    assert [computed[name] for name in ("dir", "stockout_risk", "status")] == [30, 0, "normal"]


def test_an_unknown_product_is_not_found(full_shop: TestClient) -> None:
    for path in ("/products/nothing", "/products/nothing/metrics"):
        response = full_shop.get(path)
        assert (response.status_code, response.json()["code"]) == (404, "product_not_found")
        assert "nothing" in response.json()["detail"]


def test_a_detail_costs_a_few_reads(full_shop: TestClient, meter: FirestoreMeter) -> None:
    """The pointer, the product, a query each for conditions (2 found), campaigns and orders."""
    full_shop.get("/products/A%2F1")
    meter.reset()
    full_shop.get("/products/A%2F1")
    assert meter.of(full_shop.client_id).reads == 6


def test_orders_of_a_product_are_paged_the_past_ones_too(open_shop: TestClient) -> None:
    for number, status in enumerate(("received", "confirmed", "cancelled"), 1):
        put_order(open_shop, order(number, status=status, item_ids=("A/1", "b 2")))
    pages = [
        open_shop.get("/products/A%2F1", params={"orders_page": page, "orders_page_size": 2}).json()["orders"]
        for page in (1, 2)
    ]
    assert [[placed["po_number"][-1] for placed in page["items"]] for page in pages] == [["1", "2"], ["3"]]
    assert [page["total"] for page in pages] == [3, 3]
    assert [placed["outstanding"] for page in pages for placed in page["items"]] == [0, 10, 0]
