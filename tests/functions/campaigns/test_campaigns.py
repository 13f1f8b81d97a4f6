"""Campaigns: planned, changed, ended, deleted, and in all lists at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.access.principal import CAMPAIGN_PLANNERS, Role
from shared.domain.purchasing.product import Product
from tests.support.catalogs import catalog_rows, profile, profile_frame, publish
from tests.support.firestore_meter import Billed, FirestoreMeter
from tests.support.hard_ids import HARD_IDS
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient
from tests.support.texts import texts

Row = dict[str, Any]
ITEMS = ("a/1", "b", "c")
RUNNING = {"name": "Summer", "start_date": "2024-06-01", "end_date": "2024-06-30"}
TERMS = {"item_id": "a/1", "discount": 20, "target_audience": "gift shops"}
PLANNED = {"name": "Autumn", "start_date": "2024-09-01", "end_date": "2024-09-30"}
ENDED = {"name": "Spring", "start_date": "2024-03-01", "end_date": "2024-06-02"}


@pytest.fixture
def shop(running: Running) -> TestClient:
    """Three products of which there is enough for 60 days; free to change."""
    client = TestClient(running.base_url).create()
    sold = {"first_record": TODAY - dt.timedelta(300), "last_sale": TODAY - dt.timedelta(1)}
    rows = [{"item_id": item, "product_name": item.upper(), "current_stock": Decimal(60)} | sold for item in ITEMS]
    publish(client.tenant, catalog_rows(*rows), profile_frame(*(profile(item, daily=[1.0] * 90) for item in ITEMS)))
    return client


def products(*items: str) -> list[Row]:
    return [{"item_id": item} for item in items]


def create(client: TestClient, body: Row | None = None, *items: str, **fields: Any) -> requests.Response:
    return client.post(
        "/campaigns", json=(body or RUNNING) | ({"products": products(*items)} if items else {}) | fields
    )


def created(client: TestClient, body: Row | None = None, *items: str, **fields: Any) -> str:
    response = create(client, body, *items, **fields)
    assert response.status_code == 201, response.text
    campaign_id: str = response.json()["campaign_id"]
    return campaign_id


def bodies() -> st.SearchStrategy[Row]:
    """Bodies of campaigns, some of which cannot be."""
    amounts = st.one_of(st.none(), st.integers(0, 2_000_000), st.decimals(0, 100, places=2).map(float))
    named = st.builds(
        lambda item, discount, audience: {"item_id": item, "discount": discount, "target_audience": audience},
        st.sampled_from(ITEMS),
        st.one_of(st.none(), st.decimals(0, 101, places=2).map(float)),
        st.one_of(st.none(), texts()),
    )
    dates = st.one_of(st.dates(), st.dates(dt.date(2024, 5, 1), dt.date(2024, 7, 1))).map(str)
    return st.fixed_dictionaries(
        {"name": texts(1), "start_date": dates, "end_date": dates},
        optional={
            "campaign_type": st.one_of(st.none(), texts()),
            "description": st.one_of(st.none(), texts()),
            "status": st.sampled_from([None, "planned", "running", "ended"]),
            "budget": amounts,
            "products": st.lists(named, max_size=3),
        },
    )


def promoted(client: TestClient) -> list[str]:
    return [one["item_id"] for one in client.get("/recommendations?type=PROMOTE").json()["items"]]


def in_campaigns(client: TestClient) -> dict[str, tuple[str, str]]:
    """What each product's campaign is called, and its status."""
    items = client.get("/products/campaign-status").json()["items"]
    return {
        one["item_id"]: (one["campaign"]["name"], one["campaign"]["status"])
        for one in items
        if one["campaign"] is not None
    }


