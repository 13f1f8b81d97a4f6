"""Dismissing a recommendation: for everybody, over refreshes, until its day; and undoing it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from shared.catalog.store import CatalogStore
from shared.domain.access.principal import DISMISSERS, Role
from shared.domain.purchasing.product import Product
from tests.support.catalogs import catalog_rows, profile, profile_frame, publish
from tests.support.firestore_meter import FirestoreMeter
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient

DEAD_A = "DEAD_STOCK:a~2F1"
DEAD_B = "DEAD_STOCK:b"


@pytest.fixture
def shop(running: Running) -> TestClient:
    """Two dead products, one of them at two locations; free to change."""
    client = TestClient(running.base_url).create()
    show(client)
    return client


def show(client: TestClient, as_of: dt.date = TODAY, read_time: dt.datetime | None = None) -> None:
    sold = TODAY - dt.timedelta(200)
    made = {"current_stock": Decimal(1), "first_record": sold, "last_sale": sold}
    places = [("a/1", None), ("b", None), ("b", "LONDON"), ("b", "R&D @ 1/2")]
    publish(
        client.tenant,
        catalog_rows(*({"item_id": item, "location_id": place, **made} for item, place in places)),
        as_of=as_of,
        read_time=read_time,
    )


def shown(client: TestClient, query: str = "") -> list[str]:
    page = client.get(f"/recommendations?{query}").json()
    assert page["total"] == sum(page["counts"].values())
    return [one["id"] for one in page["items"]]


def dismiss(client: TestClient, recommendation_id: str, role: Role | None = None, **body: Any) -> Any:
    return client.post(f"/recommendations/{recommendation_id}/dismiss", role=role, json=body)


def undo(client: TestClient, recommendation_id: str, role: Role | None = None) -> Any:
    return client.call("DELETE", f"/recommendations/{recommendation_id}/dismiss", role=role)


def test_it_is_not_shown_from_then_on_and_shown_again_when_undone(shop: TestClient) -> None:
    assert shown(shop) == [DEAD_A, DEAD_B]
    answer = dismiss(shop, DEAD_A, reason="Season starts soon")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["id"], answer.json()["item_id"], answer.json()["reason"]) == (
        DEAD_A,
        "a/1",
        "Season starts soon",
    )
    assert shown(shop) == [DEAD_B]
    assert undo(shop, DEAD_A).status_code == 204
    assert shown(shop) == [DEAD_A, DEAD_B]


def test_it_can_be_looked_at_with_who_dismissed_it_and_when(shop: TestClient) -> None:
    before = dt.datetime.now(dt.UTC)
    dismiss(shop, DEAD_A, until="2024-06-30")
    first, second = shop.get("/recommendations?include_dismissed=true").json()["items"]
    assert (first["id"], second["id"], second["dismissed"]) == (DEAD_A, DEAD_B, None)
    assert (first["dismissed"]["by"], first["dismissed"]["until"]) == (f"user-{shop.client_id}", "2024-06-30")
    at = dt.datetime.fromisoformat(first["dismissed"]["at"])
    assert before - dt.timedelta(seconds=1) <= at <= dt.datetime.now(dt.UTC)


def test_it_is_of_one_location_only(shop: TestClient) -> None:
    at_place = "DEAD_STOCK:b@R~26D~20~40~201~2F2"
    assert shown(shop, "location_id=R%26D+%40+1/2") == [at_place]
    assert dismiss(shop, at_place).json()["location_id"] == "R&D @ 1/2"
    assert shown(shop, "location_id=R%26D+%40+1/2") == []
    assert shown(shop, "location_id=LONDON") == ["DEAD_STOCK:b@LONDON"]
    assert DEAD_B in shown(shop)


def test_an_id_is_the_same_encoded_or_not(shop: TestClient) -> None:
    assert dismiss(shop, "DEAD_STOCK%3Ab%40R~26D~20~40~201~2F2").status_code == 200
    assert shown(shop, "location_id=R%26D+%40+1/2") == []


def test_twice_is_as_once_with_the_latest_day(shop: TestClient) -> None:
    dismiss(shop, DEAD_A, until="2024-06-30")
    dismiss(shop, DEAD_A, until="2024-07-31")
    (item,) = [
        one for one in shop.get("/recommendations?include_dismissed=true").json()["items"] if one["id"] == DEAD_A
    ]
    assert item["dismissed"]["until"] == "2024-07-31"
    dismiss(shop, DEAD_A)
    assert undo(shop, DEAD_A).status_code == 204
    assert shown(shop) == [DEAD_A, DEAD_B]


@pytest.mark.parametrize(("as_of", "again"), [("2024-06-29", False), ("2024-06-30", False), ("2024-07-01", True)])
def test_it_comes_back_after_its_last_day(shop: TestClient, as_of: str, again: bool) -> None:
    before = CatalogStore(shop.tenant).pointer().read_time
    dismiss(shop, DEAD_A, until="2024-06-30")
    # Of a state before the dismissal, which so stays on top of it: a snapshot made by hand has no side tables.
    show(shop, dt.date.fromisoformat(as_of), before)
    dismissed = [] if again else [DEAD_A]
    assert shown(shop) == ([DEAD_A, DEAD_B] if again else [DEAD_B])
    items = shop.get("/recommendations?include_dismissed=true").json()["items"]
    assert [one["id"] for one in items if one["dismissed"]] == dismissed


@pytest.mark.parametrize("rebuild", [False, True])
def test_it_stays_over_refreshes(client: TestClient, rebuild: bool) -> None:
    client.stock([Product("a/1", "Lantern"), Product("b", "Mug")], {"a/1": {"LONDON": "1"}, "b": {"LONDON": "1"}})
    client.sell(
        [
            {"item_id": item, "location_id": "LONDON", "date_local": TODAY - dt.timedelta(200), "units_sold": 1}
            for item in ("a/1", "b")
        ]
    )
    client.refresh()
    assert shown(client) == [DEAD_A, DEAD_B]
    dismiss(client, DEAD_A, until="2024-06-30")
    client.refresh(rebuild=rebuild)
    assert shown(client) == [DEAD_B]
    item = client.get("/recommendations?include_dismissed=true").json()["items"][0]
    assert (item["id"], item["dismissed"]["until"]) == (DEAD_A, "2024-06-30")
    assert item["dismissed"]["at"].endswith("Z")
    client.create(business_date=dt.date(2024, 7, 1))
    client.refresh()
    assert shown(client) == [DEAD_A, DEAD_B]


@pytest.mark.parametrize("until", ["2024-06-02", "1999-12-31"])
def test_a_day_in_the_past_is_refused(shop: TestClient, until: str) -> None:
    problem = assert_problem(dismiss(shop, DEAD_A, until=until), 422, "until_in_the_past")
    assert problem["errors"][0]["pointer"] == "/until"
    assert until in problem["detail"]
    assert "2024-06-03" in problem["detail"]
    assert shown(shop) == [DEAD_A, DEAD_B]


def test_today_is_not_past(shop: TestClient) -> None:
    assert dismiss(shop, DEAD_A, until="2024-06-03").status_code == 200
    assert shown(shop) == [DEAD_B]


@pytest.mark.parametrize(
    ("body", "code"),
    [({"until": "soon"}, "invalid_input"), ({"reason": ""}, "invalid_input"), ({"why": "x"}, "unknown_field")],
)
def test_a_body_that_cannot_be_is_refused(shop: TestClient, body: dict[str, Any], code: str) -> None:
    assert_problem(dismiss(shop, DEAD_A, **body), 422, code)
    assert shown(shop) == [DEAD_A, DEAD_B]


@pytest.mark.parametrize("act", [dismiss, undo])
@pytest.mark.parametrize("recommendation_id", ["nonsense", "PANIC:b", "DEAD_STOCK:a%2F1", "DEAD_STOCK:b@"])
def test_a_malformed_id_is_not_found(shop: TestClient, act: Callable[..., Any], recommendation_id: str) -> None:
    problem = assert_problem(act(shop, recommendation_id), 404, "recommendation_not_found")
    assert "TYPE:item_id" in problem["detail"]


def test_what_is_not_there_cannot_be_dismissed(shop: TestClient) -> None:
    problem = assert_problem(dismiss(shop, "URGENT:nothing"), 404, "product_not_found")
    assert "'nothing'" in problem["detail"]
    problem = assert_problem(dismiss(shop, "URGENT:b@PARIS"), 404, "recommendation_not_found")
    assert "'PARIS'" in problem["detail"]


def test_what_is_not_dismissed_cannot_be_undone(shop: TestClient) -> None:
    problem = assert_problem(undo(shop, DEAD_A), 404, "not_dismissed")
    assert DEAD_A in problem["detail"]
    dismiss(shop, DEAD_A)
    undo(shop, DEAD_A)
    assert_problem(undo(shop, DEAD_A), 404, "not_dismissed")


@pytest.mark.parametrize("role", Role)
def test_only_those_who_act_on_it_may(shop: TestClient, role: Role) -> None:
    answers = [dismiss(shop, DEAD_A, role), undo(shop, DEAD_A, role)]
    if role in DISMISSERS:
        assert [answer.status_code for answer in answers] == [200, 204]
    else:
        for answer in answers:
            assert_problem(answer, 403, "role_not_allowed")


def test_nobody_takes_away_what_only_others_are_shown(shop: TestClient) -> None:
    for answer in (dismiss(shop, "URGENT:b", Role.MARKETING), undo(shop, "URGENT:b", Role.MARKETING)):
        problem = assert_problem(answer, 403, "recommendation_not_yours")
        assert "PROMOTE, DEAD_STOCK" in problem["detail"]
    assert dismiss(shop, "URGENT:b", Role.PROCUREMENT).status_code == 200


@pytest.fixture
def selling(running: Running) -> TestClient:
    """Two products that run out, `a` also at LONDON; free to change."""
    client = TestClient(running.base_url).create()
    sold = {"first_record": TODAY - dt.timedelta(200), "last_sale": TODAY - dt.timedelta(1)}
    rows = [{"item_id": "a", **sold}, {"item_id": "a", "location_id": "LONDON", **sold}, {"item_id": "b", **sold}]
    daily = [profile("a", daily=[1.0] * 90), profile("a", "LONDON", daily=[1.0] * 90), profile("b", daily=[1.0] * 90)]
    publish(client.tenant, catalog_rows(*rows), profile_frame(*daily))
    return client


def test_alerts_leave_out_what_is_dismissed_and_say_how_many(selling: TestClient) -> None:
    def alerts(query: str = "") -> dict[str, tuple[int, int]]:
        found = selling.get(f"/dashboard?{query}").json()["alerts"]
        for alert in found:
            assert selling.get(alert["link"]).json()["total"] == alert["count"]
        return {alert["code"]: (alert["count"], alert["snoozed"]) for alert in found}

    assert shown(selling) == ["URGENT:a", "URGENT:b"]
    assert alerts() == {"stockout_imminent": (2, 0), "out_of_stock": (2, 0)}
    at_london = {"stockout_imminent": (1, 0), "out_of_stock": (1, 0)}
    dismiss(selling, "URGENT:a", until="2024-06-30")
    assert alerts() == {"stockout_imminent": (1, 1), "out_of_stock": (1, 1)}
    assert alerts("location_id=LONDON") == {}
    undo(selling, "URGENT:a")
    assert alerts() == {"stockout_imminent": (2, 0), "out_of_stock": (2, 0)}
    assert alerts("location_id=LONDON") == at_london
    dismiss(selling, "URGENT:a@LONDON")
    assert alerts("location_id=LONDON") == {}
    assert alerts() == {"stockout_imminent": (2, 0), "out_of_stock": (2, 0)}


def test_what_is_not_to_be_ordered_of_a_product_is_not_to_be_ordered_for_its_locations(selling: TestClient) -> None:
    at_london = "location_id=LONDON"
    assert shown(selling, at_london) == ["URGENT:a@LONDON"]
    dismiss(selling, "REORDER:a")
    assert shown(selling, at_london) == []
    (hidden,) = selling.get(f"/recommendations?{at_london}&include_dismissed=true").json()["items"]
    assert (hidden["id"], hidden["dismissed"]["recommendation_id"]) == ("URGENT:a@LONDON", "REORDER:a")
    assert undo(selling, "URGENT:a@LONDON").status_code == 404
    assert undo(selling, hidden["dismissed"]["recommendation_id"]).status_code == 204
    assert shown(selling, at_london) == ["URGENT:a@LONDON"]


def test_an_order_that_is_dismissed_does_not_come_back_because_it_is_urgent_now(selling: TestClient) -> None:
    dismiss(selling, "REORDER:a")
    assert shown(selling) == ["URGENT:b"]
    (first, _) = selling.get("/recommendations?include_dismissed=true").json()["items"]
    assert (first["id"], first["dismissed"]["until"]) == ("URGENT:a", None)
    dismiss(selling, "URGENT:a", until="2024-06-30")
    (first, _) = selling.get("/recommendations?include_dismissed=true").json()["items"]
    assert (first["id"], first["dismissed"]["until"]) == ("URGENT:a", "2024-06-30")
    dismiss(selling, "REORDER:a", until="2024-07-31")
    assert undo(selling, "URGENT:a").status_code == 204
    assert shown(selling) == ["URGENT:a", "URGENT:b"]
    assert_problem(undo(selling, "REORDER:a"), 404, "not_dismissed")


def test_another_clients_are_none_of_ours(shop: TestClient, new_client: Callable[[], TestClient]) -> None:
    other = new_client()
    show(other)
    dismiss(shop, DEAD_A)
    assert shown(other) == [DEAD_A, DEAD_B]


def test_what_a_dismissal_costs(shop: TestClient, meter: FirestoreMeter) -> None:
    shown(shop)
    meter.reset()
    dismiss(shop, DEAD_A)
    billed = meter.of(shop.client_id)
    assert (billed.reads <= 4, billed.writes, billed.deletes) == (True, 3, 0)
    meter.reset()
    assert shown(shop) == [DEAD_B]
    assert meter.of(shop.client_id).reads <= 2
