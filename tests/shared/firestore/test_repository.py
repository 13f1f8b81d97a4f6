"""What every collection of domain objects can do."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from google.api_core.exceptions import Aborted

from shared.domain.errors import NotFound
from shared.firestore import transaction as module
from shared.firestore.codec import Codec
from shared.firestore.page import Page, PageRequest, values_at
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
    stored = things.find("a/1")
    assert stored == saved
    assert stored is not None
    assert (stored.value, stored.version, stored.updated_at) == (changed, saved.version, saved.updated_at)
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
    def page(request: PageRequest) -> Page[Thing]:
        query = things.collection.order_by("size")
        return things.page_of(
            query, request, lambda place: {"size": values_at(place, str)[0]}, lambda thing: str(thing.size)
        )

    place = None
    for number, items in enumerate((THINGS[:2], THINGS[2:4], THINGS[4:]), start=1):
        by_number, behind = page(PageRequest(2, number)), page(PageRequest(2, number, place))
        assert by_number == behind == (items, behind.following, len(THINGS))
        place = behind.following
    assert place is None
    assert page(PageRequest(2, 4)) == ([], None, len(THINGS))


def test_a_page_bills_its_items_what_it_skips_and_a_count(
    client: TestClient, things: Documents[Thing], meter: FirestoreMeter
) -> None:
    def reads(request: PageRequest) -> int:
        meter.reset()
        things.page_of(
            things.collection.order_by("size"), request, lambda place: {"size": place}, lambda thing: str(thing.size)
        )
        return meter.of(client.client_id).reads

    assert reads(PageRequest(2)) == 2 + 1
    assert reads(PageRequest(2, 2)) == 2 + 2 + 1
    assert reads(PageRequest(2, 2, "1")) == 2 + 1
    assert reads(PageRequest(2, 3)) == 4 + 1  # the last page tells the total


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
    assert things.get("a/0").value == THINGS[0]