def test_a_campaign_is_what_was_asked_for(shop: TestClient) -> None:
    before = dt.datetime.now(dt.UTC)
    named = [
        {"item_id": "b", "discount": 12.5, "target_audience": "families with children"},
        {"item_id": "a/1", "discount": 0, "target_audience": None},
        {"item_id": "c"},
    ]
    response = create(
        shop, description=" For\nthe sun ", campaign_type="discount", status="running", budget=1000, products=named
    )
    assert response.status_code == 201, response.text
    made = response.json()
    for name in ("created_at", "updated_at"):
        at = dt.datetime.fromisoformat(made.pop(name))
        assert before - dt.timedelta(seconds=1) <= at <= dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)
    campaign_id = made.pop("campaign_id")
    assert made == RUNNING | {
        "description": "For\nthe sun",
        "campaign_type": "discount",
        "status": "running",
        "status_basis": "dates",
        "budget": 1000,
        "products": [*named[:2], {"item_id": "c", "discount": None, "target_audience": None}],
        "product_count": 3,
        "created_by": f"user-{shop.client_id}",
    }
    assert '"budget":1000.00' in response.text
    assert '"discount":12.50' in response.text
    assert response.headers["Location"] == f"/api/v1/campaigns/{campaign_id}"
    found = shop.get(f"/campaigns/{campaign_id}", role=Role.VIEWER)
    assert found.json() == response.json()
    assert found.headers["ETag"] == response.headers["ETag"]
    (row,) = shop.get("/campaigns").json()["items"]
    assert row == {name: value for name, value in response.json().items() if name != "products"}


def test_a_change_moves_updated_at_alone(shop: TestClient) -> None:
    made = create(shop).json()
    changed = shop.call("PUT", f"/campaigns/{made['campaign_id']}", json=RUNNING | {"name": "Sun"}).json()
    assert changed["created_at"] == made["created_at"]
    assert changed["updated_at"] > made["updated_at"]
    assert shop.get("/campaigns").json()["items"][0]["updated_at"] == changed["updated_at"]


@pytest.mark.parametrize(
    ("body", "status", "shown"),
    [(RUNNING, "planned", {}), (RUNNING, "ended", {}), (PLANNED, "running", {"b": ("Autumn", "running")})],
)
def test_a_status_may_be_given(shop: TestClient, body: Row, status: str, shown: Row) -> None:
    made = create(shop, body, "b", status=status).json()
    assert (made["status"], made["status_basis"]) == (status, "given")
    in_list = shop.get("/campaigns").json()["items"]
    assert [(row["status"], row["status_basis"]) for row in in_list] == [(status, "given")]
    assert [row["campaign_id"] for row in shop.get(f"/campaigns?status={status}").json()["items"]] == [
        made["campaign_id"]
    ]
    assert in_campaigns(shop) == (shown or ({} if status == "ended" else {"b": (body["name"], status)}))
    assert promoted(shop) == (["a/1", "c"] if status == "running" else list(ITEMS))
    path = f"/campaigns/{made['campaign_id']}"
    again = shop.call("PUT", path, json=body | {"status": status}).json()
    assert (again["status"], again["product_count"]) == (status, 1)
    by_dates = shop.call("PUT", path, json=body).json()
    assert by_dates["status_basis"] == "dates"


def test_a_given_status_stays_over_a_rebuild(client: TestClient) -> None:
    client.stock([Product(item, item) for item in ITEMS], {item: {"LONDON": "60"} for item in ITEMS})
    client.sell_daily(dict.fromkeys(ITEMS, 1))
    client.refresh()
    created(client, PLANNED, "b", status="running")
    created(client, RUNNING, "c", status="planned")
    expected = {"b": ("Autumn", "running"), "c": ("Summer", "planned")}
    for rebuild in (False, True):
        client.refresh(rebuild=rebuild)
        assert in_campaigns(client) == expected
        assert promoted(client) == ["a/1", "c"]


def test_it_shows_in_every_list_at_once(shop: TestClient) -> None:
    assert promoted(shop) == list(ITEMS)
    campaign_id = created(shop, None, "b", "a/1")
    assert promoted(shop) == ["c"]
    assert in_campaigns(shop) == {"a/1": ("Summer", "running"), "b": ("Summer", "running")}
    shop.call("PUT", f"/campaigns/{campaign_id}", json=RUNNING | {"name": "Sun"})
    assert in_campaigns(shop) == {"a/1": ("Sun", "running"), "b": ("Sun", "running")}
    shop.call("PUT", f"/campaigns/{campaign_id}/products", json={"products": products("c")})
    assert in_campaigns(shop) == {"c": ("Sun", "running")}
    assert promoted(shop) == ["a/1", "b"]


