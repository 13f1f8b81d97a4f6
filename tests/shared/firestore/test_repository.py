"""What every collection of domain objects can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from google.api_core.exceptions import Aborted

from shared.domain.errors import NotFound
from shared.firestore import transaction as module
from shared.firestore.codec import Codec
from shared.firestore.page import Page, values_at
from shared.firestore.repository import Documents, Repository
from tests.support.firestore_meter import FirestoreMeter
from tests.support.tenants import TestClient


@dataclass(frozen=True)
class Thing:
    name: str
    size: int


CODEC = Codec[Thing](
    identifier=lambda thing: thing.name,
    encode=lambda thing: {"name": thing.name, "size": str(thing.size)},
    decode=lambda fields: Thing(fields["name"], int(fields["size"])),
)
THINGS = [Thing(f"a/{number}", number) for number in range(5)]


@pytest.fixture
def things(client: TestClient) -> Documents[Thing]:
    documents = Documents(client.tenant.database, client.tenant.collection("things"), CODEC)
    assert documents.put_many(THINGS) == len(THINGS)
    return documents


def test_a_value_comes_back_with_the_version_that_its_commit_gave_it(
    client: TestClient, things: Documents[Thing]
) -> None:
    changed = Thing("a/1", 11)
    saved = client.tenant.transact(lambda transaction: things.put(transaction, changed))
    assert things.find("a/1") == (changed, saved.version)
    assert things.exists("a/1")
    client.tenant.transact(lambda transaction: things.delete(transaction, "a/1"))
    assert things.find("a/1") is None
    assert not things.exists("a/1")


def test_many_come_in_the_order_of_their_identifiers_without_those_that_there_are_not(
    things: Documents[Thing], client: TestClient, meter: FirestoreMeter
) -> None:
    meter.reset()
    assert list(things.get_many(["a/3", "none", "a/0", "a/3"]).items()) == [("a/3", THINGS[3]), ("a/0", THINGS[0])]
    assert meter.of(client.client_id).reads == 3
    assert things.get_many([]) == {}
    assert list(things.every()) == THINGS


def test_pages_follow_each_other(things: Documents[Thing]) -> None:
    def page(place: str | None) -> Page[Thing]:
        start: dict[str, Any] | None = None if place is None else {"size": values_at(place, str)[0]}
        return things.page_of(things.collection.order_by("size"), 2, start, lambda thing: str(thing.size))

    seen, place = list[Thing](), None
    while True:
        items, place = page(place)
        seen += items
        if place is None:
            break
    assert seen == THINGS


def test_what_is_created_was_not_there(
    client: TestClient, things: Documents[Thing], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ATTEMPTS", 1)
    with pytest.raises(Aborted):
        client.tenant.transact(lambda transaction: things.create(transaction, THINGS[0]))


def test_a_repository_says_what_is_missing(client: TestClient) -> None:
    def missing(name: str) -> NotFound:
        return NotFound(f"no thing {name!r}")

    things = Repository(client.tenant.database, client.tenant.collection("things"), CODEC, missing)
    with pytest.raises(NotFound, match="no thing 'x'"):
        things.get("x")
    things.put_now(THINGS[0])
    assert things.get("a/0")[0] == THINGS[0]
