"""What a service is told about the request."""

from __future__ import annotations

import datetime as dt

from shared.config import config
from shared.domain.access.audit import Actor
from shared.domain.access.principal import Principal, Role
from shared.request_context import RequestContext
from tests.support.firestore_meter import FirestoreMeter
from tests.support.tenants import TODAY, TestClient

NOW = dt.datetime(2024, 6, 3, 12, tzinfo=dt.UTC)


def context(client: TestClient, request_id: str | None = None) -> RequestContext:
    caller = Principal("buyer", client.client_id, Role.PROCUREMENT)
    return RequestContext(config(), client.tenant, caller, NOW, request_id=request_id)


def test_the_actor_is_the_caller_at_the_time_of_the_request(client: TestClient) -> None:
    assert context(client).actor == Actor("buyer", Role.PROCUREMENT, NOW)


def test_the_clients_day_costs_one_read_however_often_it_is_asked_for(
    client: TestClient, meter: FirestoreMeter
) -> None:
    asked = context(client)
    assert asked.today == asked.today == TODAY
    assert asked.client.currency == "GBP"
    assert meter.of("").reads == 1  # the record itself lies below no client


def test_what_a_repeatable_request_creates_has_its_id(client: TestClient) -> None:
    repeatable, other = context(client, "abc"), context(client)
    assert repeatable.repeatable
    assert repeatable.new_id() == "abc"
    assert not other.repeatable
    assert other.new_id() != other.new_id()