def test_it_shows_with_its_products(client: TestClient) -> None:
    client.stock([Product("a/1", "Lantern")], {"a/1": {"LONDON": "1"}})
    client.refresh()
    created(client, ENDED, "a/1")
    campaign_id = created(client, None, "a/1")
    spring, summer = client.get("/products/a%2F1").json()["campaigns"]
    terms = {"campaign_type": None, "discount": None, "target_audience": None}
    assert summer == {"campaign_id": campaign_id, "status": "running"} | RUNNING | terms
    assert (spring["name"], spring["status"]) == ("Spring", "ended")


@pytest.mark.parametrize("rebuild", [False, True])
def test_it_stays_over_refreshes_until_it_ends(client: TestClient, rebuild: bool) -> None:
    client.stock([Product(item, item) for item in ITEMS], {item: {"LONDON": "60"} for item in ITEMS})
    client.sell_daily(dict.fromkeys(ITEMS, 1))
    client.refresh()
    created(client, None, "b", end_date="2024-06-03")
    created(client, PLANNED, "c")
    client.refresh(rebuild=rebuild)
    assert in_campaigns(client) == {"b": ("Summer", "running"), "c": ("Autumn", "planned")}
    assert promoted(client) == ["a/1", "c"]
    client.create(business_date=dt.date(2024, 6, 4))
    client.refresh(rebuild=rebuild)
    assert in_campaigns(client) == {"c": ("Autumn", "planned")}
    assert promoted(client) == list(ITEMS)


def test_an_early_end_ends_it(shop: TestClient) -> None:
    campaign_id = created(shop, None, "b")
    ended = shop.call("PUT", f"/campaigns/{campaign_id}", json=RUNNING | {"end_date": "2024-06-02"})
    assert (ended.status_code, ended.json()["status"], ended.json()["product_count"]) == (200, "ended", 1)
    assert promoted(shop) == list(ITEMS)
    assert in_campaigns(shop) == {}
    again = shop.call("PUT", f"/campaigns/{campaign_id}", json=PLANNED)
    assert again.json()["status"] == "planned"
    assert in_campaigns(shop) == {"b": ("Autumn", "planned")}
    assert promoted(shop) == list(ITEMS)


def test_put_leaves_what_it_does_not_name_at_its_default(shop: TestClient) -> None:
    campaign_id = created(shop, products=[TERMS], budget=5, description="x", campaign_type="season")
    changed = shop.call("PUT", f"/campaigns/{campaign_id}", json=RUNNING).json()
    assert (changed["budget"], changed["description"], changed["campaign_type"]) == (None, None, None)
    assert (changed["products"], changed["created_by"]) == ([TERMS], f"user-{shop.client_id}")
    replaced = shop.call("PUT", f"/campaigns/{campaign_id}", json=RUNNING | {"products": products("c")}).json()
    assert [product["item_id"] for product in replaced["products"]] == ["c"]
    assert in_campaigns(shop) == {"c": ("Summer", "running")}


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"end_date": "2024-05-31"}, "end_before_start", "/end_date"),
        ({"end_date": "soon"}, "invalid_input", "/end_date"),
        ({"start_date": None}, "invalid_input", "/start_date"),
        ({"name": " "}, "invalid_input", "/name"),
        ({"name": "=SUM(A1)"}, "invalid_input", "/name"),
        ({"products": [{"item_id": "b", "discount": -1}]}, "invalid_input", "/products/0/discount"),
        ({"products": [{"item_id": "b", "discount": 100.01}]}, "invalid_input", "/products/0/discount"),
        ({"products": [{"item_id": "b", "discount": 0.001}]}, "invalid_input", "/products/0/discount"),
        ({"products": [{"item_id": "b", "target_audience": " "}]}, "invalid_input", "/products/0/target_audience"),
        ({"products": [{"item_id": "b"}, {"item_id": "b"}]}, "product_named_twice", "/products/1/item_id"),
        ({"products": ["b"]}, "invalid_input", "/products/0"),
        ({"campaign_type": "x" * 101}, "invalid_input", "/campaign_type"),
        ({"status": "cancelled"}, "invalid_input", "/status"),
        ({"budget": -1}, "invalid_input", "/budget"),
        ({"budget": 0.001}, "invalid_input", "/budget"),
        ({"colour": "red"}, "unknown_field", "/colour"),
    ],
)
def test_what_cannot_be_is_refused_by_name(shop: TestClient, method: str, fields: Row, code: str, pointer: str) -> None:
    path = "/campaigns" if method == "POST" else f"/campaigns/{created(shop)}"
    problem = assert_problem(shop.call(method, path, json=RUNNING | fields), 422, code)
    assert problem["errors"][0]["pointer"] == pointer
    assert [one["name"] for one in shop.get("/campaigns").json()["items"]] == (["Summer"] if method == "PUT" else [])


