"""The locations' documents, and which of them is the default."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.errors import NotFound
from shared.domain.location import Location, LocationType
from shared.firestore.locations import Locations
from shared.firestore.page import PageRequest
from tests.support.firestore_meter import FirestoreMeter
from tests.support.running import Running
from tests.support.tenants import TestClient

FULL = Location("a/b", "Ünï", LocationType.STORE, "1 Mill Lane", "London", "GB", is_synced=True)


def test_what_goes_in_comes_out(client: TestClient) -> None:
    locations = Locations(client.tenant)
    assert locations.put_many([FULL, Location("z", "Z")]) == 2
    assert locations.get("a/b").value == FULL
    assert locations.names() == {"a/b": "Ünï", "z": "Z"}
    assert (locations.exists("z"), locations.exists("y")) == (True, False)
    with pytest.raises(NotFound, match="no location 'y'"):
        locations.get("y")


def test_where_an_order_goes_that_names_no_location(client: TestClient, meter: FirestoreMeter) -> None:
    locations = Locations(client.tenant)
    assert locations.default_id() is None
    locations.put_many([Location("b", "B", is_synced=True), Location("a", "A", is_synced=True)])
    meter.reset()
    assert locations.default_id() == "a"
    assert meter.of(client.client_id).reads == 2
    client.tenant.transact(lambda transaction: locations.put(transaction, Location("c", "C", is_default=True)))
    meter.reset()
    assert locations.default_id() == "c"
    assert meter.of(client.client_id).reads == 1


IDS = st.sampled_from(["a", "b", "c"])
STEPS = st.lists(st.tuples(st.sampled_from(["put", "default", "delete"]), IDS), max_size=6)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(STEPS)
def test_at_most_one_location_is_the_default_whatever_happens(running: Running, steps: list[tuple[str, str]]) -> None:
    tenant = TestClient(running.base_url).tenant
    locations, expected = Locations(tenant), dict[str, bool]()
    for what, key in steps:
        if what == "delete":
            if key in expected:
                stored = locations.get(key).value
                tenant.transact(lambda transaction, one=stored: locations.remove(transaction, one))  # type: ignore[misc]
                del expected[key]
            continue
        new = Location(key, key, is_default=what == "default")
        tenant.transact(lambda transaction, one=new: locations.put(transaction, one))  # type: ignore[misc]
        if new.is_default:
            expected = dict.fromkeys(expected, False)
        expected[key] = new.is_default
    found = [location.value for location in locations.page(PageRequest(10)).items]
    assert {location.location_id: location.is_default for location in found} == expected
    named = next((key for key, is_default in expected.items() if is_default), None)
    assert locations.default_id() == (named or min(expected, default=None))
