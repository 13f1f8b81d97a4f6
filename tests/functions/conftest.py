"""Clients and users that several folders look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.running import Running
    from tests.support.tenants import TestClient
    from tests.support.users import SignedUp


@pytest.fixture(scope="session")
def full_shop(running: Running) -> TestClient:
    """A shop in which everything occurs; for tests that change nothing in it."""
    from tests.support.shops import fill

    return fill(running.new_client())


@pytest.fixture
def open_shop(client: TestClient) -> TestClient:
    """The same products, published by hand; free to change."""
    from tests.support.editable_shop import editable_shop

    return editable_shop(client)


@pytest.fixture
def new_user(new_client: Callable[[], TestClient]) -> Callable[..., SignedUp]:
    """Makes users, each of a client of its own."""
    from tests.support.users import sign_up

    def make(**fields: Any) -> SignedUp:
        return sign_up(new_client(), **fields)

    return make


@pytest.fixture
def user(new_user: Callable[..., SignedUp]) -> SignedUp:
    return new_user()