def test_dates_in_the_wrong_order_are_both_named(shop: TestClient) -> None:
    problem = assert_problem(create(shop, end_date="2024-05-31"), 422, "end_before_start")
    assert "2024-05-31" in problem["detail"]
    assert "2024-06-01" in problem["detail"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(bodies())
def test_what_is_accepted_can_be_read_back(shop: TestClient, body: Row) -> None:
    response = shop.post("/campaigns", json=body)
    assert response.status_code in (201, 422), response.text
    if response.status_code == 422:
        return
    made = response.json()
    path = f"/campaigns/{made['campaign_id']}"
    assert shop.get(path).json() == made
    assert [row for row in shop.get("/campaigns?page_size=200").json()["items"] if row["campaign_id"] in path] == [
        {name: value for name, value in made.items() if name != "products"}
    ]
    assert shop.get(f"{path}/performance").status_code == 200
    given_back = {name: made[name] for name in body if name != "status"}
    again = shop.call("PUT", path, json=given_back | {"status": made["status"]})
    assert again.status_code == 200, again.text
    assert {name: again.json()[name] for name in given_back} == given_back


def test_unknown_products_are_named(shop: TestClient) -> None:
    problem = assert_problem(create(shop, None, "a/1", "x", "b", "y/z"), 422, "product_not_found")
    assert "no product 'x'; no product 'y/z'" in problem["detail"]
    assert [one["pointer"] for one in problem["errors"]] == ["/products/1/item_id", "/products/3/item_id"]
    campaign_id = created(shop, None, "b")
    many = [f"x{number}" for number in range(30)]
    problem = assert_problem(
        shop.call("PUT", f"/campaigns/{campaign_id}/products", json={"products": products(*many)}),
        422,
        "product_not_found",
    )
    assert problem["detail"].endswith("; and 27 more")
    assert shop.get(f"/campaigns/{campaign_id}").json()["product_count"] == 1


def test_it_takes_five_thousand_products(shop: TestClient) -> None:
    many = [f"x{number}" for number in range(5001)]
    assert_problem(create(shop, None, *many), 422, "invalid_input")
    problem = assert_problem(create(shop, None, *many[1:]), 422, "product_not_found")
    assert problem["detail"].endswith("; and 4997 more")


def test_products_are_the_rows_of_the_product_list_with_their_terms(shop: TestClient) -> None:
    campaign_id = created(shop, products=[*products("c"), TERMS])
    rows = {row["item_id"]: row for row in shop.get("/products").json()["items"]}
    page = shop.get(f"/campaigns/{campaign_id}/products", role=Role.VIEWER)
    assert page.headers["ETag"] == shop.get(f"/campaigns/{campaign_id}").headers["ETag"]
    first, second = rows["a/1"] | TERMS, rows["c"] | {"discount": None, "target_audience": None}
    assert page.json() == {"items": [first, second], "page": 1, "page_size": 50, "total": 2}
    sorted_page = shop.get(f"/campaigns/{campaign_id}/products?sort=-product_name&page_size=1&page=2").json()
    assert (sorted_page["items"], sorted_page["total"]) == ([first], 2)
    named = shop.get(f"/campaigns/{campaign_id}/products?fields=item_id,discount").json()["items"]
    assert named == [{"item_id": "a/1", "discount": 20}, {"item_id": "c", "discount": None}]
    assert_problem(shop.get(f"/campaigns/{campaign_id}/products?sort=colour"), 422, "unknown_sort")


def test_products_are_replaced_as_a_whole(shop: TestClient) -> None:
    campaign_id = created(shop, None, "c", "a/1")
    answer = shop.call("PUT", f"/campaigns/{campaign_id}/products", json={"products": [*products("b"), TERMS]})
    expected = [{"item_id": "b", "discount": None, "target_audience": None}, TERMS]
    assert answer.json() == {"campaign_id": campaign_id, "products": expected}
    assert shop.get(f"/campaigns/{campaign_id}").json()["products"] == expected
    assert shop.get(f"/campaigns/{campaign_id}").headers["ETag"] == answer.headers["ETag"]
    twice = shop.call("PUT", f"/campaigns/{campaign_id}/products", json={"products": products("b", "c", "b")})
    problem = assert_problem(twice, 422, "product_named_twice")
    assert problem["errors"][0]["pointer"] == "/products/2/item_id"
    shop.call("PUT", f"/campaigns/{campaign_id}/products", json={"products": []})
    assert shop.get(f"/campaigns/{campaign_id}/products").json()["total"] == 0


def test_products_may_have_any_id(running: Running) -> None:
    client = TestClient(running.base_url).create()
    publish(client.tenant, catalog_rows(*({"item_id": item} for item in HARD_IDS)))
    campaign_id = created(client, None, *HARD_IDS)
    found = client.get(f"/campaigns/{campaign_id}/products?page_size=200").json()["items"]
    assert {one["item_id"] for one in found} == set(HARD_IDS)
    assert set(in_campaigns(client)) <= set(HARD_IDS)


@pytest.mark.parametrize("body", [PLANNED, ENDED])
def test_one_that_does_not_run_can_be_deleted(shop: TestClient, body: Row) -> None:
    campaign_id = created(shop, body, "b")
    assert shop.call("DELETE", f"/campaigns/{campaign_id}").status_code == 204
    assert_problem(shop.get(f"/campaigns/{campaign_id}"), 404, "campaign_not_found")
    assert in_campaigns(shop) == {}
    assert shop.get("/campaigns").json()["items"] == []


def test_one_that_runs_is_not_deleted(shop: TestClient) -> None:
    campaign_id = created(shop, None, "b")
    problem = assert_problem(shop.call("DELETE", f"/campaigns/{campaign_id}"), 409, "campaign_running")
    for part in ("'Summer'", "2024-06-01", "2024-06-30"):
        assert part in problem["detail"]
    assert in_campaigns(shop) == {"b": ("Summer", "running")}
    shop.call("PUT", f"/campaigns/{campaign_id}", json=RUNNING | {"end_date": "2024-06-02"})
    assert shop.call("DELETE", f"/campaigns/{campaign_id}").status_code == 204


def test_a_campaign_that_is_not_there_is_not_found(shop: TestClient) -> None:
    calls: list[tuple[str, str, Row | None]] = [
        ("GET", "", None),
        ("PUT", "", RUNNING),
        ("DELETE", "", None),
        ("GET", "/products", None),
        ("PUT", "/products", {"products": []}),
        ("GET", "/performance", None),
    ]
    for method, path, body in calls:
        problem = assert_problem(shop.call(method, f"/campaigns/no%2Fne{path}", json=body), 404, "campaign_not_found")
        assert "'no/ne'" in problem["detail"]


def test_another_clients_campaign_is_not_found(shop: TestClient, new_client: Callable[[], TestClient]) -> None:
    campaign_id = created(shop)
    assert_problem(new_client().get(f"/campaigns/{campaign_id}"), 404, "campaign_not_found")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("PUT", "", RUNNING), ("PUT", "/products", {"products": [{"item_id": "b"}]}), ("DELETE", "", None)],
)
def test_a_version_is_honoured(shop: TestClient, method: str, path: str, body: Row | None) -> None:
    first = create(shop, PLANNED)
    campaign_id, stale = first.json()["campaign_id"], first.headers["ETag"]
    current = shop.call(
        "PUT", f"/campaigns/{campaign_id}", json=PLANNED | {"name": "Fall"}, headers={"If-Match": stale}
    ).headers["ETag"]
    refused = shop.call(method, f"/campaigns/{campaign_id}{path}", json=body, headers={"If-Match": stale})
    problem = assert_problem(refused, 412, "stale_version")
    assert current.strip('"') in problem["detail"]
    assert shop.get(f"/campaigns/{campaign_id}").json()["name"] == "Fall"
    taken = shop.call(method, f"/campaigns/{campaign_id}{path}", json=body, headers={"If-Match": current})
    assert taken.status_code in (200, 204)


def test_a_repeated_request_makes_one_campaign(shop: TestClient) -> None:
    key = {"Idempotency-Key": "k1"}
    answers = [shop.post("/campaigns", json=RUNNING, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert len(shop.get("/campaigns").json()["items"]) == 1
    other = shop.post("/campaigns", json=PLANNED, headers=key)
    assert_problem(other, 422, "idempotency_key_reused")


@pytest.mark.parametrize("role", Role)
def test_only_marketing_and_administrators_write(shop: TestClient, role: Role) -> None:
    path = f"/campaigns/{created(shop, PLANNED)}"
    answers = [
        shop.post("/campaigns", role=role, json=RUNNING),
        shop.call("PUT", path, role=role, json=PLANNED),
        shop.call("PUT", f"{path}/products", role=role, json={"products": [{"item_id": "b"}]}),
        shop.call("DELETE", path, role=role),
    ]
    if role in CAMPAIGN_PLANNERS:
        assert [answer.status_code for answer in answers] == [201, 200, 200, 204]
    else:
        for answer in answers:
            assert_problem(answer, 403, "role_not_allowed")
        for read in ("/campaigns", path, f"{path}/products", f"{path}/performance"):
            assert shop.get(read, role=role).status_code == 200


def test_without_products_it_needs_no_metrics(client: TestClient) -> None:
    campaign_id = created(client)
    assert client.get(f"/campaigns/{campaign_id}").json()["status"] == "running"
    assert_problem(create(client, None, "a"), 404, "catalog_not_ready")
    client.stock([Product("a", "Lantern")], {"a": {"LONDON": "1"}})
    client.refresh()
    client.call("PUT", f"/campaigns/{campaign_id}/products", json={"products": products("a")})
    assert in_campaigns(client) == {"a": ("Summer", "running")}


def test_what_it_costs(shop: TestClient, meter: FirestoreMeter) -> None:
    """Writes: the campaign, the edit, the pointer. Reads: the campaign, the pointer."""
    campaign_id = created(shop, None, "b")
    shop.get("/products")
    meter.reset()
    shop.call("PUT", f"/campaigns/{campaign_id}", json=RUNNING | {"name": "Sun"})
    billed = meter.of(shop.client_id)
    assert (billed.writes, billed.deletes) == (3, 0)
    assert billed.reads == 2
    meter.reset()
    assert in_campaigns(shop) == {"b": ("Sun", "running")}
    assert meter.of(shop.client_id) == Billed(reads=2)
    meter.reset()
    in_campaigns(shop)
    assert meter.of(shop.client_id) == Billed(reads=1)
    meter.reset()
    shop.get(f"/campaigns/{campaign_id}/products")
    assert meter.of(shop.client_id) == Billed(reads=2)
    meter.reset()
    shop.get("/campaigns")
    assert meter.of(shop.client_id) == Billed(reads=2)  # each campaign once, the pointer
    meter.reset()
    shop.get("/campaigns?status=running&sort=name")
    assert meter.of(shop.client_id) == Billed(reads=1)


def test_a_list_reads_campaigns_again_after_changes_of_campaigns_alone(shop: TestClient, meter: FirestoreMeter) -> None:
    """Other edits of the catalog cost their own read; what is read again is what was written."""
    first, second = created(shop, None, "b"), created(shop, None, "c")

    def listed() -> tuple[int, set[str]]:
        meter.reset()
        answer = shop.get("/campaigns").json()
        return meter.of(shop.client_id).reads, {campaign["name"] for campaign in answer["items"]}

    assert listed()[1] == {"Summer"}
    assert listed()[0] == 1
    assert shop.post("/suppliers", json={"name": "Acme"}).status_code == 201
    assert listed()[0] == 2  # the pointer, the edit
    shop.call("PUT", f"/campaigns/{first}", json=RUNNING | {"name": "Sun"})
    assert listed() == (4, {"Sun", "Summer"})  # both campaigns as well
    ended = RUNNING | {"name": "Over", "status": "ended"}
    shop.call("PUT", f"/campaigns/{second}", json=ended)
    assert listed() == (4, {"Sun", "Over"})
    shop.call("PUT", f"/campaigns/{second}", json=ended | {"name": "Gone"})  # not in the catalog any more
    assert listed() == (4, {"Sun", "Gone"})
    assert shop.call("DELETE", f"/campaigns/{second}").status_code == 204
    assert listed() == (3, {"Sun"})
    publish(shop.tenant, catalog_rows({"item_id": "b"}))
    assert listed()[1] == {"Sun"}
    assert listed()[0] == 1
